"""Places as GeoReport speaks of them: an address that is understood, and one that is shown."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.places import queries as places
from app.places.models import ROOT, Community, Kind, Place
from app.places.words import address, plain
from app.service_requests.queries import above

_SIGN = "[0-9A-Za-z零〇一二两三四五六七八九十百甲乙丙丁]"
_WRITTEN = re.compile(
    rf"(?P<building>{_SIGN}{{1,6}}) ?(?:号楼|栋|棟|幢|座|楼|樓|#) ?"
    rf"(?:(?P<unit>{_SIGN}{{1,4}}) ?(?:单元|單元|门) ?)?"
    r"(?P<home>[0-9]{1,5}[A-Za-z]?(?![0-9]))?"
)
_DASHED = re.compile(
    r"(?<![0-9A-Za-z-])(?P<building>[0-9A-Za-z]{1,4})-(?:(?P<unit>[0-9]{1,2})-)?"
    r"(?P<home>[0-9]{3,5}[A-Za-z]?)(?![0-9-])"
)
_SHOWN = frozenset({Kind.AREA, Kind.GRID, Kind.BUILDING, Kind.STATION})
"""What everybody may know of where something is: never which door."""


async def understood(session: AsyncSession, community_id: UUID, written: str) -> Place | None:
    """The home, or else the building, that an address means; None when it is none or several."""
    said = " ".join(unicodedata.normalize("NFKC", written).split())
    found = _WRITTEN.search(said) or _DASHED.search(said)
    if found is None:
        return None
    if found["home"]:
        homes = await places.find_home(
            session, community_id, found["building"], found["unit"], found["home"]
        )
        if len(homes) == 1:
            return homes[0]
    meant = plain(found["building"])
    known = await session.scalars(places.buildings(community_id))
    buildings = [each for each in known if meant in (plain(each.code), plain(each.name))]
    return buildings[0] if len(buildings) == 1 else None


async def identified(session: AsyncSession, community_id: UUID, given: str) -> Place | None:
    """The place that an `address_id` names: its id, or its path."""
    which = Place.path == given
    if not given.startswith(ROOT):
        try:
            which = Place.id == UUID(given)
        except ValueError:
            return None
    return await session.scalar(select(Place).where(Place.community_id == community_id, which))


@dataclass(frozen=True, slots=True)
class Shown:
    """A place in words, and the id of what the words go down to."""

    address: str
    place_id: UUID


@dataclass(frozen=True, slots=True)
class Map:
    """The places that are spoken of in one answer, and what they stand in, by path."""

    community: Community
    places: Mapping[str, Place]

    def shown(self, place: Place, *, exact: bool) -> Shown:
        """Where it is: down to the building for everybody, `exact` for who may know."""
        around = [self.places[path] for path in above(place.path) if path in self.places]
        chain = around or [place]
        if exact:
            return Shown(self.community.name + _whole(chain), place.id)
        outer = [each for each in chain if each.kind in _SHOWN] or chain[:1]
        return Shown(self.community.name + _whole(outer), outer[-1].id)


async def mapped(session: AsyncSession, community: Community, some: Iterable[Place]) -> Map:
    """The map around these places, read at once."""
    paths = {path for place in some for path in above(place.path)}
    rows = select(Place).where(Place.community_id == community.id, Place.path.in_(paths))
    return Map(community, {place.path: place for place in await session.scalars(rows)})


def _whole(chain: Sequence[Place]) -> str:
    """The last place of a chain with its building and unit; nothing for the community itself."""
    *around, place = chain
    if place.kind is Kind.COMMUNITY:
        return ""
    names = {each.kind: each.name for each in around}
    name = place.name
    if place.kind is Kind.BUILDING and name.isdecimal():
        name += "栋"
    return address(names.get(Kind.BUILDING), names.get(Kind.UNIT), name)
