"""Opening an organisation, and describing or placing it otherwise."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.facts import record
from app.core.ids import new_id
from app.organizations.events import OrganizationAdded, OrganizationChanged
from app.organizations.models import Organization, OrganizationKind
from app.organizations.permissions import MANAGE
from app.organizations.service.members import move_posts
from app.people.access import Actor
from app.places.models import Place


async def add(
    session: AsyncSession,
    *,
    code: str,
    name: str,
    kind: OrganizationKind,
    place: Place,
    handles: str | None = None,
    phone: str | None = None,
    address: str | None = None,
    by: Actor,
) -> Organization:
    """Let an organisation work within a place; `OrganizationExists` when the code is taken."""
    MANAGE.demand(by, at=place.path)
    organization = Organization(
        community_id=place.community_id,
        id=new_id(),
        code=code,
        name=name,
        kind=kind,
        place_id=place.id,
        handles=handles,
        phone=phone,
        address=address,
    )
    session.add(organization)
    await session.flush()
    set_committed_value(organization, "place", place)
    await record(session, OrganizationAdded(organization_id=organization.id), by=by)
    return organization


async def change(
    session: AsyncSession,
    organization: Organization,
    columns: Mapping[str, Any],
    *,
    place: Place | None = None,
    by: Actor,
) -> Organization:
    """Describe an organisation otherwise, withdraw it or take it back, or let it work elsewhere.

    Its people go with it to another place. `active` is a column like the others: who is withdrawn
    keeps what they have and offers nothing any more.
    """
    MANAGE.demand(by, at=organization.place.path)
    if place:
        MANAGE.demand(by, at=place.path)
        columns = {**columns, "place_id": place.id}
    was = {name: getattr(organization, name) for name in columns}
    new = {name: value for name, value in columns.items() if value != was[name]}
    for name, value in new.items():
        setattr(organization, name, value)
    if not new:
        return organization
    await session.flush()
    if place and "place_id" in new:
        set_committed_value(organization, "place", place)
        await move_posts(session, organization, by=by)
    event = OrganizationChanged(
        organization_id=organization.id, was={name: was[name] for name in new}, now=new
    )
    await record(session, event, by=by)
    return organization
