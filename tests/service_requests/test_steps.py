from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import Fact
from app.people.models import Post
from app.service_requests.models import ServiceRequest
from app.service_requests.steps import steps
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People


@pytest.fixture
async def leak(acting: As, people: People, town: Town, worker: Worker) -> dict[str, Any]:
    """A leak that the worker of the grid was given."""
    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    return filed


async def snapshot(sessions: Sessions) -> tuple[Any, ...]:
    """Everything that a step could have changed."""
    async with sessions() as session:
        row = (await session.execute(select(ServiceRequest.__table__))).mappings().one()
        return dict(row), await session.scalar(select(func.count()).select_from(Fact))


ILLEGAL: tuple[tuple[str, str, dict[str, Any], int, str], ...] = (
    ("worker", "complete", {}, 422, "invalid"),
    ("worker", "complete", {"note": " "}, 422, "invalid"),
    ("worker", "complete", {"note": "好", "state": "closed"}, 422, "invalid"),
    ("worker", "accept", {}, 409, "step-not-offered"),
    ("worker", "fly", {}, 404, "not-found"),
    ("worker", "assign", {"worker_id": "x"}, 403, "forbidden"),
    ("worker", "reject", {"reason": "不", "channel": "12345"}, 403, "forbidden"),
    ("worker", "close", {}, 409, "step-not-offered"),
    ("resident", "start", {}, 403, "forbidden"),
    ("resident", "complete", {"note": "好"}, 403, "forbidden"),
    ("resident", "rate", {"score": 5}, 409, "step-not-offered"),
    ("neighbour", "start", {}, 404, "not-found"),
    ("elsewhere", "start", {}, 404, "not-found"),
    ("manager", "verify", {}, 409, "step-not-offered"),
    ("manager", "reject", {"reason": "不归我们"}, 422, "invalid"),
)


async def test_an_illegal_step_changes_nothing(
    acting: As, people: People, leak: dict[str, Any], sessions: Sessions
) -> None:
    before = await snapshot(sessions)
    for who, step, form, status, problem in ILLEGAL:
        answer = await acting(getattr(people, who)).step(leak, step, **form)

        told = (answer.status_code, answer.json()["type"])
        assert told == (status, f"/problems/{problem}"), (who, step, form)
        assert await snapshot(sessions) == before, (who, step, form)


async def test_the_fields_at_fault_are_named(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    answer = await acting(people.worker).step(leak, "complete", photos="x")
    assert {error["path"] for error in answer.json()["errors"]} == {"note", "photos"}


async def test_a_request_one_may_not_see_is_answered_like_one_that_is_not_there(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    nowhere = {"id": "019e0000-0000-7000-8000-000000000000"}
    neighbour = acting(people.neighbour)
    hidden, absent = [await neighbour.step(each, "start") for each in (leak, nowhere)]
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)


async def test_work_is_not_checked_by_who_did_it(
    acting: As, people: People, leak: dict[str, Any], town: Town
) -> None:
    manager = acting(people.manager)
    await manager.take(leak, "assign", worker_id=str(people.manager.id))
    await manager.take(leak, "complete", note="自己修好了")
    own = await manager.step(leak, "verify")
    assert own.json()["type"] == "/problems/own-work"
    assert (await acting(people.leader).take(leak, "verify"))["state"] == "verified"


async def test_only_the_reporter_rates_and_only_once(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    await acting(people.worker).take(leak, "complete", note="好了")
    resident = acting(people.resident)

    assert (await acting(people.manager).step(leak, "rate", score=5)).status_code == 403
    for nonsense in (0, 6, "five", None, 2**63):
        assert (await resident.step(leak, "rate", score=nonsense)).status_code == 422
    assert (await resident.take(leak, "rate", score=3))["score"] == 3
    again = await resident.step(leak, "rate", score=5)
    assert again.json()["type"] == "/problems/already-rated"


async def test_a_closed_request_can_still_be_rated(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    await acting(people.worker).take(leak, "complete", note="好了")
    await acting(people.manager).take(leak, "close")
    rated = await acting(people.resident).take(leak, "rate", score=1)
    assert (rated["state"], rated["score"]) == ("closed", 1)


async def test_rejecting_says_why_and_where_to_go(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    rejected = await acting(people.manager).take(
        leak, "reject", reason="燃气管道不归社区", channel="燃气公司 96777"
    )
    await worker.catch_up()

    assert rejected["state"] == "rejected"
    assert {step["name"] for step in rejected["steps"]} == {"reopen", "log-effort"}
    told = letters.last_to(people.resident)
    assert (told["说明"], told["办理途径"]) == ("燃气管道不归社区", "燃气公司 96777")
    last = (await acting(people.resident).timeline(leak))[-1]
    assert last["text"] == "不予受理：燃气管道不归社区 办理途径：燃气公司 96777"


async def test_another_worker_is_told_and_so_is_the_first(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    await acting(people.leader).take(leak, "assign", worker_id=str(people.leader.id))
    await worker.catch_up()

    assert letters.to(people.worker) == ["这张工单已改派他人，您无需再处理。"]
    assert letters.to(people.leader) == ["您有一张新工单，请及时处理。"]
    assert "陈书记" in letters.to(people.resident)[-1]


async def test_work_goes_only_to_who_works_at_the_place_and_once(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    leader = acting(people.leader)
    for stranger in (people.elsewhere, people.neighbour):
        answer = await leader.step(leak, "assign", worker_id=str(stranger.id))
        assert answer.json()["errors"][0]["path"] == "worker_id"
    twice = await leader.step(leak, "assign", worker_id=str(people.worker.id))
    assert twice.json()["type"] == "/problems/already-assigned"


async def test_who_oversees_the_place_may_act_for_the_worker(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    assert (await acting(people.leader).take(leak, "start"))["state"] == "in_progress"


async def test_another_worker_of_the_place_may_not(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    await acting(people.leader).take(leak, "assign", worker_id=str(people.leader.id))
    assert (await acting(people.worker).step(leak, "start")).status_code == 403


async def test_whose_post_has_ended_sees_the_request_no_more(
    acting: As, people: People, leak: dict[str, Any], session: AsyncSession
) -> None:
    ended = update(Post).where(Post.person_id == people.worker.id).values(ended_at=now())
    await session.execute(ended)
    await session.commit()
    assert (await acting(people.worker).step(leak, "start")).status_code == 404


async def test_everybody_is_shown_the_steps_they_could_take(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    async def offered(who: str) -> set[str]:
        return {step["name"] for step in (await acting(getattr(people, who)).read(leak))["steps"]}

    work = {"start", "complete", "suspend", "ask-extension"}
    assert await offered("worker") >= work | {"return", "log-effort"}
    assert not await offered("worker") & {"assign", "reject", "resume", "decide-extension", "visit"}
    assert await offered("manager") >= work | {"assign", "reject"}
    assert not await offered("manager") & {"return", "urge", "withdraw", "rate", "judge"}
    assert await offered("resident") == {"urge", "withdraw"}
    await acting(people.worker).take(leak, "complete", note="好了")
    assert await offered("resident") == {"rate", "judge"}
    assert await offered("manager") >= {"verify", "visit", "close"}
    assert await offered("worker") == {"log-effort"}


def test_every_step_is_complete() -> None:
    found = dict(steps)
    assert set(found) >= {
        "accept",
        "assign",
        "start",
        "complete",
        "verify",
        "rate",
        "close",
        "reject",
    }
    words = [word for step in found.values() for word in step.words]
    assert len(words) == len(set(words))
    for name, step in found.items():
        assert step.words, name
        assert step.takes, name
        assert step.form.__doc__, name
        assert step.line, name
        assert step.event.subject == "request_id", name
