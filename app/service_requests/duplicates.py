"""Reports of what somebody else may have reported already, and what a neighbour may know of them.

A neighbour knows of a request only when it is a resident's report, neither it nor its category is
confidential, it is about no home (or its category is public), it goes on or was done, and it lies
within the grid of a home they are known to live in, or where that stands. They learn its number,
category, building, state, day, and how many reported it: nobody's name, home or words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA, now
from app.people.access import Actor
from app.people.models import Residence, Standing
from app.places.models import Kind, Place, inside
from app.service_requests import likeness, queries
from app.service_requests.catalogue import OTHER
from app.service_requests.models import (
    DONE,
    ENDED,
    UNDONE,
    Category,
    Follower,
    Origin,
    ServiceRequest,
    State,
)
from app.service_requests.permissions import FOLLOW, VIEW

_Rows: TypeAlias = Select[*tuple[Any, ...]]

_DONE_FOR = timedelta(days=14)
_CANDIDATES = 200
_SHOWN = 5
_SHOWN_TO_STAFF = 10
_KNOWN = UNDONE | DONE
_OUTER = (Kind.GRID, Kind.BUILDING)
"""What people call their neighbourhood, the larger first."""


@dataclass(frozen=True, slots=True)
class Known:
    """A request as far as a neighbour may know of it."""

    id: UUID
    number: int
    category: Category
    building: str
    """The building, or the public place it is about; never a home."""
    state: State
    filed_on: date
    reports: int
    mine: bool
    followed: bool
    may_follow: bool


async def _around(
    session: AsyncSession, community_id: UUID, paths: Iterable[str]
) -> dict[str, tuple[Kind, str]]:
    """Kind and name of the places at these paths and of all that they stand in, by path."""
    wanted = {outer for path in paths for outer in queries.above(path)}
    rows = await session.execute(
        select(Place.path, Place.kind, Place.name).where(
            Place.community_id == community_id, Place.path.in_(wanted)
        )
    )
    return {path: (kind, name) for path, kind, name in rows}


def _neighbourhood(path: str, places: Mapping[str, tuple[Kind, str]]) -> str:
    """The grid of a place; its building where there is no grid; else the place itself."""
    outside = {places[outer][0]: outer for outer in queries.above(path) if outer in places}
    return next((outside[kind] for kind in _OUTER if kind in outside), path)


def _within(path: str, places: Mapping[str, tuple[Kind, str]]) -> ColumnElement[bool]:
    """The condition on `Place` that selects what is near: the neighbourhood, and all around it."""
    return or_(inside(_neighbourhood(path, places)), Place.path.in_(queries.above(path)))


def _shared() -> ColumnElement[bool]:
    """The condition on a request, its place and its category that it is nobody's secret."""
    return and_(
        ServiceRequest.origin == Origin.RESIDENT,
        ServiceRequest.listing_id.is_(None),
        ServiceRequest.confidential.is_(False),
        Category.confidential.is_(False),
        Category.internal.is_(False),
        or_(Place.kind != Kind.HOME, Category.public),
    )


async def known_to(session: AsyncSession, me: Actor) -> ColumnElement[bool]:
    """The condition on a request, its place and category that I know of it as a neighbour."""
    if me.kind != "person":
        return false()
    homes = await session.scalars(
        select(Place.path)
        .join(Residence, Residence.home_id == Place.id)
        .where(
            Residence.community_id == me.community_id,
            Place.community_id == me.community_id,
            Residence.person_id == me.id,
            Residence.standing == Standing.VERIFIED,
        )
    )
    paths = homes.all()
    if not paths:
        return false()
    places = await _around(session, me.community_id, paths)
    near = [_within(path, places) for path in paths]
    return and_(_shared(), ServiceRequest.state.in_(_KNOWN), or_(*near))


def _candidates(rows: _Rows, asked: "_Asked") -> _Rows:
    """The newest of these requests that are of its category, near, and not over for long."""
    done = func.coalesce(ServiceRequest.completed_at, ServiceRequest.closed_at)
    going = ServiceRequest.state.in_(UNDONE)
    lately = and_(ServiceRequest.state.in_(DONE), done > now() - _DONE_FOR)
    return (
        rows.where(
            ServiceRequest.category_id == asked.category.id,
            ServiceRequest.filed_at.between(asked.at - likeness.WINDOW, asked.at + likeness.WINDOW),
            _within(asked.place.path, asked.places),
            or_(going, lately),
        )
        .order_by(ServiceRequest.filed_at.desc())
        .limit(_CANDIDATES)
    )


_SCORED = (
    ServiceRequest.id,
    ServiceRequest.number,
    ServiceRequest.summary,
    ServiceRequest.state,
    ServiceRequest.filed_at,
    ServiceRequest.reporter_id,
    Place.path,
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is being reported, or was."""

    category: Category
    place: Place
    summary: str
    at: datetime
    places: Mapping[str, tuple[Kind, str]]

    def score(self, row: Row[Any], *, coarse: bool = False) -> float:
        """How much another request looks like it.

        What fits no category is alike by its words alone. With `coarse` words are much alike or
        not at all, so that nobody feels their way into what a neighbour wrote.
        """
        kinds = {path: kind for path, (kind, _name) in self.places.items()}
        alike = likeness.words(self.summary, row.summary)
        if self.category.code == OTHER and alike < likeness.MUCH:
            return 0.0
        near = likeness.nearness(self.place.path, kinds, row.path)
        words = float(alike >= likeness.MUCH) if coarse else alike
        return likeness.score(near, words, abs(self.at - row.filed_at))

    def best(
        self, rows: Sequence[Row[Any]], most: int, *, coarse: bool = False
    ) -> list[tuple[float, Row[Any]]]:
        """The rows that look enough like it, best first, of equals the newest."""
        scored = [(self.score(row, coarse=coarse), row) for row in rows]
        enough = [each for each in scored if each[0] >= likeness.ENOUGH]
        return sorted(enough, key=lambda each: (-each[0], -each[1].number))[:most]


async def similar(
    session: AsyncSession, *, category: Category, place: Place, summary: str, by: Actor
) -> list[Known]:
    """What is about to be reported and may be known already, the most probable first.

    Staff find what their place lets them see, everybody what they reported, and residents what a
    neighbour may know of.
    """
    places = await _around(session, by.community_id, [place.path])
    asked = _Asked(category, place, summary, now(), places)
    neighbour = await known_to(session, by)
    staff = and_(ServiceRequest.confidential.is_(False), VIEW.places(by))
    rows = (
        select(*_SCORED, neighbour.label("neighbour"))
        .join(ServiceRequest.place)
        .join(ServiceRequest.category)
        .where(
            ServiceRequest.community_id == by.community_id,
            or_(neighbour, staff, queries.reported_by(by)),
        )
    )
    found = await session.execute(_candidates(rows, asked))
    best = [row for _score, row in asked.best(found.all(), _SHOWN, coarse=True)]
    return await _known(session, best, category, by)


async def _known(
    session: AsyncSession, rows: Sequence[Row[Any]], category: Category, me: Actor
) -> list[Known]:
    """The rows as a neighbour may know of them."""
    counts = await reports(session, me.community_id, [row.id for row in rows])
    mine = select(Follower.request_id).where(
        Follower.community_id == me.community_id, Follower.person_id == me.id
    )
    followed = set(await session.scalars(mine.where(Follower.request_id.in_(counts))))
    buildings = await buildings_of(session, me.community_id, {row.path for row in rows})
    return [
        Known(
            id=row.id,
            number=row.number,
            category=category,
            building=buildings[row.path],
            state=row.state,
            filed_on=row.filed_at.astimezone(CHINA).date(),
            reports=counts[row.id],
            mine=(mine_too := me.kind == "person" and row.reporter_id == me.id),
            followed=row.id in followed,
            may_follow=_may_follow(row, me) and not mine_too and row.id not in followed,
        )
        for row in rows
    ]


def _may_follow(row: Row[Any], me: Actor) -> bool:
    known = row.neighbour and row.state not in ENDED
    return known and FOLLOW.allows(me, at=row.path)


async def reports(
    session: AsyncSession, community_id: UUID, request_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """How many people have each of these matters: whoever reported it and those who follow it."""
    others = (
        select(Follower.request_id, func.count())
        .join(
            ServiceRequest,
            and_(
                ServiceRequest.community_id == Follower.community_id,
                ServiceRequest.id == Follower.request_id,
            ),
        )
        .where(
            Follower.community_id == community_id,
            Follower.request_id.in_(request_ids),
            Follower.person_id.is_distinct_from(ServiceRequest.reporter_id),
        )
        .group_by(Follower.request_id)
    )
    counted = dict((await session.execute(others)).all())
    return {request_id: 1 + counted.get(request_id, 0) for request_id in request_ids}


async def buildings_of(
    session: AsyncSession, community_id: UUID, paths: Iterable[str]
) -> dict[str, str]:
    """What a neighbour hears about where something is: the building, or the place if it has none.

    Of a home that stands in no building not even the name is told.
    """
    paths = list(paths)
    places = await _around(session, community_id, paths)
    told = {}
    for path in paths:
        outside = [places[outer] for outer in queries.above(path) if outer in places]
        shown = [name for kind, name in outside if kind is Kind.BUILDING]
        open_ones = [name for kind, name in outside if kind is not Kind.HOME]
        told[path] = (shown or open_ones)[-1]
    return told


async def like(
    session: AsyncSession, request: ServiceRequest, *, by: Actor
) -> list[tuple[float, ServiceRequest]]:
    """Other requests this actor may see that may be about the same matter, with their scores."""
    places = await _around(session, request.community_id, [request.place.path])
    asked = _Asked(request.category, request.place, request.summary, request.filed_at, places)
    seen = queries.seen_by(by).where(ServiceRequest.id != request.id)
    found = await session.execute(_candidates(seen.with_only_columns(*_SCORED), asked))
    best = asked.best(found.all(), _SHOWN_TO_STAFF)
    wanted = ServiceRequest.id.in_([row.id for _score, row in best])
    listed = queries.listed(request.community_id).where(wanted)
    shown = {each.id: each for each in await session.scalars(listed)}
    return [(score, shown[row.id]) for score, row in best]
