"""Visits come round on their days, once each, for whoever makes them."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.database import Sessions
from app.service_requests import plans
from app.service_requests.jobs.plans import make_due
from app.service_requests.models import Every, PlannedVisit, ServiceRequest, VisitPlan
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People


async def _plan(acting: As, people: People, town: Town, **more: Any) -> dict[str, Any]:
    asked = {
        "person_id": str(people.resident.id),
        "place_id": str(town.home.id),
        "category": "other",
        "task": "走访李桂兰，看看身体和用气用电",
        "every": "week",
        "starts_on": plans.today().isoformat(),
        **more,
    }
    made = await acting(people.manager).post("/visit-plans", asked)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def _visits(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(PlannedVisit)) or 0


async def test_a_plan_makes_its_request_on_its_day_for_its_worker(
    acting: As,
    people: People,
    town: Town,
    sessions: Sessions,
    session: AsyncSession,
    worker: Worker,
    letters: Letterbox,
) -> None:
    await _plan(acting, people, town, worker_id=str(people.worker.id))

    await make_due(sessions)
    await worker.catch_up()

    visit = await session.scalar(select(ServiceRequest))
    assert visit
    assert (visit.assignee_id, visit.origin, visit.channel) == (people.worker.id, "plan", "plan")
    assert visit.reporter_id is None
    assert letters.to(people.worker) == ["您有一张新工单，请及时处理。"]
    assert letters.to(people.resident) == []


async def test_a_day_is_visited_once_however_often_the_clock_strikes(
    acting: As, people: People, town: Town, sessions: Sessions, session: AsyncSession
) -> None:
    await _plan(acting, people, town)

    await asyncio.gather(*(make_due(sessions) for _ in range(4)))
    assert await _visits(session) == 1

    clock.shift(timedelta(days=6))
    await make_due(sessions)
    assert await _visits(session) == 1
    clock.shift(timedelta(days=7))
    await make_due(sessions)
    assert await _visits(session) == 2


async def test_days_on_which_the_service_stood_still_are_not_made_up_for(
    acting: As, people: People, town: Town, sessions: Sessions, session: AsyncSession
) -> None:
    await _plan(acting, people, town, every="day")
    clock.shift(timedelta(days=10))

    await make_due(sessions)

    assert await _visits(session) == 1
    plan = await session.scalar(select(VisitPlan))
    assert plan
    assert plan.next_on == plans.today() + timedelta(days=1)


async def test_a_plan_ends_after_its_last_day_and_when_it_is_ended(
    acting: As, people: People, town: Town, sessions: Sessions, session: AsyncSession
) -> None:
    until = plans.today() + timedelta(days=3)
    await _plan(acting, people, town, until=until.isoformat())
    stopped = await _plan(acting, people, town)
    assert (await acting(people.manager).post(f"/visit-plans/{stopped['id']}/ending")).is_success

    for days in (0, 7, 14):
        clock.shift(timedelta(days=days))
        await make_due(sessions)

    assert await _visits(session) == 1
    again = await acting(people.manager).post(f"/visit-plans/{stopped['id']}/ending")
    assert again.status_code == 404


async def test_a_plan_is_changed_from_the_next_visit_on(
    acting: As, people: People, town: Town
) -> None:
    plan = await _plan(acting, people, town)
    path = f"/visit-plans/{plan['id']}"

    changed = await acting(people.manager).patch(path, {"every": "month", "count": 2})
    assert (changed.json()["every"], changed.json()["count"]) == ("month", 2)
    elsewhere = await acting(people.manager).patch(path, {"worker_id": str(people.elsewhere.id)})
    assert elsewhere.status_code == 422
    assert (await acting(people.elsewhere).patch(path, {"count": 3})).status_code == 404
    assert (await acting(people.resident).get(path)).status_code == 404


async def test_who_leaves_the_care_register_is_not_visited_any_more(
    acting: As, people: People, town: Town, session: AsyncSession, worker: Worker
) -> None:
    manager = acting(people.manager)
    assert (await manager.patch("/service-categories/other", {"confidential": True})).is_success
    await _plan(acting, people, town)
    entry = await manager.post(
        "/care-entries",
        {
            "person_id": str(people.resident.id),
            "place_id": str(town.home.id),
            "kinds": ["living_alone"],
            "consent": {"wording": "同意", "channel": "spoken"},
        },
    )
    await manager.post(f"/care-entries/{entry.json()['id']}/ending")
    await worker.catch_up()

    plan = await session.scalar(select(VisitPlan))
    assert plan
    assert plan.ended_at


WRONG: list[dict[str, Any]] = [
    {"count": 0},
    {"every": "year"},
    {"starts_on": "2026-02-30"},
    {"starts_on": "2026-03-02", "until": "2026-03-01"},
    {"person_id": str(UUID(int=0))},
    {"place_id": str(UUID(int=0))},
    {"category": "nothing"},
    {"task": ""},
]


async def test_what_makes_no_sense_is_refused(
    acting: As, people: People, town: Town, subtests: pytest.Subtests
) -> None:
    right: dict[str, Any] = {
        "person_id": str(people.resident.id),
        "place_id": str(town.home.id),
        "category": "other",
        "task": "走访",
        "every": "week",
        "starts_on": "2026-03-01",
    }
    for wrong in WRONG:
        with subtests.test(wrong=wrong):
            answer = await acting(people.manager).post("/visit-plans", right | wrong)
            assert answer.status_code == 422


MONTHS = [
    (date(2026, 1, 31), 1, date(2026, 2, 28)),
    (date(2026, 2, 28), 1, date(2026, 3, 31)),
    (date(2026, 12, 31), 1, date(2027, 1, 31)),
    (date(2026, 11, 30), 3, date(2027, 2, 28)),
]


def test_a_month_without_the_day_is_visited_on_its_last() -> None:
    for day, count, expected in MONTHS:
        begun = date(2026, 1, 31)
        assert plans.after(day, Every.MONTH, count, starts_on=begun) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(Every), st.integers(1, 366))
def test_the_next_day_lies_ahead(day: date, every: Every, count: int) -> None:
    assert plans.after(day, every, count, starts_on=day) > day


async def test_a_task_from_above_says_whose_wish_it_is(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    made = await manager.post(
        "/organizations",
        {
            "code": "minzheng",
            "name": "民政办",
            "kind": "department",
            "place_id": str(town.places["/"].id),
        },
    )
    assert made.status_code == 201, made.text
    asked = {
        "organization_id": made.json()["id"],
        "reference": "民政〔2026〕12号",
        "category": "other",
        "place_id": str(town.places["/"].id),
        "summary": "摸排独居老人，月底前报表",
        "due_at": (clock.now() + timedelta(days=9)).isoformat(),
    }
    task = await manager.post("/tasks", asked)
    assert task.status_code == 201, task.text
    assert task.json()["origin"] == "above"
    assert task.json()["due_at"][:16] == asked["due_at"][:16]

    late = asked | {"due_at": "2020-01-01T00:00:00Z"}
    assert (await manager.post("/tasks", late)).status_code == 422
    assert (await acting(people.worker).post("/tasks", asked)).status_code == 403
    kept = await session.scalar(select(ServiceRequest))
    assert kept
    assert kept.origin_reference == "民政〔2026〕12号"
