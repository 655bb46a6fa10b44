"""Reading the map: everyone of a community sees all of it."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.facts import Actor
from app.places.models import Kind, Place, inside
from app.places.words import plain


def visible_to(me: Actor) -> Select[Place]:
    """The map of the caller's community."""
    return select(Place).where(Place.community_id == me.community_id)


def within(community_id: UUID, place_id: UUID) -> ColumnElement[bool]:
    """The condition on `Place` that selects this place of the community and all inside it."""
    outer = aliased(Place)
    path = select(outer.path).where(outer.community_id == community_id, outer.id == place_id)
    return func.starts_with(Place.path, path.scalar_subquery())


def buildings(community_id: UUID) -> Select[Place]:
    """Every building of the community, in the order of the map."""
    return (
        select(Place)
        .where(Place.community_id == community_id, Place.kind == Kind.BUILDING)
        .order_by(Place.path)
    )


async def find_home(
    session: AsyncSession, community_id: UUID, building: str, unit: str | None, home: str
) -> list[Place]:
    """The homes that somebody may mean who writes `3栋`, `2单元`, `502`.

    Without a unit, those of every unit of the building; several buildings may bear one number.
    """
    meant = plain(building)
    paths = [
        known.path
        for known in await session.scalars(buildings(community_id))
        if meant in (plain(known.code), plain(known.name))
    ]
    if not paths:
        return []
    homes = select(Place).where(
        Place.community_id == community_id,
        Place.kind == Kind.HOME,
        Place.code == plain(home),
        or_(*[inside(path) for path in paths]),
    )
    if unit is not None:
        parent = aliased(Place)
        homes = homes.join(
            parent, (parent.community_id == Place.community_id) & (parent.id == Place.parent_id)
        ).where(parent.kind == Kind.UNIT, parent.code == plain(unit))
    return list(await session.scalars(homes.order_by(Place.path)))
