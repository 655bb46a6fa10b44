"""The three clocks of a request, at times that everybody can count along."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core.database import Sessions
from app.core.facts import Fact
from app.service_requests import clocks, queries
from app.service_requests.events import ClockBreached
from app.service_requests.limits import Limit
from app.service_requests.models import Clock
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import People
from tests.service_requests.timing import a_kind, a_matter, at, due, it_is, minute, states

FIRST, UPDATE, WORK = "first_answer", "next_update", "resolution"


async def remark(by: Caller, request: dict[str, Any], text: str, **rest: Any) -> dict[str, Any]:
    path = f"/service-requests/{request['id']}/remarks"
    assert (await by.post(path, {"text": text} | rest)).status_code == 201
    return await by.read(request)


async def extended(sessions: Sessions, request: dict[str, Any], extra: str) -> None:
    async with sessions.begin() as session:
        community_id = (await session.scalars(select(Clock.community_id))).first()
        assert community_id
        whole = await queries.whole(session, community_id, UUID(request["id"]), lock=True)
        await clocks.extend(session, whole, Limit.of(extra))


async def warnings(
    sessions: Sessions, request: dict[str, Any]
) -> dict[tuple[str, int], str | None]:
    async with sessions() as session:
        rows = await session.scalars(select(Clock).where(Clock.request_id == UUID(request["id"])))
        return {(clock.kind, clock.round): minute(clock.warn_at) for clock in rows}


async def test_each_kind_of_limit_ends_when_its_own_time_has_passed(
    manager: Caller, resident: Caller, town: Town, sessions: Sessions
) -> None:
    it_is("11-27 11:00")
    await a_kind(manager, answer_limit="8h", resolve_limit="3wd", warn_percent=50)
    matter = await a_matter(resident, town)
    assert due(matter) == {(FIRST, 1): "11-27 19:00", (WORK, 1): "12-02 18:00"}
    assert minute(matter["due_at"]) == "12-02 18:00"
    # 3wd from Friday 11:00: 5 hours are left of Friday, and 7 each of three days.
    assert await warnings(sessions, matter) == {(FIRST, 1): "11-27 15:00", (WORK, 1): "12-01 10:00"}

    for limit, ends in (("30m", "11-27 11:30"), ("6wh", "11-30 10:00"), ("3d", "11-30 11:00")):
        changed = await manager.patch("/service-categories/hurry", {"resolve_limit": limit})
        assert changed.status_code == 200
        assert due(await a_matter(resident, town))[WORK, 1] == ends


async def test_only_what_staff_say_to_the_reporter_is_an_answer(
    manager: Caller, resident: Caller, plumber: Caller, town: Town, worker: Worker
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    assert (await plumber.read(matter))["state"] == "assigned"
    assert states(await remark(resident, matter, "还在漏"))[FIRST, 1] == "running"
    assert states(await remark(plumber, matter, "先问问", internal=True))[FIRST, 1] == "running"

    it_is("11-30 11:00")
    told = await remark(plumber, matter, "下午来")

    assert states(told) == {(FIRST, 1): "met", (UPDATE, 1): "running", (WORK, 1): "running"}
    assert due(told)[UPDATE, 1] == "11-30 15:00"


async def test_the_next_update_begins_anew_with_each_answer_and_ends_with_the_work(
    manager: Caller, resident: Caller, plumber: Caller, town: Town, worker: Worker
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    await plumber.take(matter, "start")
    it_is("11-30 12:00")
    await remark(plumber, matter, "内部", internal=True)
    seen = await remark(plumber, matter, "缺零件")
    assert due(seen) | {(FIRST, 1): ""} == {
        (FIRST, 1): "",
        (UPDATE, 1): "11-30 14:00",
        (UPDATE, 2): "11-30 16:00",
        (WORK, 1): "12-01 10:00",
    }
    done = await plumber.take(matter, "complete", note="好了")
    assert states(done) == {
        (FIRST, 1): "met",
        (UPDATE, 1): "met",
        (UPDATE, 2): "met",
        (WORK, 1): "met",
    }


async def test_what_was_promised_when_it_was_filed_holds(
    manager: Caller, resident: Caller, plumber: Caller, town: Town, worker: Worker
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    limits = {"update_limit": "5wd", "resolve_limit": "9d"}
    assert (await manager.patch("/service-categories/hurry", limits)).status_code == 200

    assert due(await plumber.take(matter, "start"))[UPDATE, 1] == "11-30 14:00"
    await plumber.take(matter, "complete", note="好了")
    it_is("12-01 09:00")
    again = await resident.take(matter, "judge", resolved=False, satisfied=False)

    assert due(again)[WORK, 2] == "12-02 09:00"
    assert minute(again["due_at"]) == "12-02 09:00"
    assert states(again)[WORK, 2] == states(again)[UPDATE, 2] == "running"


async def test_suspended_time_does_not_count(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    town: Town,
    worker: Worker,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, update_limit="2wd", resolve_limit="3d", warn_percent=50)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    assert due(await plumber.take(matter, "start"))[UPDATE, 1] == "12-02 18:00"
    it_is("12-01 11:00")
    waiting = await plumber.take(matter, "suspend", reason="等零件")
    assert states(waiting) == {
        (FIRST, 1): "met",
        (UPDATE, 1): "met",
        (UPDATE, 2): "paused",
        (WORK, 1): "paused",
    }

    it_is("12-05 20:00")  # a Saturday; 47 hours are left of 3 days, 5 + 14 of working time
    on = await plumber.take(matter, "resume")

    assert states(on)[WORK, 1] == states(on)[UPDATE, 3] == "running"
    assert due(on)[WORK, 1] == minute(on["due_at"]) == "12-07 19:00"
    assert (await warnings(sessions, matter))[WORK, 1] == "12-06 07:00"


async def test_working_time_that_was_left_is_left_in_working_time(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    town: Town,
    worker: Worker,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, resolve_limit="2wd", warn_percent=50)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    it_is("12-01 11:00")  # of the 6 + 7 + 7 hours, 6 + 2 are gone; the warning is 2 hours ahead
    await plumber.take(matter, "suspend", reason="等零件")

    it_is("12-04 17:00")
    on = await plumber.take(matter, "resume")

    assert due(on)[WORK, 1] == minute(on["due_at"]) == "12-08 15:00"
    assert (await warnings(sessions, matter))[WORK, 1] == "12-07 10:00"


async def test_another_worker_does_not_begin_anew(
    manager: Caller, resident: Caller, town: Town, people: People, *, worker: Worker
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    it_is("11-30 13:00")
    moved = await manager.take(matter, "assign", worker_id=str(people.leader.id))
    assert due(moved)[WORK, 1] == due(matter)[WORK, 1] == minute(moved["due_at"])


@pytest.mark.parametrize(
    ("extra", "ends"), [("2d", "12-03 10:00"), ("2wd", "12-03 18:00"), ("3wh", "12-01 15:00")]
)
async def test_more_time_is_added_to_what_there_is(
    manager: Caller, resident: Caller, town: Town, sessions: Sessions, *, extra: str, ends: str
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, warn_percent=50)
    matter = await a_matter(resident, town)
    it_is("11-30 20:00")
    await extended(sessions, matter, extra)
    more = await resident.read(matter)
    assert due(more)[WORK, 1] == minute(more["due_at"]) == ends
    halfway = at("11-30 20:00") + (at(ends) - at("11-30 20:00")) / 2
    assert (await warnings(sessions, matter))[WORK, 1] == minute(halfway)


async def test_more_time_after_it_ran_out_is_another_round(
    manager: Caller, resident: Caller, town: Town, worker: Worker, sessions: Sessions
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    matter = await a_matter(resident, town)
    it_is("12-01 12:00")
    await extended(sessions, matter, "2d")
    more = await resident.read(matter)
    assert states(more) | {(FIRST, 1): ""} == {
        (FIRST, 1): "",
        (WORK, 1): "breached",
        (WORK, 2): "running",
    }
    assert due(more)[WORK, 1] == "12-01 10:00"
    assert due(more)[WORK, 2] == minute(more["due_at"]) == "12-03 12:00"


async def test_more_time_may_be_given_while_it_is_suspended(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    town: Town,
    worker: Worker,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    it_is("11-30 20:00")
    await plumber.take(matter, "suspend", reason="等零件")
    it_is("12-02 10:00")
    await extended(sessions, matter, "1d")
    assert states(await resident.read(matter))[WORK, 1] == "paused"
    it_is("12-03 10:00")
    on = await plumber.take(matter, "resume")
    assert due(on)[WORK, 1] == minute(on["due_at"]) == "12-05 00:00"


async def test_what_is_done_too_late_was_too_late_and_is_said_once(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    town: Town,
    worker: Worker,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    it_is("12-01 10:01")
    late = await plumber.take(matter, "complete", note="好了")
    assert states(late) == {(FIRST, 1): "breached", (WORK, 1): "breached"}
    ran_out = {each["kind"]: each["breached_at"] for each in late["clocks"]}
    assert ran_out == {each["kind"]: each["due_at"] for each in late["clocks"]}
    async with sessions() as session:
        facts = select(Fact.payload["clock"].astext).where(Fact.kind == ClockBreached.kind)
        assert sorted(await session.scalars(facts)) == [FIRST, WORK]


async def test_nothing_is_owed_of_what_was_taken_back(
    manager: Caller, resident: Caller, town: Town
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, answer_limit="1h")
    matter = await a_matter(resident, town)
    it_is("11-30 12:00")
    gone = await resident.take(matter, "withdraw")
    assert states(gone) == {(FIRST, 1): "breached", (WORK, 1): "cancelled"}


async def test_a_change_of_calendar_holds_for_what_begins_afterwards(
    manager: Caller, resident: Caller, town: Town
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, resolve_limit="1wd")
    before = await a_matter(resident, town)
    day = {"working": False, "note": "全员培训"}
    assert (await manager("PUT", "/special-days/2026-12-01", json=day)).status_code == 200
    hours = {"office_hours": [["08:00", "16:00"]]}
    assert (await manager.patch("/service-request-policy", hours)).status_code == 200

    assert due(await a_matter(resident, town))[WORK, 1] == "12-02 16:00"
    assert due(await resident.read(before))[WORK, 1] == "12-01 18:00"


async def test_the_longest_limit_there_is_ends(
    manager: Caller, resident: Caller, town: Town, sessions: Sessions
) -> None:
    it_is("11-30 10:00")
    await manager.patch("/service-request-policy", {"office_hours": [["09:00", "09:01"]]})
    await a_kind(manager, answer_limit="99999wd", resolve_limit="99999wh")
    matter = await a_matter(resident, town)
    await extended(sessions, matter, "99999d")
    assert (await resident.read(matter))["due_at"].startswith("9999-01-01")
