"""Where a matter is when its reporter names no place: what the rule of its category says."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Invalid
from app.people import queries as people
from app.people.access import Actor
from app.people.models import Standing
from app.places.models import ROOT, Kind, Place
from app.places.words import address
from app.service_requests import queries
from app.service_requests.models import PlaceRule
from app.service_requests.permissions import FILE_FOR

_AROUND = {
    PlaceRule.HOME: (Kind.HOME,),
    PlaceRule.BUILDING: (Kind.BUILDING,),
    PlaceRule.GRID: (Kind.GRID, Kind.AREA, Kind.COMMUNITY),
}
"""What a rule looks for, of which the innermost is taken: not every building stands in a grid."""


async def by_rule(
    session: AsyncSession, rule: PlaceRule, *, person_id: UUID | None, anonymous: bool, by: Actor
) -> Place:
    """The place that the rule means for this reporter; `Invalid` when it must be named.

    Where several come into question the errors name each, with its id as `value`.
    """
    if rule is PlaceRule.ASKED:
        raise Invalid(errors=[_must_be_named("is required for this kind of matter")])
    if rule is PlaceRule.COMMUNITY:
        return (await _at(session, by.community_id, [ROOT]))[ROOT]
    if anonymous and rule is PlaceRule.HOME:
        rule = PlaceRule.BUILDING
    homes = await _homes(session, person_id, by)
    places = await _at(session, by.community_id, _paths(homes))
    found = {place.id: place for home in homes if (place := _around(home, rule, places))}
    if len(found) > 1:
        raise Invalid(errors=[_choice(place, places) for place in found.values()])
    for place in found.values():
        return place
    raise Invalid(errors=[_must_be_named("is required: we know of no home of theirs")])


async def unlinked(
    session: AsyncSession, place: Place, *, person_id: UUID | None, by: Actor
) -> Place:
    """The building instead of a home of the reporter's own, which would tell who they are."""
    homes = [] if place.kind is not Kind.HOME else await _homes(session, person_id, by)
    if place.id not in {home.id for home in homes}:
        return place
    places = await _at(session, by.community_id, queries.above(place.path))
    return _around(place, PlaceRule.BUILDING, places) or place


def _must_be_named(said: str) -> dict[str, str]:
    return {"path": "place_id", "message": said}


def _choice(place: Place, places: Mapping[str, Place]) -> dict[str, str]:
    names = {places[path].kind: places[path].name for path in queries.above(place.path)}
    name = "" if place.kind is Kind.BUILDING else place.name
    where = address(names.get(Kind.BUILDING), names.get(Kind.UNIT), name)
    return {"path": "place_id", "message": f"could be {where}", "value": str(place.id)}


async def _homes(session: AsyncSession, person_id: UUID | None, by: Actor) -> Sequence[Place]:
    """Where the reporter is known to live, else says so; of others, where one may file for them."""
    if person_id is None:
        return []
    own = by.kind == "person" and by.id == person_id
    lives = [
        each
        for each in await session.scalars(people.homes_of(by.community_id, person_id))
        if own or FILE_FOR.allows(by, at=each.home.path)
    ]
    verified = [each.home for each in lives if each.standing is Standing.VERIFIED]
    return verified or [each.home for each in lives]


def _paths(homes: Iterable[Place]) -> list[str]:
    return sorted({path for home in homes for path in queries.above(home.path)})


async def _at(session: AsyncSession, community_id: UUID, paths: Sequence[str]) -> dict[str, Place]:
    rows = select(Place).where(Place.community_id == community_id, Place.path.in_(paths))
    return {place.path: place for place in await session.scalars(rows)}


def _around(home: Place, rule: PlaceRule, places: Mapping[str, Place]) -> Place | None:
    """The innermost place around a home that is of a kind the rule looks for."""
    outwards = [places[path] for path in reversed(queries.above(home.path))]
    return next((place for place in outwards if place.kind in _AROUND[rule]), None)
