"""Places as people name them: found on the map by their words, and told in words again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.homes import building_in, parse_home
from app.core.i18n import _
from app.places import queries as places
from app.places.models import ROOT, Kind, Place
from app.places.words import address as spoken


async def root(session: AsyncSession, community_id: UUID) -> Place:
    """The community as a whole."""
    whole = select(Place).where(Place.community_id == community_id, Place.path == ROOT)
    return (await session.scalars(whole)).one()


async def get(session: AsyncSession, community_id: UUID, place_id: str) -> Place:
    """The place of an id that was kept in a conversation."""
    return await session.get_one(Place, (community_id, UUID(place_id)))


async def named(session: AsyncSession, community_id: UUID, text: str) -> Place | None:
    """The home or the building that a text names, if it is on the map and there is only one."""
    if words := parse_home(text):
        homes = await places.find_home(
            session, community_id, words.building, words.unit, words.home
        )
        if len(homes) == 1:
            return homes[0]
    building = building_in(text)
    if building is None:
        return None
    found = await buildings(session, community_id)
    meant = [each for each in found if building in (each.code, each.name)]
    return meant[0] if len(meant) == 1 else None


async def buildings(session: AsyncSession, community_id: UUID) -> Sequence[Place]:
    """Every building, in the order of their numbers."""
    return _in_order((await session.scalars(places.buildings(community_id))).all())


async def inside(session: AsyncSession, place: Place, kind: Kind) -> Sequence[Place]:
    """The places of a kind directly in another one, in the order of their numbers."""
    within = select(Place).where(
        Place.community_id == place.community_id, Place.parent_id == place.id, Place.kind == kind
    )
    return _in_order((await session.scalars(within)).all())


def _in_order(found: Sequence[Place]) -> Sequence[Place]:
    return sorted(found, key=lambda place: (len(place.code), place.code))


async def _around(session: AsyncSession, place: Place) -> dict[Kind, Place]:
    """The building and the unit that a place is in, and the place itself, by their kinds."""
    parts = place.path.strip("/").split("/")
    paths = [f"/{'/'.join(parts[:depth])}/" for depth in range(1, len(parts) + 1)]
    found = await session.scalars(
        select(Place).where(Place.community_id == place.community_id, Place.path.in_(paths))
    )
    return {each.kind: each for each in found}


async def address(session: AsyncSession, place: Place) -> str:
    """Where a place is, as it is said: `3栋2单元502`, `3栋`, or its name."""
    if place.path == ROOT:
        return _("小区公共区域")
    around = await _around(session, place)
    building, unit = around.get(Kind.BUILDING), around.get(Kind.UNIT)
    inner = [each for each in (place, unit) if each and each is not building]
    if building is None or not inner:
        return place.name
    unit_name = unit.name if unit and unit is not place else None
    return spoken(building.name, unit_name, place.name)


async def building_of(session: AsyncSession, place: Place) -> Place:
    """The building that a home is in; any other place is its own."""
    if place.kind is not Kind.HOME:
        return place
    return (await _around(session, place)).get(Kind.BUILDING, place)
