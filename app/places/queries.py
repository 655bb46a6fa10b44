"""Reading the map: everyone of a community sees all of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.facts import Actor
from app.core.i18n import _
from app.places.models import Kind, Place, inside
from app.places.words import plain

Homes: TypeAlias = Mapping[tuple[str, str | None, str], Sequence[UUID]]
"""Homes by building, unit or None, and number, all in plain writing."""


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


async def homes_by_door(
    session: AsyncSession, community_id: UUID, where: ColumnElement[bool]
) -> Homes:
    """The homes of a community that this condition selects, by every way a list may name them."""
    parent, above = aliased(Place), aliased(Place)
    same = Place.community_id
    rows = await session.execute(
        select(Place.id, Place.code, parent.kind, parent.code, parent.name, above.code, above.name)
        .join(parent, and_(parent.community_id == same, parent.id == Place.parent_id))
        .join(above, and_(above.community_id == same, above.id == parent.parent_id))
        .where(same == community_id, Place.kind == Kind.HOME, where)
    )
    homes: dict[tuple[str, str | None, str], list[UUID]] = defaultdict(list)
    for home_id, home, kind, code, name, code_above, name_above in rows:
        in_unit = kind is Kind.UNIT
        named = (code_above, name_above) if in_unit else (code, name)
        for building in {plain(each) for each in named}:
            homes[building, None, home].append(home_id)
            if in_unit:
                homes[building, code, home].append(home_id)
    return homes


def home_meant(homes: Homes, building: str, unit: str, home: str) -> UUID | str:
    """The home that a row of a list means, or what is wrong with how it is written."""
    found = homes.get((plain(building), plain(unit) if unit else None, plain(home)), ())
    if not found:
        return _("没有这一户")
    if len(found) > 1:
        return _("不止一户是这个门牌，请写明单元")
    return found[0]
