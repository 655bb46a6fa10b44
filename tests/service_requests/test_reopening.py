"""Taking up again what had ended."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now, shift
from app.core.facts import Fact
from app.people.models import Post, Role
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.timing import states

WHY = "又漏了"


@pytest.fixture
async def closed(
    acting: As, people: People, manager: Caller, resident: Caller, leak: dict[str, Any]
) -> dict[str, Any]:
    """The leak, mended, rated and closed."""
    await acting(people.worker).take(leak, "complete", note="换了阀门")
    await resident.take(leak, "rate", score=3, comment="还行")
    return await manager.take(leak, "close")


async def test_the_same_worker_does_it_again(
    resident: Caller,
    people: People,
    closed: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
) -> None:
    again = await resident.take(closed, "reopen", reason=WHY)
    await worker.catch_up()

    assert (again["state"], again["round"]) == ("assigned", 2)
    assert again["assignee"]["name"] == "王强"
    for gone in ("closed_at", "completed_at", "outcome", "score", "rating_comment"):
        assert again[gone] is None, gone
    assert states(again)["resolution", 2] == "running"
    assert letters.to(people.worker)[-1] == "工单需要重新办理，请及时处理。"
    assert letters.last_to(people.worker)["说明"] == WHY
    assert letters.to(people.resident)[-1].startswith("您反映的事项已重新办理，预计")


async def test_each_round_is_rated_for_itself(
    resident: Caller,
    manager: Caller,
    acting: As,
    people: People,
    closed: dict[str, Any],
    *,
    session: AsyncSession,
) -> None:
    await resident.take(closed, "reopen", reason=WHY)
    await acting(people.worker).take(closed, "complete", note="换了整根管子")
    rated = await resident.take(closed, "rate", score=5, comment="这次好")

    assert (rated["score"], rated["rating_comment"]) == (5, "这次好")
    ratings = select(Fact).where(Fact.kind == "service_request.rated").order_by(Fact.id)
    assert [fact.payload["score"] for fact in await session.scalars(ratings)] == [3, 5]
    seen = [entry["text"] for entry in await resident.timeline(closed)]
    told = ["居民评价3分 还行", f"重新办理：{WHY}", "已完成：换了整根管子", "居民评价5分 这次好"]
    assert [text for text in seen if text in told] == told
    assert "已完成：换了阀门" in seen


async def test_its_reporter_has_some_days_and_staff_have_all_the_time(
    resident: Caller, manager: Caller, closed: dict[str, Any]
) -> None:
    shift(timedelta(days=15, minutes=1))
    late = await resident.step(closed, "reopen", reason=WHY)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/too-late-to-reopen")
    shift(timedelta(days=300))
    assert (await manager.take(closed, "reopen", reason=WHY))["state"] == "assigned"


async def test_on_the_last_day_it_is_not_too_late(resident: Caller, closed: dict[str, Any]) -> None:
    shift(timedelta(days=15, minutes=-1))
    assert (await resident.take(closed, "reopen", reason=WHY))["round"] == 2


async def test_nobody_else_takes_it_up(
    acting: As, people: People, closed: dict[str, Any], resident: Caller
) -> None:
    for who, status in (("worker", 403), ("neighbour", 404), ("elsewhere", 404)):
        refused = await acting(getattr(people, who)).step(closed, "reopen", reason=WHY)
        assert refused.status_code == status, who
    assert (await resident.step(closed, "reopen")).status_code == 422


async def test_what_is_under_way_is_not_taken_up_again(
    resident: Caller, manager: Caller, leak: dict[str, Any]
) -> None:
    for who in (resident, manager):
        refused = await who.step(leak, "reopen", reason=WHY)
        assert refused.json()["type"] == "/problems/step-not-offered"


async def test_whose_worker_left_finds_another(
    resident: Caller,
    people: People,
    closed: dict[str, Any],
    worker: Worker,
    session: AsyncSession,
    *,
    town: Town,
) -> None:
    posts = select(Post).where(Post.person_id == people.worker.id)
    (await session.scalars(posts)).one().ended_at = now()
    other = await a_person(session, town, "钱进", Role.GRID_WORKER, at="/A1/G1/")
    await session.commit()

    again = await resident.take(closed, "reopen", reason=WHY)
    assert (again["state"], again["assignee"]) == ("accepted", None)
    await worker.catch_up()

    found = await resident.read(closed)
    assert (found["state"], found["assignee"]["id"]) == ("assigned", str(other.id))


async def test_staff_take_up_what_was_turned_down(
    resident: Caller, manager: Caller, leak: dict[str, Any], worker: Worker
) -> None:
    await manager.take(leak, "reject", reason="不归我们", channel="12345")
    assert (await resident.step(leak, "reopen", reason=WHY)).status_code == 403
    assert "reopen" not in {step["name"] for step in (await resident.read(leak))["steps"]}

    again = await manager.take(leak, "reopen", reason="归我们")

    assert (again["state"], again["reason"], again["right_channel"]) == ("assigned", None, None)
    seen = [entry["text"] for entry in await resident.timeline(leak)]
    assert seen[-2:] == ["不予受理：不归我们 办理途径：12345", "重新办理：归我们"]


async def test_what_was_turned_down_before_anybody_had_it_finds_its_worker(
    resident: Caller, manager: Caller, town: Town, worker: Worker
) -> None:
    filed = await resident.ask(place_id=str(town.home.id), summary="停电了")
    await manager.take(filed, "reject", reason="不归我们", channel="95598")
    await worker.catch_up()
    again = await manager.take(filed, "reopen", reason="归我们")
    assert (again["state"], again["assignee"]) == ("accepted", None)
    assert again["accepted_at"]
    await worker.catch_up()
    assert (await resident.read(filed))["assignee"]["name"] == "王强"
