"""Who is no longer on the care register is not visited by plan any more."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.people.access import system
from app.people.events import CareEntryEnded, PeopleMerged
from app.service_requests import plans
from app.service_requests.models import Category, VisitPlan


@reacts_to(CareEntryEnded)
async def stop_visiting(session: AsyncSession, event: CareEntryEnded, community_id: UUID) -> None:
    """End the confidential plans of whoever left the register."""
    theirs = (
        select(VisitPlan)
        .join(
            Category,
            (Category.community_id == VisitPlan.community_id)
            & (Category.id == VisitPlan.category_id),
        )
        .where(
            VisitPlan.community_id == community_id,
            VisitPlan.person_id == event.person_id,
            VisitPlan.ended_at.is_(None),
            Category.confidential,
        )
    )
    for plan in await session.scalars(theirs.with_for_update(of=VisitPlan)):
        await plans.end(session, plan, by=system(community_id))


@reacts_to(PeopleMerged)
async def visit_the_person(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """Plans for one entry of the register are for the other."""
    for column in (VisitPlan.person_id, VisitPlan.worker_id):
        theirs = (VisitPlan.community_id == community_id, column == event.gone_id)
        await session.execute(update(VisitPlan).where(*theirs).values({column.key: event.kept_id}))
