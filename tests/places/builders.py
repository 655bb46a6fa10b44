"""Communities and places for tests."""

from itertools import count

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.access import system
from app.places import service as places
from app.places.models import ROOT, Community, Kind, Place

_numbers = count(1)


async def a_community(session: AsyncSession, slug: str = "") -> Place:
    """The root of a new community's map."""
    slug = slug or f"garden-{next(_numbers)}"
    community = Community(id=new_id(), slug=slug, name=f"{slug}小区", town="ZJ镇")
    return await places.found(session, community, by=system(community.id))


async def a_place(
    session: AsyncSession, parent: Place, kind: Kind, code: str = "", name: str = ""
) -> Place:
    """A place in another one."""
    code = code or f"{kind.value[0].upper()}{next(_numbers)}"
    by = system(parent.community_id)
    return await places.add(session, parent, kind=kind, code=code, name=name or code, by=by)


async def a_home(session: AsyncSession, parent: Place, door: str = "3-2-502") -> Place:
    """A home, and the building and unit on the way to it: `3-2-502`, or `3-502` without a unit."""
    codes = door.split("-")
    kinds = [Kind.BUILDING, Kind.HOME] if len(codes) == 2 else [Kind.BUILDING, Kind.UNIT, Kind.HOME]
    for kind, code in zip(kinds, codes, strict=True):
        path = f"{parent.path}{code}/"
        known = await at(session, parent.community_id, path)
        parent = known or await a_place(session, parent, kind, code)
    return parent


async def at(session: AsyncSession, community_id: object, path: str = ROOT) -> Place | None:
    """The place at a path."""
    return await session.scalar(
        select(Place).where(Place.community_id == community_id, Place.path == path)
    )
