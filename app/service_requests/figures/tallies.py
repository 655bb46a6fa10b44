"""The measures of a period, in total and for each of something."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core.clock import CHINA
from app.core.database import Moment
from app.organizations.models import Organization
from app.people.models import Person
from app.places.models import ROOT, Kind, Place, inside
from app.service_requests.figures.measures import Measures, columns
from app.service_requests.models import Category, ServiceRequest

Request = ServiceRequest
_Key: TypeAlias = InstrumentedAttribute[Any] | ColumnElement[Any]


class By(StrEnum):
    """What the figures are given for, each."""

    COMMUNITY = "community"
    AREA = "area"
    GRID = "grid"
    BUILDING = "building"
    ORGANIZATION = "organization"
    CATEGORY = "category"
    WORKER = "worker"
    ORIGIN = "origin"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


_PLACES = {By.AREA: Kind.AREA, By.GRID: Kind.GRID, By.BUILDING: Kind.BUILDING}
_NAMED: dict[By, tuple[_Key, type[Organization | Category | Person]]] = {
    By.ORGANIZATION: (Request.organization_id, Organization),
    By.CATEGORY: (Request.category_id, Category),
    By.WORKER: (Request.assignee_id, Person),
}
_PERIODS = (By.MONTH, By.WEEK, By.DAY)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which requests count: filed on these days, both included, within this place."""

    community_id: UUID
    since: date
    until: date
    path: str = ROOT

    @property
    def period(self) -> tuple[datetime, datetime]:
        """The moments between which they were filed, the second one excluded."""
        first, after = self.since, self.until + timedelta(days=1)
        return (
            datetime.combine(first, time(), CHINA),
            datetime.combine(after, time(), CHINA),
        )

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for a statement."""
        begins, ends = self.period
        here = [
            Request.community_id == self.community_id,
            Request.filed_at >= begins,
            Request.filed_at < ends,
        ]
        if self.path != ROOT:
            places = select(Place.id).where(
                Place.community_id == self.community_id, inside(self.path)
            )
            here.append(Request.place_id.in_(places))
        return here


@dataclass(frozen=True, slots=True)
class Tally:
    """The measures of one of them; those that belong to none have no id and no name."""

    id: UUID | str | None
    name: str | None
    measures: Measures


Rows: TypeAlias = Sequence[Row[Any]]


def together(tallies: Iterable[Tally]) -> Measures:
    """The measures of all of them: each request belongs to one."""
    return sum((each.measures for each in tallies), Measures())


async def total(session: AsyncSession, scope: Scope) -> Measures:
    """The measures of everything in scope."""
    row = (await session.execute(select(*columns()).where(*scope.conditions))).one()
    return Measures(*row)


async def tallies(session: AsyncSession, scope: Scope, by: By) -> list[Tally]:
    """The measures of each, the most filed first; periods in their order."""
    if by in _PERIODS:
        return await _periods(session, scope, by)
    if by in _PLACES:
        return await _of_places(session, scope, _PLACES[by])
    if by in _NAMED:
        return await _named(session, scope, *_NAMED[by])
    if by is By.ORIGIN:
        found = await _grouped(session, scope, Request.origin)
        return _most_first(Tally(row[0], row[0], Measures(*row[1:])) for row in found)
    return [Tally(scope.community_id, None, await total(session, scope))]


def _most_first(found: Iterable[Tally]) -> list[Tally]:
    return sorted(found, key=lambda each: (-each.measures.filed, each.name or ""))


async def _grouped(session: AsyncSession, scope: Scope, key: _Key) -> Rows:
    counted = select(key, *columns()).where(*scope.conditions).group_by(key)
    rows: Rows = (await session.execute(counted)).all()
    return rows


async def _named(
    session: AsyncSession,
    scope: Scope,
    key: _Key,
    table: type[Organization | Category | Person],
) -> list[Tally]:
    """Counted by the id first, so that few rows are left to be named."""
    found = await _grouped(session, scope, key)
    ids = [row[0] for row in found if row[0]]
    known = select(table.id, table.name).where(
        table.community_id == scope.community_id, table.id.in_(ids)
    )
    names = {each.id: each.name for each in await session.execute(known)}
    return _most_first(Tally(row[0], names.get(row[0]), Measures(*row[1:])) for row in found)


def _begins(day: date, by: By) -> date:
    """The first day of the month or the week, Monday, that a day lies in."""
    if by is By.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if by is By.WEEK else day


def _next(day: date, by: By) -> date:
    """The first day of the period after the one that begins on this day."""
    if by is By.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if by is By.WEEK else 1)


async def _periods(session: AsyncSession, scope: Scope, by: By) -> list[Tally]:
    """Counted by the place of each moment among the beginnings, which costs less than a date."""
    days = [_begins(scope.since, by)]
    while (following := _next(days[-1], by)) <= scope.until:
        days.append(following)
    begins = array([datetime.combine(day, time(), CHINA) for day in days], type_=Moment)
    key = func.width_bucket(Request.filed_at, begins)
    named = {row[0]: Measures(*row[1:]) for row in await _grouped(session, scope, key)}
    return [
        Tally(str(days[at - 1]), str(days[at - 1]), measures)
        for at, measures in sorted(named.items())
    ]


def _around(scope: Scope, kind: Kind) -> Select[UUID, UUID, str]:
    """Each place of the community with the one of this kind that it lies in."""
    outer = aliased(Place)
    prefix = func.left(outer.path, -1)
    encloses = (Place.path >= outer.path) & (Place.path < prefix.concat("0"))
    return (
        select(Place.id, outer.id, outer.name)
        .select_from(outer)
        .join(Place, (Place.community_id == outer.community_id) & encloses)
        .where(outer.community_id == scope.community_id, outer.kind == kind)
    )


async def _of_places(session: AsyncSession, scope: Scope, kind: Kind) -> list[Tally]:
    around: dict[UUID, tuple[UUID | None, str | None]] = {
        row[0]: (row[1], row[2]) for row in await session.execute(_around(scope, kind))
    }
    sums: dict[tuple[UUID | None, str | None], Measures] = {}
    for row in await _grouped(session, scope, Request.place_id):
        key = around.get(row[0], (None, None))
        sums[key] = sums.get(key, Measures()) + Measures(*row[1:])
    return _most_first(Tally(*key, measures) for key, measures in sums.items())
