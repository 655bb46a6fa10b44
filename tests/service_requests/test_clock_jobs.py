"""Warnings before time runs out, and what follows when it has: each once, whoever looks."""

import asyncio

import pytest
from sqlalchemy import select

from app.core.database import Sessions
from app.core.facts import Event, Fact
from app.service_requests.events import ClockBreached, ClockWarned
from app.service_requests.jobs import clocks as job
from tests.conftest import Worker
from tests.locks import somebody_waits
from tests.service_requests.builders import Caller, Letterbox, Town
from tests.service_requests.conftest import People
from tests.service_requests.timing import a_kind, a_matter, it_is, states

SOON = "办理时限快到了，请尽快办结。"
LATE = "工单已超过办理时限，请尽快处理。"
LATE_TO_ANSWER = "首次答复已超时，请尽快答复居民。"
LATE_WITH_NEWS = "进展更新已超时，请告知居民进展。"


async def look(worker: Worker, *, times: int = 1) -> None:
    """What happens every minute, and what follows from it."""
    for _ in range(times):
        await job.watch_clocks.defer_async(timestamp=0)
        await worker.catch_up()


async def noted(sessions: Sessions, event: type[Event]) -> list[str]:
    """The kinds of the clocks about which this is on record."""
    async with sessions() as session:
        facts = select(Fact.payload["clock"].astext).where(Fact.kind == event.kind)
        return sorted(await session.scalars(facts))


async def noted_of(sessions: Sessions, event: type[Event]) -> list[str]:
    """The requests about which this is on record."""
    async with sessions() as session:
        facts = select(Fact.subject_id).where(Fact.kind == event.kind)
        return sorted(str(request_id) for request_id in await session.scalars(facts))


async def test_who_works_on_it_is_warned_to_the_minute_and_once(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    people: People,
    town: Town,
    *,
    worker: Worker,
    letters: Letterbox,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, update_limit=None, resolve_limit="4h")
    matter = await a_matter(resident, town)
    await worker.catch_up()
    await plumber.take(matter, "start")
    version = (await manager.get(f"/service-requests/{matter['id']}")).headers["ETag"]

    it_is("11-30 12:59")
    await look(worker)
    assert SOON not in letters.to(people.worker)
    it_is("11-30 13:01")
    await look(worker, times=2)

    assert letters.to(people.worker).count(SOON) == 1
    assert not letters.to(people.leader)
    assert await noted(sessions, ClockWarned) == ["resolution"]
    assert [entry["text"] for entry in await manager.timeline(matter)][-1] == "办结即将到期"
    assert "即将到期" not in str(await resident.timeline(matter))
    assert (await manager.get(f"/service-requests/{matter['id']}")).headers["ETag"] == version


async def test_who_had_it_first_is_warned_with_who_has_it_now(
    manager: Caller,
    resident: Caller,
    people: People,
    town: Town,
    worker: Worker,
    *,
    letters: Letterbox,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, update_limit=None, resolve_limit="4h")
    matter = await a_matter(resident, town)
    await worker.catch_up()
    await manager.take(matter, "assign", worker_id=str(people.leader.id))
    it_is("11-30 13:01")
    await look(worker)
    assert letters.to(people.worker).count(SOON) == 1
    assert letters.to(people.leader).count(SOON) == 1


async def test_what_is_late_is_told_to_the_worker_and_the_leader_once_and_goes_up(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    people: People,
    town: Town,
    *,
    worker: Worker,
    letters: Letterbox,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, answer_limit="9d", resolve_limit="4h")
    late, done = await a_matter(resident, town), await a_matter(resident, town)
    await manager.patch("/service-categories/hurry", {"resolve_limit": "9d"})
    slow = await a_matter(resident, town)
    await worker.catch_up()
    await plumber.take(done, "complete", note="好了")

    it_is("11-30 13:59")
    await look(worker)
    assert not await noted(sessions, ClockBreached)
    it_is("11-30 14:01")
    await look(worker, times=2)

    seen = [await manager.read(each) for each in (late, done, slow)]
    assert [states(each)["resolution", 1] for each in seen] == ["breached", "met", "running"]
    assert seen[0]["clocks"][-1]["breached_at"] == seen[0]["due_at"]
    assert [each["escalation"] for each in seen] == [1, 0, 0]
    assert letters.to(people.worker).count(LATE) == 1
    assert letters.to(people.leader).count(LATE) == 1
    assert LATE not in letters.to(people.manager)
    assert LATE not in letters.to(people.resident)
    assert "办结已超时" in [entry["text"] for entry in await manager.timeline(late)]
    assert "超时" not in str(await resident.timeline(late))


async def test_a_late_answer_goes_up_as_well_and_late_news_do_not(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    people: People,
    town: Town,
    *,
    worker: Worker,
    letters: Letterbox,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    silent, told = await a_matter(resident, town), await a_matter(resident, town)
    await worker.catch_up()
    await plumber.take(told, "start")
    it_is("11-30 14:01")
    await look(worker)
    assert (await manager.read(silent))["escalation"] == 1
    assert (await manager.read(told))["escalation"] == 0
    assert letters.to(people.leader).count(LATE_TO_ANSWER) == 1
    assert letters.to(people.leader).count(LATE_WITH_NEWS) == 1


async def test_at_the_top_of_the_chain_the_managers_are_told(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    people: People,
    town: Town,
    worker: Worker,
    *,
    letters: Letterbox,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, answer_limit="9d", resolve_limit="4h")
    matter = await a_matter(resident, town)
    await worker.catch_up()
    await plumber.take(matter, "escalate")
    await plumber.take(matter, "escalate")
    it_is("11-30 14:01")
    await look(worker)
    assert (await manager.read(matter))["escalation"] == 2
    assert letters.to(people.manager).count(LATE) == 1


async def test_nobody_is_hurried_about_what_waits_or_is_done(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    people: People,
    town: Town,
    *,
    worker: Worker,
    letters: Letterbox,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    waits, late = await a_matter(resident, town), await a_matter(resident, town)
    await worker.catch_up()
    await plumber.take(waits, "suspend", reason="等零件")
    it_is("12-05 10:00")
    await plumber.take(late, "complete", note="好了")
    await look(worker)
    assert not await noted(sessions, ClockWarned)
    assert await noted(sessions, ClockBreached) == ["first_answer", "resolution"]
    assert not letters.to(people.leader)
    assert LATE not in letters.to(people.worker)


async def test_what_ran_out_while_nobody_looked_is_not_warned_of(
    manager: Caller, resident: Caller, town: Town, worker: Worker, sessions: Sessions
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager)
    await a_matter(resident, town)
    it_is("12-03 10:00")
    await look(worker)
    assert not await noted(sessions, ClockWarned)
    assert await noted(sessions, ClockBreached) == ["first_answer", "resolution"]


async def test_more_time_is_warned_of_anew(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    town: Town,
    worker: Worker,
    *,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, answer_limit="9d", resolve_limit="4h")
    matter = await a_matter(resident, town)
    await worker.catch_up()
    it_is("11-30 13:30")
    await look(worker)
    await plumber.take(matter, "ask-extension", extra="4h", reason="等零件")
    await manager.take(matter, "decide-extension", granted=True, answer="可以")
    await look(worker)
    assert (await noted(sessions, ClockWarned)).count("resolution") == 1
    it_is("11-30 17:00")
    await look(worker)
    assert (await noted(sessions, ClockWarned)).count("resolution") == 2


async def test_more_than_one_batch_is_noted_in_one_run(
    manager: Caller,
    resident: Caller,
    town: Town,
    worker: Worker,
    sessions: Sessions,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job, "_AT_ONCE", 2)
    it_is("11-30 10:00")
    await a_kind(manager, answer_limit="9d", resolve_limit="4h")
    for _ in range(5):
        await a_matter(resident, town)
    it_is("11-30 13:30")
    await look(worker)
    assert len(await noted(sessions, ClockWarned)) == 5
    it_is("11-30 14:30")
    await look(worker)
    assert len(await noted(sessions, ClockBreached)) == 5


async def test_two_that_look_at_once_note_everything_once(
    manager: Caller,
    resident: Caller,
    town: Town,
    sessions: Sessions,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job, "_AT_ONCE", 2)
    it_is("11-30 10:00")
    await a_kind(manager, answer_limit="9d", resolve_limit="4h")
    all_of_them = sorted([(await a_matter(resident, town))["id"] for _ in range(4)])
    for time, note_some, event in (
        ("11-30 13:30", job._warn_some, ClockWarned),
        ("11-30 14:30", job._breach_some, ClockBreached),
    ):
        it_is(time)
        async with asyncio.timeout(3), sessions.begin() as one, sessions.begin() as other:
            assert [await note_some(one), await note_some(other)] == [2, 2]
        assert await noted_of(sessions, event) == all_of_them


async def test_a_step_that_comes_while_it_is_noted_does_not_note_it_again(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    town: Town,
    worker: Worker,
    *,
    sessions: Sessions,
) -> None:
    it_is("11-30 10:00")
    await a_kind(manager, answer_limit="9d", resolve_limit="4h")
    matter = await a_matter(resident, town)
    await worker.catch_up()
    it_is("11-30 14:01")
    async with sessions.begin() as looking:
        assert await job._breach_some(looking) == 1
        await looking.flush()
        late = asyncio.create_task(plumber.take(matter, "complete", note="好了"))
        await somebody_waits(sessions)
    assert states(await late)["resolution", 1] == "breached"
    assert await noted(sessions, ClockBreached) == ["resolution"]
