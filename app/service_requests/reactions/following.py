"""What follows for those who follow a request when two of them turn out to be one person."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.people.events import PeopleMerged
from app.service_requests.models import Follower


@reacts_to(PeopleMerged)
async def follow_the_person(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """What one entry of the register followed, the other follows; where both did, once."""
    rows = select(Follower).where(
        Follower.community_id == community_id,
        Follower.person_id.in_([event.kept_id, event.gone_id]),
    )
    first: dict[UUID, Follower] = {}
    for row in await session.scalars(rows.order_by(Follower.id).with_for_update()):
        kept = first.setdefault(row.request_id, row)
        if kept is not row:
            kept.merged_from_id = kept.merged_from_id or row.merged_from_id
            kept.hidden = kept.hidden or row.hidden
            await session.delete(row)
    await session.flush()
    for row in first.values():
        row.person_id = event.kept_id
