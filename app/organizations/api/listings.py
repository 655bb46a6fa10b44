"""Services to the neighbourhood on offer: what, where, for how much, and how they were rated."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.organizations import queries, service
from app.organizations.api import naming
from app.organizations.models import Listing
from app.organizations.schemas import ListingChange, ListingFilters, ListingIn, ListingOut
from app.people.access import Me

router = APIRouter(prefix="/api/v1/listings", tags=["listings"], route_class=Route)


async def held(session: Session, me: Me, listing_id: UUID) -> Listing:
    """The offer of this id, if the caller may see it."""
    seen = queries.listings_visible_to(me).where(Listing.id == listing_id)
    return await existing(session, seen)


Held = Annotated[Listing, Depends(held)]


async def held_alone(session: Session, listing: Held, http: Request) -> Listing:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    columns = [column.key for column in Listing.__mapper__.column_attrs]
    await session.refresh(listing, columns, with_for_update={"key_share": True})
    await session.refresh(listing, ["place"])
    matches(http, listing.version)
    return listing


HeldAlone = Annotated[Listing, Depends(held_alone)]


@router.get("", response_model=Page[ListingOut])
async def list_listings(
    session: Session, me: Me, asked: Annotated[ListingFilters, Query()]
) -> dict[str, object]:
    """What is offered, oldest first; of a kind, to order at a place, of one organisation."""
    rows = queries.listings_visible_to(me)
    if asked.category:
        rows = rows.where(Listing.category_code == asked.category)
    if asked.place:
        rows = rows.where(queries.offered_at(me.community_id, asked.place))
    if asked.organization:
        rows = rows.where(Listing.organization_id == asked.organization)
    return await paged(session, rows, asked, by=Listing.id, newest_first=False)


@router.post("", status_code=201, response_model=ListingOut, responses=problems(Invalid, Forbidden))
async def add_listing(session: Session, me: Me, asked: ListingIn, response: Response) -> Listing:
    """Offer a service, for the organisation one heads or manages."""
    organization = await naming.organization(session, me, asked.organization_id)
    place = await naming.place(session, me, asked.place_id)
    columns = asked.model_dump(exclude={"organization_id", "place_id"})
    listing = await service.add_listing(session, organization, **columns, place=place, by=me)
    response.headers["ETag"] = etag(listing.version)
    return listing


@router.get("/{listing_id}", response_model=ListingOut, responses=problems(NotFound))
async def read_listing(listing: Held, response: Response) -> Listing:
    """A service on offer."""
    response.headers["ETag"] = etag(listing.version)
    return listing


@router.patch(
    "/{listing_id}",
    response_model=ListingOut,
    responses=problems(NotFound, Invalid, Forbidden, Changed),
)
async def change_listing(
    session: Session, me: Me, listing: HeldAlone, asked: ListingChange, response: Response
) -> Listing:
    """Offer a service otherwise, or withdraw it; `If-Match` guards against lost changes."""
    place = await naming.place(session, me, asked.place_id) if asked.place_id else None
    columns = asked.model_dump(exclude_unset=True, exclude={"place_id"})
    await service.change_listing(session, listing, columns, place=place, by=me)
    response.headers["ETag"] = etag(listing.version)
    return listing
