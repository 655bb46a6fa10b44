"""What the fields of a body name: found among what the caller may see, or `Invalid`."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Invalid
from app.groups.models import Bot
from app.people import queries as people
from app.people.access import Actor
from app.people.models import Person
from app.places import queries as places
from app.places.models import Place

T = TypeVar("T")


async def place(session: AsyncSession, me: Actor, place_id: UUID) -> Place:
    """The place of this id."""
    return await _one(session, places.visible_to(me).where(Place.id == place_id), "place_id")


async def person(
    session: AsyncSession, me: Actor, person_id: UUID, field: str = "person_id"
) -> Person:
    """The resident or member of staff of this id."""
    resident = people.visible_to(me).where(Person.id == person_id)
    if known := await session.scalar(resident):
        return known
    staff = people.staff_visible_to(me).where(
        Person.id == person_id, Person.merged_into_id.is_(None)
    )
    return await _one(session, staff, field)


async def owner(session: AsyncSession, me: Actor, person_id: UUID | None) -> Person | None:
    """Who is to answer for a group, if anybody is named."""
    return await person(session, me, person_id, "owner_id") if person_id else None


async def bot(session: AsyncSession, me: Actor, bot_id: UUID | None) -> Bot | None:
    """The bot that is to hear a group, if one is named."""
    if bot_id is None:
        return None
    known = select(Bot).where(Bot.community_id == me.community_id, Bot.id == bot_id)
    return await _one(session, known, "bot_id")


async def _one(session: AsyncSession, seen: Select[T], field: str) -> T:
    if found := await session.scalar(seen):
        return found
    raise Invalid(errors=[{"path": f"body.{field}", "message": "there is no such thing here"}])
