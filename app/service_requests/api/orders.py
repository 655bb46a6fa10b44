"""Orders to neighbourhood services."""

from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Forbidden, Invalid, problems
from app.core.web import Route, Session
from app.organizations.models import Listing
from app.organizations.queries import listings_of
from app.people.access import Actor, Me
from app.places.models import Place
from app.service_requests import orders, queries
from app.service_requests.api.requests import whole
from app.service_requests.models import Channel
from app.service_requests.problems import (
    CategoryWithdrawn,
    FormEnded,
    ListingWithdrawn,
    PhotoTaken,
)
from app.service_requests.schemas.orders import OrderIn
from app.service_requests.schemas.requests import RequestWhole

router = APIRouter(prefix="/api/v1/orders", tags=["listings"], route_class=Route)


@router.post(
    "",
    status_code=201,
    responses=problems(
        Forbidden, Invalid, ListingWithdrawn, CategoryWithdrawn, FormEnded, PhotoTaken
    ),
)
async def order(session: Session, me: Me, asked: OrderIn, response: Response) -> RequestWhole:
    """Order a service that is offered at a place; the order is a request like any other."""
    made = await orders.order(
        session,
        await _listing(session, me, asked.listing_id),
        place=await _place(session, me, asked.place_id),
        summary=asked.summary,
        answers=asked.answers,
        photos=asked.photos,
        channel=Channel.DESK if me.kind == "person" and me.is_staff else Channel.API,
        by=me,
    )
    request = await queries.whole(session, made.community_id, made.id)
    return await whole(session, request, me, response)


async def _listing(session: AsyncSession, me: Actor, listing_id: UUID) -> Listing:
    """The listing, also when it is withdrawn: whoever was looking at it is told so."""
    if found := await session.scalar(listings_of(me.community_id).where(Listing.id == listing_id)):
        return found
    raise Invalid(errors=_unknown("listing_id"))


async def _place(session: AsyncSession, me: Actor, place_id: UUID) -> Place:
    if found := await session.get(Place, (me.community_id, place_id)):
        return found
    raise Invalid(errors=_unknown("place_id"))


def _unknown(field: str) -> list[dict[str, str]]:
    return [{"path": f"body.{field}", "message": "there is no such thing here"}]
