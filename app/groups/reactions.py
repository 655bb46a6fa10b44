"""What follows for groups from what happens to people."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.groups import service
from app.people.events import PeopleMerged
from app.people.models import Person


@reacts_to(PeopleMerged)
async def follow_the_person(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """What one entry of the register is in groups, the other is."""
    kept = await session.get_one(Person, (community_id, event.kept_id))
    await service.hand_over(
        session, community_id, event.gone_id, kept.merged_into_id or event.kept_id
    )
