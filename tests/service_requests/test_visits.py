"""Going back to ask whether it is resolved, and what follows from the answer."""

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
from app.people.models import Post, Role
from app.service_requests.jobs import visits as job
from app.service_requests.models import ReturnVisit, ServiceRequest
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town, a_client, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.timing import a_kind, a_matter, states

GOOD = {"resolved": True, "satisfied": True}
BAD = {"resolved": False, "satisfied": False, "comment": "还在漏"}
AGAIN = "居民表示未解决，请重新办理。"
TAKE_OVER = "居民再次表示未解决，请您接手办理。"
DECIDE = "居民多次表示未解决，请决定如何办理。"


@pytest.fixture
async def done(plumber: Caller, leak: dict[str, Any]) -> dict[str, Any]:
    """The leak, of which its worker says that it is mended."""
    return await plumber.take(leak, "complete", note="换了阀门")


async def look(worker: Worker) -> None:
    """What happens every ten minutes."""
    await job.close_what_is_done.defer_async(timestamp=0)
    await worker.catch_up()


async def count(sessions: Sessions, kind: str) -> int:
    async with sessions() as session:
        facts = select(func.count()).where(Fact.kind == f"service_request.{kind}")
        return await session.scalar(facts) or 0


async def test_staff_ask_and_everybody_sees_what_they_heard(
    manager: Caller, resident: Caller, done: dict[str, Any], session: AsyncSession
) -> None:
    visited = await manager.take(done, "visit", comment="很满意", **GOOD)

    assert visited["state"] == "completed"
    (visit,) = (await resident.read(done))["visits"]
    assert visit.pop("at")
    assert visit.pop("by")["name"] == "周主任"
    assert visit == GOOD | {"round": 1, "comment": "很满意", "by_reporter": False}
    assert (await resident.timeline(done))[-1]["text"] == "回访：已解决 满意 很满意"
    row = (await session.scalars(select(ServiceRequest))).one()
    assert (row.visit_resolved, row.visit_satisfied) == (True, True)


async def test_nobody_asks_about_their_own_work(
    plumber: Caller, resident: Caller, acting: As, people: People, done: dict[str, Any]
) -> None:
    own = await plumber.step(done, "visit", **GOOD)
    assert (own.status_code, own.json()["type"]) == (409, "/problems/own-work")
    assert (await resident.step(done, "visit", **GOOD)).status_code == 403
    assert (await acting(people.manager).step(done, "judge", **GOOD)).status_code == 403
    assert (await acting(people.neighbour).step(done, "judge", **GOOD)).status_code == 404


async def test_it_is_asked_once(manager: Caller, resident: Caller, done: dict[str, Any]) -> None:
    await manager.take(done, "visit", **GOOD)
    for who, step in ((manager, "visit"), (resident, "judge")):
        again = await who.step(done, step, **GOOD)
        assert (again.status_code, again.json()["type"]) == (409, "/problems/already-visited")
        assert step not in {each["name"] for each in (await who.read(done))["steps"]}


async def test_before_it_is_done_there_is_nothing_to_ask(
    manager: Caller, resident: Caller, leak: dict[str, Any]
) -> None:
    for who, step in ((manager, "visit"), (resident, "judge")):
        early = await who.step(leak, step, **GOOD)
        assert early.json()["type"] == "/problems/step-not-offered"


@pytest.mark.parametrize("form", [{}, {"resolved": True}, {"resolved": 2, "satisfied": True}])
async def test_both_questions_are_answered(
    manager: Caller, done: dict[str, Any], form: dict[str, Any]
) -> None:
    assert (await manager.step(done, "visit", **form)).status_code == 422


async def test_a_content_reporter_closes_the_file(
    resident: Caller, done: dict[str, Any], worker: Worker, people: People, letters: Letterbox
) -> None:
    judged = await resident.take(done, "judge", **GOOD)
    assert judged["state"] == "completed"
    assert judged["visits"][0]["by_reporter"]
    await worker.catch_up()

    closed = await resident.read(done)
    assert closed["state"] == "closed"
    assert letters.to(people.resident)[-1] == "您反映的事项已结案，感谢您的支持。"
    assert (await resident.timeline(done))[-1]["by"]["role"] == "系统"


@pytest.mark.parametrize("verdict", [BAD, GOOD | {"resolved": False}, GOOD | {"satisfied": False}])
async def test_the_first_time_it_goes_back_to_its_worker(
    resident: Caller,
    people: People,
    done: dict[str, Any],
    worker: Worker,
    letters: Letterbox,
    *,
    verdict: dict[str, Any],
) -> None:
    await resident.take(done, "rate", score=2, comment="不好")
    again = await resident.take(done, "judge", **verdict)
    await worker.catch_up()

    assert (again["state"], again["round"]) == ("assigned", 2)
    assert again["assignee"]["name"] == "王强"
    assert (again["outcome"], again["completed_at"], again["score"]) == (None, None, None)
    assert states(again)["resolution", 2] == "running"
    assert letters.to(people.worker)[-1] == AGAIN
    assert letters.to(people.resident)[-1].startswith("很抱歉没有办好，已退回重新办理，预计")
    if comment := verdict.get("comment"):
        assert letters.last_to(people.worker)["说明"] == comment
    seen = [entry["text"] for entry in await resident.timeline(done)]
    assert "已完成：换了阀门" in seen
    assert "居民评价2分 不好" in seen
    assert seen[-2].startswith("回访：")
    assert seen[-1] == "未解决，退回王强重办"


async def test_the_second_time_its_leader_takes_over_and_then_decides(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    acting: As,
    people: People,
    done: dict[str, Any],
    *,
    worker: Worker,
    letters: Letterbox,
) -> None:
    await resident.take(done, "judge", **BAD)
    await worker.catch_up()
    await plumber.take(done, "complete", note="又换了一个")
    second = await manager.take(done, "visit", **BAD)
    await worker.catch_up()
    assert (second["state"], second["round"], second["escalation"]) == ("assigned", 3, 1)
    assert second["assignee"]["name"] == second["escalated_to"]["name"] == "陈书记"
    assert letters.to(people.leader)[-1] == TAKE_OVER
    assert AGAIN in letters.to(people.worker)
    assert TAKE_OVER not in letters.to(people.worker)

    leader = acting(people.leader)
    await leader.take(done, "complete", note="请了专业公司")
    third = await resident.take(done, "judge", **BAD)
    await worker.catch_up()

    assert (third["state"], third["round"]) == ("completed", 3)
    assert [visit["resolved"] for visit in third["visits"]] == [False] * 3
    assert letters.to(people.leader)[-1] == DECIDE
    assert letters.last_to(people.leader)["说明"] == "还在漏"
    shift(timedelta(days=30))
    await look(worker)
    assert (await manager.read(done))["state"] == "completed"
    assert (await manager.take(done, "close"))["state"] == "closed"


async def test_who_left_does_not_get_it_back(
    resident: Caller,
    done: dict[str, Any],
    people: People,
    worker: Worker,
    session: AsyncSession,
    *,
    town: Town,
) -> None:
    posts = select(Post).where(Post.person_id == people.worker.id)
    (await session.scalars(posts)).one().ended_at = now()
    other = await a_person(session, town, "钱进", Role.GRID_WORKER, at="/A1/G1/")
    await session.commit()

    again = await resident.take(done, "judge", **BAD)
    assert (again["state"], again["assignee"]) == ("accepted", None)
    await worker.catch_up()

    found = await resident.read(done)
    assert (found["state"], found["assignee"]["id"]) == ("assigned", str(other.id))


async def test_after_the_end_its_reporter_still_has_some_days(
    resident: Caller, manager: Caller, done: dict[str, Any]
) -> None:
    await manager.take(done, "close")
    shift(timedelta(days=15, minutes=-1))
    again = await resident.take(done, "judge", **BAD)
    assert (again["state"], again["round"], again["closed_at"]) == ("assigned", 2, None)


async def test_and_no_more_than_those(
    resident: Caller, manager: Caller, done: dict[str, Any]
) -> None:
    await manager.take(done, "close")
    shift(timedelta(days=15, minutes=1))
    late = await resident.step(done, "judge", **BAD)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/too-late-to-reopen")
    assert (await manager.step(done, "visit", **BAD)).status_code == 409


async def test_a_good_word_after_the_end_changes_nothing(
    resident: Caller, manager: Caller, done: dict[str, Any], worker: Worker, sessions: Sessions
) -> None:
    await manager.take(done, "close")
    assert (await resident.take(done, "judge", **GOOD))["state"] == "closed"
    await worker.catch_up()
    assert await count(sessions, "closed") == 1


async def test_where_staff_have_to_call_the_file_is_not_closed_before(
    manager: Caller, resident: Caller, plumber: Caller, town: Town, worker: Worker
) -> None:
    await a_kind(manager, visit_policy="called")
    matter = await a_matter(resident, town)
    await worker.catch_up()
    await plumber.take(matter, "complete", note="好了")
    refused = await manager.step(matter, "close")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/visit-first")
    shift(timedelta(days=30))
    await look(worker)
    assert (await manager.read(matter))["state"] == "completed"

    await manager.take(matter, "visit", **GOOD)
    assert "close" in {step["name"] for step in (await manager.read(matter))["steps"]}
    await look(worker)
    assert (await manager.read(matter))["state"] == "closed"


async def test_nobody_is_called_where_nobody_reported(
    manager: Caller,
    plumber: Caller,
    town: Town,
    acting: As,
    session: AsyncSession,
    worker: Worker,
) -> None:
    await a_kind(manager, visit_policy="called")
    hotline = await a_client(session, town, Role.MANAGER)
    await session.commit()
    caller = acting(hotline)
    matter = await caller.ask(category="hurry", place_id=str(town.home.id), summary="路灯不亮")
    await worker.catch_up()
    await plumber.take(matter, "complete", note="换了灯泡")
    assert (await manager.take(matter, "close"))["state"] == "closed"


async def test_another_program_asks_in_its_own_name(
    done: dict[str, Any], town: Town, acting: As, session: AsyncSession, resident: Caller
) -> None:
    hotline = await a_client(session, town, Role.STAFF)
    await session.commit()
    await acting(hotline).take(done, "visit", **GOOD)
    (visit,) = (await resident.read(done))["visits"]
    assert (visit["by"], visit["by_reporter"]) == (None, False)
    assert (await resident.timeline(done))[-1]["by"]["name"] == "12345热线"


async def test_the_message_asks_whether_it_is_resolved_where_that_is_policy(
    manager: Caller,
    resident: Caller,
    plumber: Caller,
    people: People,
    town: Town,
    *,
    worker: Worker,
    letters: Letterbox,
    done: dict[str, Any],
) -> None:
    await worker.catch_up()
    asked = letters.to(people.resident)[-1]
    assert asked.startswith("已办完，问题解决了吗？回复“解决 1001”或“未解决 1001”")
    await a_kind(manager, visit_policy="none")
    matter = await a_matter(resident, town)
    await worker.catch_up()
    await plumber.take(matter, "complete", note="好了")
    await worker.catch_up()
    assert letters.to(people.resident)[-1] == "已办完，回复“评价 1002 5”打分。"


async def test_without_an_answer_the_file_is_closed_in_the_end_once(
    resident: Caller, done: dict[str, Any], worker: Worker, sessions: Sessions
) -> None:
    shift(timedelta(days=3, minutes=-1))
    await look(worker)
    assert (await resident.read(done))["state"] == "completed"
    shift(timedelta(days=3, minutes=1))
    await look(worker)
    await look(worker)
    assert (await resident.read(done))["state"] == "closed"
    assert await count(sessions, "closed") == 1


async def test_many_that_look_at_once_close_it_once(
    resident: Caller, done: dict[str, Any], worker: Worker, sessions: Sessions
) -> None:
    shift(timedelta(days=4))
    context: Any = type("Context", (), {"additional_context": {"sessions": sessions}})
    await asyncio.gather(*(job.close_what_is_done.func(context, timestamp=0) for _ in range(6)))
    assert await count(sessions, "closed") == 1


async def test_of_nine_answers_at_once_one_counts(
    resident: Caller, manager: Caller, done: dict[str, Any], session: AsyncSession
) -> None:
    answers = await asyncio.gather(
        *(resident.step(done, "judge", **BAD) for _ in range(5)),
        *(manager.step(done, "visit", **BAD) for _ in range(4)),
    )
    assert [answer.status_code for answer in answers].count(200) == 1
    rows = (await session.scalars(select(ReturnVisit))).all()
    assert [(row.request_id, row.round) for row in rows] == [(UUID(done["id"]), 1)]
