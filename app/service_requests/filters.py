"""What the filters of a list mean: conditions on a request and its place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA, now
from app.people.access import Actor
from app.places.models import ROOT, Place, inside
from app.service_requests import queries
from app.service_requests.models import (
    UNDONE,
    Category,
    CoHandler,
    Dispatch,
    Petition,
    ReturnVisit,
    ServiceRequest,
    State,
    VisitPolicy,
)
from app.service_requests.schemas.lists import Filters

_MOST_NAMED = 500


Atoms: TypeAlias = list[ColumnElement[bool]]
"""Conditions that all hold. What several filters imply is one object, and is asked once: a
planner that reads it twice believes in half as many rows."""


@dataclass(slots=True)
class Conditions:
    """What a list asks of the requests in it, and what of their places."""

    on_request: Atoms = field(default_factory=list)
    on_place: Atoms = field(default_factory=list)


undone = ServiceRequest.state.in_(sorted(UNDONE))
suspended = ServiceRequest.suspended_at.is_not(None)
awake = ServiceRequest.suspended_at.is_(None)


def due_before(moment: datetime) -> Atoms:
    """What is left to do and due by then; no clock runs while something is suspended."""
    return [undone, awake, ServiceRequest.due_at < moment]


def overdue() -> Atoms:
    """What should have been done by now."""
    return due_before(now())


def due_today() -> Atoms:
    """What is due before the day is over."""
    today = now().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return [*due_before(today + timedelta(days=1)), ServiceRequest.due_at >= now()]


def offered() -> Atoms:
    """What the first to take it may have."""
    return [
        ServiceRequest.state == State.ACCEPTED,
        ServiceRequest.assignee_id.is_(None),
        ServiceRequest.category.has(Category.dispatch == Dispatch.TAKING),
    ]


def to_visit() -> Atoms:
    """What is done, and whose reporter staff have yet to call."""
    return [
        ServiceRequest.state.in_((State.COMPLETED, State.VERIFIED)),
        ServiceRequest.reporter_id.is_not(None),
        ServiceRequest.category.has(Category.visit_policy == VisitPolicy.CALLED),
        ~ServiceRequest.visits.any(ReturnVisit.round == ServiceRequest.round),
    ]


def undecided(kind: str = "any") -> ColumnElement[bool]:
    """What a worker asked leave for, and nobody has decided."""
    pending = [Petition.granted.is_(None), *([] if kind == "any" else [Petition.kind == kind])]
    return ServiceRequest.petitions.any(and_(*pending))


_FLAGS: dict[str, Callable[[], Atoms]] = {
    "undone": lambda: [undone],
    "overdue": overdue,
    "suspended": lambda: [suspended],
    "supervised": lambda: [ServiceRequest.supervised_at.is_not(None)],
    "offered": offered,
    "to_visit": to_visit,
}
_EQUAL = {
    "number": ServiceRequest.number,
    "origin": ServiceRequest.origin,
    "channel": ServiceRequest.channel,
    "listing": ServiceRequest.listing_id,
}


def _simple(asked: Filters) -> Iterator[ColumnElement[bool]]:
    """What the filters mean that compare one thing."""
    for name, column in _EQUAL.items():
        if (value := getattr(asked, name)) is not None:
            yield column == value
    for name, condition in _FLAGS.items():
        if (wanted := getattr(asked, name)) is not None:
            yield from condition() if wanted else [not_(and_(*condition()))]
    if asked.state:
        yield ServiceRequest.state.in_(asked.state)
    if asked.due_before:
        yield from due_before(asked.due_before)
    if asked.filed_from:
        yield ServiceRequest.filed_at >= asked.filed_from
    if asked.filed_before:
        yield ServiceRequest.filed_at < asked.filed_before
    if asked.petition:
        yield undecided(asked.petition)


def _people(asked: Filters, me: Actor) -> Iterator[ColumnElement[bool]]:
    """What the filters mean that name somebody."""
    if asked.assignee == "none":
        yield ServiceRequest.assignee_id.is_(None)
    elif asked.assignee:
        yield ServiceRequest.assignee_id == _whom(asked.assignee, me)
    if asked.escalated_to:
        yield ServiceRequest.escalated_to_id == _whom(asked.escalated_to, me)
    if asked.reporter:
        reporter = _whom(asked.reporter, me)
        yield ServiceRequest.reporter_id == reporter
        if reporter != me.id:
            yield ServiceRequest.anonymous.is_(False)
    if asked.co_handler == "me":
        yield queries.helped_by(me)
    elif asked.co_handler:
        helps = select(CoHandler.request_id).where(
            CoHandler.community_id == me.community_id,
            CoHandler.person_id == asked.co_handler,
            CoHandler.ended_at.is_(None),
        )
        yield ServiceRequest.id.in_(helps)


def _whom(named: str | UUID, me: Actor) -> UUID | None:
    return named if isinstance(named, UUID) else me.id


async def _inside(session: AsyncSession, asked: Filters, me: Actor) -> Conditions:
    """What the filter by place means.

    Of a small one every place is named: the planner takes a short stretch of paths for nothing.
    """
    path = select(Place.path).where(Place.community_id == me.community_id, Place.id == asked.place)
    found = await session.scalar(path)
    if found is None:
        return Conditions([false()])
    within = select(Place.id).where(Place.community_id == me.community_id, inside(found))
    places = (await session.scalars(within.limit(_MOST_NAMED + 1))).all()
    if len(places) <= _MOST_NAMED:
        return Conditions([ServiceRequest.place_id.in_(places)])
    return Conditions(on_place=[inside(found)] if found != ROOT else [])


async def _resolved(session: AsyncSession, asked: Filters, me: Actor) -> Atoms:
    """What the filters mean that name something by another name, looked up first.

    The planner then knows how much lies within, and which way round is the shorter.
    """
    found: Atoms = []
    if asked.category or asked.group:
        kinds = select(Category.id).where(Category.community_id == me.community_id)
        kinds = kinds.where(Category.code == asked.category) if asked.category else kinds
        kinds = kinds.where(Category.group == asked.group) if asked.group else kinds
        found.append(ServiceRequest.category_id.in_((await session.scalars(kinds)).all()))
    if asked.organization == "mine":
        mine = await queries.organizations_of(session, me)
        found.append(ServiceRequest.organization_id.in_(mine))
    elif asked.organization:
        found.append(ServiceRequest.organization_id == asked.organization)
    return found


async def conditions(session: AsyncSession, asked: Filters, *, me: Actor) -> Conditions:
    """What the filters ask of a request and of its place, all but its words."""
    found = await _inside(session, asked, me) if asked.place else Conditions()
    found.on_request += [*_simple(asked), *_people(asked, me)]
    found.on_request += await _resolved(session, asked, me)
    return found


def own(asked: Filters, me: Actor) -> bool:
    """Whether a filter by itself lets through only what concerns whoever asks."""
    works = "me" in (asked.assignee, asked.co_handler) or asked.organization == "mine"
    return asked.reporter == "me" or (works and me.is_staff)
