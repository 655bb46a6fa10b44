"""Organisations of the town, who works for them, and what they offer."""

from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations import service as organizations
from app.organizations.models import Listing, Member, Organization, OrganizationKind
from app.people.access import system
from app.people.models import Person
from tests.service_requests.builders import Town, a_person

_numbers = count(1)


async def an_organization(
    session: AsyncSession,
    town: Town,
    name: str = "绿城物业",
    *,
    kind: OrganizationKind = OrganizationKind.PROPERTY,
    at: str = "/A1/",
) -> Organization:
    """An organisation that works within a place; the first area, if not said otherwise."""
    return await organizations.add(
        session,
        code=f"org-{next(_numbers)}",
        name=name,
        kind=kind,
        place=town.places[at],
        by=system(town.community.id),
    )


async def a_member(
    session: AsyncSession,
    town: Town,
    organization: Organization,
    name: str = "吴师傅",
    *,
    head: bool = False,
) -> Person:
    """Somebody who works for an organisation, signed in."""
    person = await a_person(session, town, name)
    await joins(session, organization, person, head=head)
    return person


async def joins(
    session: AsyncSession, organization: Organization, person: Person, *, head: bool = False
) -> Member:
    """Let somebody work for an organisation."""
    by = system(organization.community_id)
    return await organizations.add_member(session, organization, person, head=head, by=by)


async def a_listing(
    session: AsyncSession,
    town: Town,
    organization: Organization,
    *,
    at: str = "/A1/",
    **differently: Any,
) -> Listing:
    """What an organisation offers within a place."""
    offer = {"category_code": "housekeeping", "title": "日常保洁", "price_note": "30元/小时起"}
    return await organizations.add_listing(
        session,
        organization,
        **(offer | differently),
        place=town.places[at],
        by=system(town.community.id),
    )
