"""Orders to neighbourhood services: requests that whoever made the offer handles."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations.models import Listing
from app.people.access import Actor
from app.places.models import Place
from app.service_requests import service
from app.service_requests.models import Category, Channel, ServiceRequest
from app.service_requests.permissions import ORDER
from app.service_requests.problems import ListingWithdrawn


async def order(
    session: AsyncSession,
    listing: Listing,
    *,
    place: Place,
    summary: str,
    answers: Mapping[str, Any] | None = None,
    photos: Sequence[UUID] = (),
    channel: Channel,
    by: Actor,
) -> ServiceRequest:
    """Order for oneself what is offered at a place: a request that its organisation handles.

    The listing comes with its organisation and places (`organizations.queries.listings_of`).
    Raises `ListingWithdrawn` where it is not offered (any more), and what `service.file` refuses.
    """
    ORDER.demand(by, at=place.path)
    category = await session.scalar(
        select(Category).where(
            Category.community_id == listing.community_id, Category.code == listing.category_code
        )
    )
    if category is None or not listing.offered_at(place):
        raise ListingWithdrawn
    return await service.file(
        session,
        category=category,
        listing=listing,
        place=place,
        summary=summary,
        answers=answers,
        photos=photos,
        reporter_id=by.id if by.kind == "person" else None,
        channel=channel,
        by=by,
    )
