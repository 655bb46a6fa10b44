"""Asking for more time, and deciding it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA, now
from app.service_requests.models import Petition
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox
from tests.service_requests.conftest import As, People
from tests.service_requests.timing import states

WHY = "配件要从外地调"
ASKED = {"extra": "2d", "reason": WHY}
GRANTED = {"granted": True, "answer": "抓紧"}
REFUSED = {"granted": False, "answer": "今天就能修"}


@pytest.fixture
def leader(acting: As, people: People) -> Caller:
    return acting(people.leader)


def clock(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(CHINA).strftime("%m-%d %H:%M")


async def test_granted_time_moves_what_is_due_and_everybody_hears_of_it(
    plumber: Caller,
    leader: Caller,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
) -> None:
    asked = await plumber.take(leak, "ask-extension", **ASKED)
    await worker.catch_up()
    assert asked["due_at"] == leak["due_at"]
    assert letters.to(people.leader)[-1] == "有工单申请延期，请审批。"
    assert letters.last_to(people.leader)["说明"] == WHY

    granted = await leader.take(leak, "decide-extension", **GRANTED)
    await worker.catch_up()

    moved = datetime.fromisoformat(granted["due_at"]) - datetime.fromisoformat(leak["due_at"])
    assert moved == timedelta(days=2)
    told = f"您反映的事项需要更多时间，预计{clock(granted['due_at'])}前办结。"
    assert letters.to(people.resident)[-1] == told
    assert "说明" not in letters.last_to(people.resident)
    assert letters.to(people.worker)[-1] == "延期申请已获同意。"
    assert letters.last_to(people.worker)["说明"] == "抓紧"
    assert states(granted)["first_answer", 1] == "met"


async def test_of_a_refusal_only_the_worker_hears(
    plumber: Caller,
    leader: Caller,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
) -> None:
    before = letters.to(people.resident)
    await plumber.take(leak, "ask-extension", **ASKED)
    refused = await leader.take(leak, "decide-extension", **REFUSED)
    await worker.catch_up()

    assert refused["due_at"] == leak["due_at"]
    assert letters.to(people.resident) == before
    assert letters.to(people.worker)[-1] == "延期申请未获同意，请按期办结。"
    assert letters.last_to(people.worker)["说明"] == "今天就能修"
    assert states(refused)["first_answer", 1] == "running"


async def test_what_staff_say_about_it_stays_among_staff(
    plumber: Caller, leader: Caller, acting: As, people: People, leak: dict[str, Any]
) -> None:
    await plumber.take(leak, "ask-extension", **ASKED)
    await leader.take(leak, "decide-extension", **GRANTED)
    seen = [entry["text"] for entry in await plumber.timeline(leak)]
    assert seen[-2:] == [f"申请延期：{WHY}", "延期申请：同意 抓紧"]

    resident = acting(people.resident)
    path = f"/service-requests/{leak['id']}"
    for answer in (await resident.get(path), await resident.get(f"{path}/timeline")):
        assert WHY not in answer.text
        assert "抓紧" not in answer.text


async def test_one_wish_waits_at_a_time(
    plumber: Caller, leader: Caller, leak: dict[str, Any]
) -> None:
    await plumber.take(leak, "ask-extension", **ASKED)
    again = await plumber.step(leak, "ask-extension", **ASKED)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/petition-pending")
    assert "ask-extension" not in {step["name"] for step in (await plumber.read(leak))["steps"]}

    await leader.take(leak, "decide-extension", **REFUSED)
    assert (await plumber.step(leak, "ask-extension", **ASKED)).status_code == 200


async def test_where_nothing_was_asked_there_is_nothing_to_decide(
    plumber: Caller, leader: Caller, leak: dict[str, Any]
) -> None:
    nothing = await leader.step(leak, "decide-extension", **GRANTED)
    assert (nothing.status_code, nothing.json()["type"]) == (409, "/problems/nothing-asked")
    await plumber.take(leak, "ask-extension", **ASKED)
    await leader.take(leak, "decide-extension", **GRANTED)
    twice = await leader.step(leak, "decide-extension", **GRANTED)
    assert twice.json()["type"] == "/problems/nothing-asked"


async def test_nobody_decides_their_own_wish(
    plumber: Caller, leader: Caller, acting: As, people: People, leak: dict[str, Any]
) -> None:
    await leader.take(leak, "ask-extension", **ASKED)
    own = await leader.step(leak, "decide-extension", **GRANTED)
    assert (own.status_code, own.json()["type"]) == (409, "/problems/own-work")
    assert (await plumber.step(leak, "decide-extension", **GRANTED)).status_code == 403
    await acting(people.manager).take(leak, "decide-extension", **REFUSED)


async def test_nor_does_who_does_the_work(
    plumber: Caller, leader: Caller, acting: As, people: People, leak: dict[str, Any]
) -> None:
    await plumber.take(leak, "ask-extension", **ASKED)
    manager = acting(people.manager)
    await manager.take(leak, "assign", worker_id=str(people.leader.id))
    own = await leader.step(leak, "decide-extension", **GRANTED)
    assert own.json()["type"] == "/problems/own-work"
    await manager.take(leak, "decide-extension", **GRANTED)


async def test_a_wish_waits_while_the_matter_does(
    plumber: Caller, leader: Caller, leak: dict[str, Any]
) -> None:
    await plumber.take(leak, "ask-extension", **ASKED)
    await plumber.take(leak, "suspend", reason="等配件")
    await leader.take(leak, "decide-extension", **GRANTED)
    goes_on = await plumber.take(leak, "resume")
    left = datetime.fromisoformat(goes_on["due_at"]) - now()
    assert timedelta(days=2, hours=23) < left < timedelta(days=3)


@pytest.mark.parametrize("extra", ["2", "0d", "-1d", "1y", "", None, 2, "1000000d", ["2d"]])
async def test_time_is_asked_for_in_units_that_rules_have(
    plumber: Caller, leak: dict[str, Any], extra: Any
) -> None:
    refused = await plumber.step(leak, "ask-extension", extra=extra, reason=WHY)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "extra")


@pytest.mark.parametrize("extra", ["99999d", "99999wd", "99999wh", "30m"])
async def test_however_much_it_is_there_is_an_answer(
    plumber: Caller, leader: Caller, leak: dict[str, Any], extra: str
) -> None:
    await plumber.take(leak, "ask-extension", extra=extra, reason=WHY)
    granted = await leader.take(leak, "decide-extension", **GRANTED)
    assert granted["due_at"] > leak["due_at"]


async def test_a_wish_of_the_last_round_is_none_in_the_next(
    plumber: Caller,
    leader: Caller,
    acting: As,
    people: People,
    leak: dict[str, Any],
    session: AsyncSession,
) -> None:
    await plumber.take(leak, "ask-extension", **ASKED)
    await plumber.take(leak, "complete", note="好了")
    await acting(people.resident).take(leak, "judge", resolved=False, satisfied=False)

    nothing = await leader.step(leak, "decide-extension", **GRANTED)
    assert nothing.json()["type"] == "/problems/nothing-asked"
    old = (await session.scalars(select(Petition))).one()
    assert (old.granted, old.decided_by_id) == (False, None)
    assert (await plumber.step(leak, "ask-extension", **ASKED)).status_code == 200
