"""What an organisation offers to the neighbourhood."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.organizations.events import ListingAdded, ListingChanged
from app.organizations.models import Listing, Organization
from app.organizations.permissions import LISTINGS
from app.organizations.service.rights import demand
from app.people.access import Actor
from app.places.models import Place


async def add_listing(
    session: AsyncSession,
    organization: Organization,
    *,
    category_code: str,
    title: str,
    place: Place,
    description: str | None = None,
    price_note: str | None = None,
    by: Actor,
) -> Listing:
    """Offer a service within a place; `Invalid` where the organisation does not work.

    The category is that of the requests that orders become, and is looked for when one is made.
    """
    await demand(session, LISTINGS, organization, by)
    _demand_within(organization, place)
    listing = Listing(
        community_id=organization.community_id,
        id=new_id(),
        organization_id=organization.id,
        category_code=category_code,
        title=title,
        description=description,
        place_id=place.id,
        price_note=price_note,
    )
    session.add(listing)
    await session.flush()
    set_committed_value(listing, "organization", organization)
    set_committed_value(listing, "place", place)
    event = ListingAdded(listing_id=listing.id, organization_id=organization.id)
    await record(session, event, by=by)
    return listing


async def change_listing(
    session: AsyncSession,
    listing: Listing,
    columns: Mapping[str, Any],
    *,
    place: Place | None = None,
    by: Actor,
) -> Listing:
    """Offer a service otherwise or elsewhere, withdraw it (`active`), or take that back."""
    await demand(session, LISTINGS, listing.organization, by)
    if place:
        _demand_within(listing.organization, place)
        columns = {**columns, "place_id": place.id}
    was = {name: getattr(listing, name) for name in columns}
    new = {name: value for name, value in columns.items() if value != was[name]}
    for name, value in new.items():
        setattr(listing, name, value)
    if new:
        await session.flush()
        event = ListingChanged(
            listing_id=listing.id, was={name: was[name] for name in new}, now=new
        )
        await record(session, event, by=by)
    if place:
        set_committed_value(listing, "place", place)
    return listing


def _demand_within(organization: Organization, place: Place) -> None:
    if not place.within(organization.place.path):
        message = "lies outside the place where the organisation works"
        raise Invalid(errors=[{"path": "body.place_id", "message": message}])
