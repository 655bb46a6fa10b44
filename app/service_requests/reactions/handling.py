"""Whose urges, visits and hours they are when two entries prove to be one person."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.facts import reacts_to
from app.people.events import PeopleMerged
from app.service_requests.models import Effort, ReturnVisit, Urge

_WHO = (ReturnVisit.by_id, Effort.person_id)


@reacts_to(PeopleMerged)
async def follow_the_person(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """What one entry did is the other's; their urges of a request are counted on."""
    for column in _WHO:
        table = column.class_
        theirs = (table.community_id == community_id, column == event.gone_id)
        await session.execute(update(table).where(*theirs).values({column.key: event.kept_id}))
    own = aliased(Urge)
    before = (
        select(func.coalesce(func.max(own.nth), 0))
        .where(
            own.community_id == Urge.community_id,
            own.request_id == Urge.request_id,
            own.person_id == event.kept_id,
        )
        .correlate(Urge)
        .scalar_subquery()
    )
    urged = (Urge.community_id == community_id, Urge.person_id == event.gone_id)
    counted_on = {"person_id": event.kept_id, "nth": Urge.nth + before}
    await session.execute(
        update(Urge).where(*urged).values(counted_on),
        execution_options={"synchronize_session": False},
    )
