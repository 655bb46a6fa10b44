"""Visits that come round again: the plan makes a request for the worker on each day it falls on."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA, now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people import access
from app.people.access import Actor
from app.people.models import Person
from app.places.models import Place
from app.service_requests import service, workflow
from app.service_requests.events import VisitPlanChanged, VisitPlanEnded, VisitPlanned
from app.service_requests.models import (
    Category,
    Channel,
    Every,
    Origin,
    PlannedVisit,
    VisitPlan,
)
from app.service_requests.permissions import HANDLE, PLAN
from app.service_requests.problems import PlanEnded

_DAYS = {Every.DAY: 1, Every.WEEK: 7}


def today() -> date:
    """The day it is in China."""
    return now().astimezone(CHINA).date()


def after(day: date, every: Every, count: int, *, starts_on: date) -> date:
    """The next day a plan falls on: so many days, weeks or months on.

    A month without the day it began on has its visit on its last day.
    """
    if every in _DAYS:
        return day + timedelta(days=count * _DAYS[every])
    months = day.year * 12 + day.month - 1 + count
    year, month = divmod(months, 12)
    return date(year, month + 1, min(starts_on.day, monthrange(year, month + 1)[1]))


def visible_to(me: Actor) -> Select[VisitPlan]:
    """The plans within the caller's places, and those whose visits are theirs to make."""
    own = VisitPlan.worker_id == me.id if me.kind == "person" and me.is_staff else false()
    return (
        select(VisitPlan)
        .join(
            Place, (Place.community_id == VisitPlan.community_id) & (Place.id == VisitPlan.place_id)
        )
        .where(
            VisitPlan.community_id == me.community_id,
            VisitPlan.ended_at.is_(None),
            or_(own, PLAN.places(me)),
        )
    )


async def _check_worker(session: AsyncSession, worker_id: UUID, place: Place) -> None:
    worker = await access.person(session, place.community_id, worker_id)
    if not HANDLE.allows(worker, at=place.path):
        raise Invalid(errors=[{"path": "worker_id", "message": "does not work at this place"}])


async def make(
    session: AsyncSession,
    person: Person,
    place: Place,
    *,
    category: Category,
    columns: Mapping[str, Any],
    by: Actor,
) -> VisitPlan:
    """Plan visits to somebody; `Invalid` for a worker who does not work there."""
    PLAN.demand(by, at=place.path)
    if worker_id := columns.get("worker_id"):
        await _check_worker(session, worker_id, place)
    plan = VisitPlan(
        community_id=by.community_id,
        id=new_id(),
        person_id=person.id,
        place_id=place.id,
        category_id=category.id,
        next_on=columns["starts_on"],
        **columns,
    )
    session.add(plan)
    await session.flush()
    await record(session, VisitPlanned(plan_id=plan.id), by=by)
    return plan


async def change(
    session: AsyncSession, plan: VisitPlan, columns: Mapping[str, Any], *, by: Actor
) -> VisitPlan:
    """Make the visits differently from the next one on."""
    place = await session.get_one(Place, (plan.community_id, plan.place_id))
    PLAN.demand(by, at=place.path)
    if plan.ended_at:
        raise PlanEnded
    if worker_id := columns.get("worker_id"):
        await _check_worker(session, worker_id, place)
    was = {name: getattr(plan, name) for name in columns}
    for name, value in columns.items():
        setattr(plan, name, value)
    await session.flush()
    changed = VisitPlanChanged(
        plan_id=plan.id,
        was={name: value and str(value) for name, value in was.items()},
        now={name: value and str(value) for name, value in columns.items()},
    )
    await record(session, changed, by=by)
    return plan


async def end(session: AsyncSession, plan: VisitPlan, *, by: Actor) -> None:
    """Make no more visits by this plan; what is under way stays."""
    place = await session.get_one(Place, (plan.community_id, plan.place_id))
    PLAN.demand(by, at=place.path)
    if plan.ended_at:
        raise PlanEnded
    plan.ended_at = now()
    await session.flush()
    await record(session, VisitPlanEnded(plan_id=plan.id), by=by)


async def fulfil(session: AsyncSession, plan: VisitPlan) -> None:
    """Make the request of a plan that is due, for its worker or whoever the rule finds.

    Days that nobody could be sent on, because the service stood still, are not made up for.
    """
    day = plan.next_on
    while day <= today():
        on, day = day, after(day, plan.every, plan.count, starts_on=plan.starts_on)
    plan.next_on = day
    by = access.system(plan.community_id)
    request = await service.file(
        session,
        category=await session.get_one(Category, (plan.community_id, plan.category_id)),
        place=await session.get_one(Place, (plan.community_id, plan.place_id)),
        summary=plan.task,
        by=by,
        reporter_id=None,
        channel=Channel.PLAN,
        origin=Origin.PLAN,
    )
    visit = PlannedVisit(
        community_id=plan.community_id, plan_id=plan.id, on=on, request_id=request.id
    )
    session.add(visit)
    if plan.until and day > plan.until:
        plan.ended_at = now()
    await session.flush()
    if plan.worker_id:
        await workflow.take(session, request, "accept", {}, by=by)
        await workflow.take(session, request, "assign", {"worker_id": plan.worker_id}, by=by)
