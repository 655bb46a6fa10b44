"""What the fields of a body name: found among what the caller may see, or `Invalid`."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Invalid
from app.organizations import queries
from app.organizations.models import Organization
from app.people import queries as people
from app.people.access import Actor
from app.people.models import Person
from app.places import queries as places
from app.places.models import Place

T = TypeVar("T")


async def place(session: AsyncSession, me: Actor, place_id: UUID) -> Place:
    """The place of this id."""
    return await _one(session, places.visible_to(me).where(Place.id == place_id), "place_id")


async def organization(session: AsyncSession, me: Actor, organization_id: UUID) -> Organization:
    """The organisation of this id."""
    seen = queries.visible_to(me).where(Organization.id == organization_id)
    return await _one(session, seen, "organization_id")


async def person(session: AsyncSession, me: Actor, person_id: UUID) -> Person:
    """The resident or member of staff of this id."""
    resident = people.visible_to(me).where(Person.id == person_id)
    if known := await session.scalar(resident):
        return known
    staff = people.staff_visible_to(me).where(Person.id == person_id)
    return await _one(session, staff, "person_id")


async def _one(session: AsyncSession, seen: Select[T], field: str) -> T:
    if found := await session.scalar(seen):
        return found
    raise Invalid(errors=[{"path": f"body.{field}", "message": "there is no such thing here"}])
