"""What a rated order means to the offer it came from."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact, about, reacts_to
from app.organizations.models import Listing, Member
from app.organizations.queries import members_of
from app.service_requests.events import RequestRated
from app.service_requests.models import ServiceRequest


@reacts_to(RequestRated)
async def count_the_rating(session: AsyncSession, event: RequestRated, community_id: UUID) -> None:
    """Add it to the offer's; an order that was done anew counts once, by its last rating.

    What a merchant's own people rate does not speak for it.
    """
    request = await session.get_one(ServiceRequest, (community_id, event.request_id))
    if request.listing_id is None:
        return
    listing = await session.get_one(Listing, (community_id, request.listing_id))
    own = members_of(community_id, listing.organization_id)
    if await session.scalar(own.where(Member.person_id == request.reporter_id)):
        return
    before = await _before(session, event, community_id)
    sums = {
        "rated": Listing.rated + (0 if before else 1),
        "score_sum": Listing.score_sum + event.score - (before.score if before else 0),
        "updated_at": Listing.updated_at,
    }
    this = Listing.community_id == community_id, Listing.id == listing.id
    await session.execute(update(Listing).where(*this).values(sums))


async def _before(
    session: AsyncSession, event: RequestRated, community_id: UUID
) -> RequestRated | None:
    """How the order was rated the last time before this, if it was."""
    facts = about(community_id, event.request_id).where(Fact.kind == RequestRated.kind)
    ratings = [RequestRated.model_validate(each.payload) for each in await session.scalars(facts)]
    earlier = [rating for rating in ratings if rating.round < event.round]
    return max(earlier, key=lambda rating: rating.round, default=None)
