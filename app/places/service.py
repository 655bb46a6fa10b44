"""Drawing the map of a community, and redrawing it."""

from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Actor, record
from app.places.events import (
    CommunityChanged,
    CommunityFounded,
    PlaceAdded,
    PlaceMoved,
    PlaceRenamed,
)
from app.places.models import HOLDS, ROOT, Community, Kind, Place, inside
from app.places.problems import PlaceDoesNotFit, PlaceInsideItself
from app.places.words import plain

_NUMBERED = frozenset({Kind.BUILDING, Kind.UNIT, Kind.HOME})


async def found(session: AsyncSession, community: Community, *, by: Actor) -> Place:
    """Open a community, and return the root of its map; `CommunityTaken` when the slug is."""
    root = Place(
        community_id=community.id,
        kind=Kind.COMMUNITY,
        code=community.slug,
        name=community.name,
        path=ROOT,
    )
    session.add(community)
    await session.flush()
    session.add(root)
    await session.flush()
    await record(session, CommunityFounded(community_id=community.id), by=by)
    return root


async def change(
    session: AsyncSession, community: Community, changes: dict[str, str | None], *, by: Actor
) -> Community:
    """Call the community otherwise, or reach it otherwise: name, town, hotline."""
    for field, value in changes.items():
        setattr(community, field, value)
    event = CommunityChanged(community_id=community.id, fields=sorted(changes))
    await record(session, event, by=by)
    return community


async def hold(session: AsyncSession, community_id: UUID, *, alone: bool = False) -> None:
    """Keep the map as it is until this transaction ends.

    Many may add to the map at once; whoever moves a part of it, or reads all of it to build upon,
    holds it alone, so that nothing is added under a path that is no longer right.
    """
    root = select(Place.id).where(Place.community_id == community_id, Place.path == ROOT)
    await session.execute(root.with_for_update(read=not alone, key_share=alone))


def _path(parent: Place, kind: Kind, code: str) -> str:
    if kind not in HOLDS[parent.kind]:
        raise PlaceDoesNotFit
    return f"{parent.path}{code}/"


async def add(
    session: AsyncSession, parent: Place, *, kind: Kind, code: str, name: str, by: Actor
) -> Place:
    """Put a place on the map, directly within another one.

    Buildings, units and homes get their bare number: `3栋` is `3`. Raises `PlaceDoesNotFit`, and
    `PlaceTaken` when the parent holds one of this code.
    """
    await hold(session, parent.community_id)
    await session.refresh(parent)
    code = plain(code) if kind in _NUMBERED else code
    place = Place(
        community_id=parent.community_id,
        parent_id=parent.id,
        kind=kind,
        code=code,
        name=name,
        path=_path(parent, kind, code),
    )
    session.add(place)
    await session.flush()
    await record(session, PlaceAdded(place_id=place.id, parent_id=parent.id), by=by)
    return place


async def rename(session: AsyncSession, place: Place, *, name: str, by: Actor) -> Place:
    """Call a place otherwise; its code, and so its path, stays."""
    event = PlaceRenamed(place_id=place.id, old=place.name, new=name)
    place.name = name
    await record(session, event, by=by)
    return place


async def move(session: AsyncSession, place: Place, *, to: Place, by: Actor) -> Place:
    """Let a place, and all within it, stand in another one: grids are redrawn this way.

    Raises `PlaceInsideItself`, `PlaceDoesNotFit`, and `PlaceTaken` when its code is taken there.
    """
    await hold(session, place.community_id, alone=True)
    await session.refresh(place)
    await session.refresh(to)
    if place.parent_id is None or to.within(place.path):
        raise PlaceInsideItself
    event = PlaceMoved(place_id=place.id, old_parent_id=place.parent_id, new_parent_id=to.id)
    tail = func.substr(Place.path, len(place.path) + 1)
    await session.execute(
        update(Place)
        .where(Place.community_id == place.community_id, inside(place.path))
        .values(
            path=func.concat(_path(to, place.kind, place.code), tail),
            parent_id=case((Place.id == place.id, to.id), else_=Place.parent_id),
        )
        .execution_options(synchronize_session=False)
    )
    await session.refresh(place)
    await record(session, event, by=by)
    return place
