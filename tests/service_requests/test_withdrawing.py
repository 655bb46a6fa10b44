"""Taking back what one reported."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests.models import Follower
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.timing import states

CALLED_OFF = "居民撤回了诉求，您无需再处理。"


async def test_the_worker_is_told_that_nothing_is_left_to_do(
    resident: Caller, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    withdrawn = await resident.take(leak, "withdraw", reason="自己修好了")
    await worker.catch_up()

    assert withdrawn["state"] == "withdrawn"
    assert withdrawn["closed_at"]
    assert letters.to(people.worker)[-1] == CALLED_OFF
    assert letters.last_to(people.worker)["说明"] == "自己修好了"
    assert (await resident.timeline(leak))[-1]["text"] == "居民撤回诉求 自己修好了"


async def test_nothing_is_owed_any_more(resident: Caller, leak: dict[str, Any]) -> None:
    withdrawn = await resident.take(leak, "withdraw")
    assert set(states(withdrawn).values()) == {"cancelled"}
    assert (await resident.timeline(leak))[-1]["text"] == "居民撤回诉求"


async def test_it_is_possible_until_the_work_is_done(
    resident: Caller, acting: As, people: People, town: Town, leak: dict[str, Any], worker: Worker
) -> None:
    filed = await resident.ask(place_id=str(town.home.id), summary="停电了")
    assert (await resident.take(filed, "withdraw"))["state"] == "withdrawn"
    await worker.catch_up()
    assert (await resident.read(filed))["state"] == "withdrawn"

    plumber = acting(people.worker)
    await plumber.take(leak, "start")
    assert "withdraw" in {step["name"] for step in (await resident.read(leak))["steps"]}
    await plumber.take(leak, "complete", note="好了")
    late = await resident.step(leak, "withdraw")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/step-not-offered")


async def test_only_its_reporter_takes_it_back(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    for who, status in (("neighbour", 404), ("worker", 403), ("leader", 403), ("manager", 403)):
        assert (await acting(getattr(people, who)).step(leak, "withdraw")).status_code == status


async def test_what_others_wait_for_goes_on(
    resident: Caller, people: People, town: Town, leak: dict[str, Any], session: AsyncSession
) -> None:
    follower = Follower(
        community_id=town.community.id,
        request_id=UUID(leak["id"]),
        person_id=people.neighbour.id,
    )
    session.add(follower)
    await session.commit()
    refused = await resident.step(leak, "withdraw")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/followed-by-others")
    assert "withdraw" not in {step["name"] for step in (await resident.read(leak))["steps"]}

    await session.delete(follower)
    await session.commit()
    assert (await resident.take(leak, "withdraw"))["state"] == "withdrawn"


async def test_it_does_not_come_back(
    resident: Caller, acting: As, people: People, leak: dict[str, Any]
) -> None:
    await resident.take(leak, "withdraw")
    for who in (resident, acting(people.manager), acting(people.worker)):
        assert {step["name"] for step in (await who.read(leak))["steps"]} <= {"log-effort"}
    for step in ("reopen", "judge", "urge", "withdraw", "assign"):
        refused = await acting(people.manager).step(leak, step, reason="x")
        assert refused.json()["type"] == "/problems/step-not-offered", step
