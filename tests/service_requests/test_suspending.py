"""Putting a matter aside for a reason, and taking it up again."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now, shift
from app.core.database import Sessions
from app.core.facts import Fact
from app.service_requests.jobs import resuming
from app.service_requests.models import Follower, ServiceRequest, State
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.timing import a_kind, a_matter, at, due, it_is, states

REASON = "等配件到货"


async def look(worker: Worker) -> None:
    """What happens every minute."""
    await resuming.resume_what_waited.defer_async(timestamp=0)
    await worker.catch_up()


async def resumed(sessions: Sessions) -> int:
    async with sessions() as session:
        kind = Fact.kind == "service_request.resumed"
        return await session.scalar(select(func.count()).where(kind)) or 0


async def test_who_waits_for_it_is_told_why_it_waits(
    plumber: Caller,
    acting: As,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    session: AsyncSession,
    *,
    town: Town,
    letters: Letterbox,
) -> None:
    session.add(
        Follower(
            community_id=town.community.id,
            request_id=UUID(leak["id"]),
            person_id=people.neighbour.id,
        )
    )
    await session.commit()
    until = (now() + timedelta(days=2)).isoformat()

    waits = await plumber.take(leak, "suspend", reason=REASON, until=until)
    await worker.catch_up()

    assert (waits["state"], waits["suspended_reason"]) == ("assigned", REASON)
    assert waits["suspended_at"]
    day = (now() + timedelta(days=2, hours=8)).strftime("%m-%d")
    for who in (people.resident, people.neighbour):
        assert letters.to(who)[-1] == f"您反映的事项暂缓办理，预计{day}恢复，原因如下。"
        assert letters.last_to(who)["说明"] == REASON
    last = (await acting(people.resident).timeline(leak))[-1]
    assert (last["text"], last["by"]["name"]) == (f"暂缓办理：{REASON}", "王强")


async def test_without_a_day_none_is_promised(
    plumber: Caller, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    waits = await plumber.take(leak, "suspend", reason=REASON)
    await worker.catch_up()
    assert waits["suspended_until"] is None
    assert letters.to(people.resident)[-1] == "您反映的事项暂缓办理，原因如下。"


async def test_the_time_it_waits_does_not_count(
    plumber: Caller, acting: As, people: People, town: Town, worker: Worker
) -> None:
    it_is("11-30 10:00")
    await a_kind(acting(people.manager))
    matter = await a_matter(acting(people.resident), town)
    await worker.catch_up()
    it_is("11-30 11:00")
    waits = await plumber.take(matter, "suspend", reason=REASON)
    assert states(waits) == {
        ("first_answer", 1): "met",
        ("next_update", 1): "paused",
        ("resolution", 1): "paused",
    }

    it_is("12-03 09:00")
    goes_on = await plumber.take(matter, "resume")

    assert due(goes_on)["resolution", 1] == "12-04 08:00"
    assert (goes_on["suspended_at"], goes_on["suspended_reason"]) == (None, None)
    assert states(goes_on)["resolution", 1] == "running"


async def test_when_it_goes_on_its_reporter_hears_by_when_it_is_done(
    plumber: Caller,
    acting: As,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    letters: Letterbox,
) -> None:
    await plumber.take(leak, "suspend", reason=REASON)
    goes_on = await acting(people.leader).take(leak, "resume")
    await worker.catch_up()

    told = letters.to(people.resident)
    assert told[-1].startswith("您反映的事项恢复办理，预计")
    assert "说明" not in letters.last_to(people.resident)
    assert letters.to(people.worker)[-1] == "挂起的工单已恢复，请继续办理。"
    assert goes_on["suspended_until"] is None


async def test_what_waits_is_not_done_before_it_goes_on(
    plumber: Caller, leak: dict[str, Any]
) -> None:
    await plumber.take(leak, "suspend", reason=REASON)
    for step, form in (("start", {}), ("complete", {"note": "好了"}), ("suspend", {"reason": "x"})):
        refused = await plumber.step(leak, step, **form)
        assert refused.json()["type"] == "/problems/step-not-offered", step
    offered = {step["name"] for step in (await plumber.read(leak))["steps"]}
    assert offered >= {"resume", "log-effort"}
    assert not offered & {"start", "complete", "suspend", "ask-extension"}

    await plumber.take(leak, "resume")
    assert (await plumber.take(leak, "complete", note="好了"))["state"] == "completed"


async def test_what_does_not_wait_does_not_go_on(plumber: Caller, leak: dict[str, Any]) -> None:
    refused = await plumber.step(leak, "resume")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-suspended")
    assert "resume" not in {step["name"] for step in (await plumber.read(leak))["steps"]}


@pytest.mark.parametrize(
    "until",
    [
        "2026-01-01T00:00:00+08:00",
        "9999-12-31T00:00:00+08:00",
        "2026-12-01T00:00:00",
        "soon",
        -1,
        10**30,
    ],
)
async def test_it_waits_until_a_moment_of_the_coming_year(
    plumber: Caller, leak: dict[str, Any], until: Any
) -> None:
    refused = await plumber.step(leak, "suspend", reason=REASON, until=until)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "until"


async def test_only_its_worker_and_who_oversees_them_puts_it_aside(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    for who, status in (("resident", 403), ("neighbour", 404), ("elsewhere", 404)):
        refused = await acting(getattr(people, who)).step(leak, "suspend", reason=REASON)
        assert refused.status_code == status, who
    assert (await acting(people.leader).step(leak, "suspend")).status_code == 422
    await acting(people.leader).take(leak, "suspend", reason=REASON)
    await worker.catch_up()
    assert letters.to(people.worker)[-1] == "这张工单已挂起，暂不用处理。"


async def test_at_the_moment_named_it_goes_on_by_itself_once(
    plumber: Caller,
    people: People,
    acting: As,
    leak: dict[str, Any],
    worker: Worker,
    sessions: Sessions,
    *,
    letters: Letterbox,
) -> None:
    it_is("11-30 10:00")
    await plumber.take(leak, "suspend", reason=REASON, until=at("12-02 08:00").isoformat())
    it_is("12-02 07:59")
    await look(worker)
    assert (await plumber.read(leak))["suspended_at"]

    it_is("12-02 08:00")
    await look(worker)
    await look(worker)

    goes_on = await plumber.read(leak)
    assert (goes_on["state"], goes_on["suspended_at"]) == ("assigned", None)
    assert await resumed(sessions) == 1
    assert letters.to(people.worker)[-1] == "挂起的工单已恢复，请继续办理。"
    last = (await acting(people.resident).timeline(leak))[-1]
    assert (last["text"], last["by"]["role"]) == ("恢复办理", "系统")


async def test_two_that_look_at_once_take_it_up_once(
    plumber: Caller, leak: dict[str, Any], worker: Worker, sessions: Sessions
) -> None:
    until = (now() + timedelta(hours=1)).isoformat()
    await plumber.take(leak, "suspend", reason=REASON, until=until)
    shift(timedelta(hours=2))
    context: Any = type("Context", (), {"additional_context": {"sessions": sessions}})
    await asyncio.gather(
        *(resuming.resume_what_waited.func(context, timestamp=0) for _ in range(6))
    )
    assert await resumed(sessions) == 1
    assert not (await plumber.read(leak))["suspended_at"]


async def test_what_cannot_go_on_does_not_keep_the_others_waiting(
    plumber: Caller,
    acting: As,
    people: People,
    town: Town,
    leak: dict[str, Any],
    worker: Worker,
    *,
    session: AsyncSession,
) -> None:
    until = (now() + timedelta(hours=1)).isoformat()
    other = await acting(people.resident).ask(place_id=str(town.home.id), summary="下水管堵了")
    await worker.catch_up()
    for each in (leak, other):
        await plumber.take(each, "suspend", reason=REASON, until=until)
    broken = await session.get_one(ServiceRequest, (town.community.id, UUID(leak["id"])))
    broken.state = State.COMPLETED
    await session.commit()
    shift(timedelta(hours=2))
    await look(worker)
    assert not (await plumber.read(other))["suspended_at"]


@pytest.mark.parametrize(
    ("who", "step", "form", "clock"),
    [
        ("resident", "withdraw", {}, "cancelled"),
        ("manager", "reject", {"reason": "不归我们", "channel": "12345"}, "met"),
    ],
)
async def test_what_waits_may_end_otherwise(
    plumber: Caller,
    acting: As,
    people: People,
    leak: dict[str, Any],
    who: str,
    *,
    step: str,
    form: dict[str, Any],
    clock: str,
) -> None:
    await plumber.take(leak, "suspend", reason=REASON)
    ended = await acting(getattr(people, who)).take(leak, step, **form)
    assert (ended["suspended_at"], ended["suspended_reason"]) == (None, None)
    assert states(ended)["resolution", 1] == clock
