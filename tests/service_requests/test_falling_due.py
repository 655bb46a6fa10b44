from datetime import timedelta

import pytest

from app.core import clock
from app.service_requests import jobs
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People

LATE = "工单已超过办理时限，请尽快处理。"


async def test_what_is_late_is_told_to_the_worker_and_the_leader_once(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    resident, manager = acting(people.resident), acting(people.manager)
    home = str(town.home.id)
    late = await resident.ask(place_id=home, summary="水管漏水")
    done = await resident.ask(place_id=home, summary="水管漏水")
    slow = await resident.ask(place_id=home, summary="邻里矛盾想调解")
    await worker.catch_up()
    await acting(people.worker).take(done, "complete", note="好了")
    read = (await manager.get(f"/service-requests/{late['id']}")).headers["ETag"]

    clock.shift(timedelta(days=1, minutes=1))
    for _ in range(2):
        await jobs.fall_due.defer_async(timestamp=0)
        await worker.catch_up()

    fell = {
        request["number"]: request["fell_due_at"] is not None
        for request in (await manager.get("/service-requests")).json()["items"]
    }
    assert fell == {late["number"]: True, done["number"]: False, slow["number"]: False}
    assert letters.to(people.worker).count(LATE) == 1
    assert letters.to(people.leader).count(LATE) == 1
    assert LATE not in letters.to(people.resident)
    assert [entry["text"] for entry in await manager.timeline(late)][-1] == "超过办理时限"
    assert "超过办理时限" not in str(await resident.timeline(late))
    again = await manager.get(f"/service-requests/{late['id']}")
    assert again.headers["ETag"] == read


async def test_more_than_one_batch_is_noted_in_one_run(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    letters: Letterbox,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "_AT_ONCE", 2)
    for _ in range(5):
        await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    clock.shift(timedelta(days=2))
    await jobs.fall_due.defer_async(timestamp=0)
    await worker.catch_up()
    assert letters.to(people.leader).count(LATE) == 5
