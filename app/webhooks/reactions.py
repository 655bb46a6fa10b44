"""What other software is told of everything that happens."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import observe, reacts_to
from app.people.events import PeopleMerged
from app.people.models import Person
from app.webhooks.models import Subscription
from app.webhooks.telling import tell_other_software

observe(tell_other_software)


@reacts_to(PeopleMerged)
async def follow_the_owner(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """Whose endpoints one entry of the register kept, the other keeps."""
    kept = await session.get_one(Person, (community_id, event.kept_id))
    await session.execute(
        update(Subscription)
        .where(Subscription.community_id == community_id, Subscription.owner_id == event.gone_id)
        .values(owner_id=kept.merged_into_id or kept.id)
    )
