from typing import Any

import pytest

from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.test_photos import uploaded


@pytest.fixture
async def leak(acting: As, people: People, town: Town, worker: Worker) -> dict[str, Any]:
    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    return filed


async def remark(caller: Caller, request: dict[str, Any], **said: Any) -> Any:
    return await caller.post(f"/service-requests/{request['id']}/remarks", said)


async def test_what_the_resident_adds_reaches_the_worker_and_the_other_way_round(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    resident, plumber = acting(people.resident), acting(people.worker)
    photo = await uploaded(resident)

    assert (await remark(resident, leak, text="漏到楼下了", photos=[photo])).status_code == 201
    assert (await remark(plumber, leak, text="下午两点到")).status_code == 201
    await worker.catch_up()

    assert letters.to(people.worker) == ["居民对工单作了补充。"]
    assert letters.last_to(people.worker)["说明"] == "漏到楼下了"
    assert letters.to(people.resident) == ["社区工作人员回复了您反映的事项。"]
    assert letters.last_to(people.resident)["说明"] == "下午两点到"
    added = [entry for entry in await resident.timeline(leak) if entry["kind"].endswith("amended")]
    assert [(entry["text"], entry["by"]["name"], entry["photos"]) for entry in added] == [
        ("补充：漏到楼下了", "李桂兰", [photo]),
        ("补充：下午两点到", "王强", []),
    ]


async def test_an_internal_remark_is_for_staff_alone(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    await acting(people.worker).take(leak, "complete", note="好了")
    await acting(people.manager).take(leak, "close")
    await worker.catch_up()
    before = letters.to(people.resident)

    added = await remark(acting(people.worker), leak, text="此户难缠", internal=True)
    await worker.catch_up()

    assert "此户难缠" in added.text
    assert "此户难缠" in str(await acting(people.manager).timeline(leak))
    assert "此户难缠" not in str(await acting(people.resident).timeline(leak))
    assert letters.to(people.resident) == before


async def test_who_may_say_what(
    acting: As, people: People, leak: dict[str, Any], town: Town
) -> None:
    resident = acting(people.resident)
    assert (await remark(resident, leak, text="嗯", internal=True)).status_code == 403
    assert (await remark(resident, leak)).status_code == 422
    assert (await remark(resident, leak, text=" ")).status_code == 422
    photo = await uploaded(acting(people.worker))
    told = {"text": "嗯", "photos": [photo]}
    assert (await remark(acting(people.worker), leak, **told, internal=True)).status_code == 422
    assert (await remark(acting(people.elsewhere), leak, text="嗯")).status_code == 404


async def test_nothing_is_added_once_it_is_over(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    await acting(people.worker).take(leak, "complete", note="好了")
    assert (await remark(acting(people.resident), leak, text="谢谢")).status_code == 201
    await acting(people.manager).take(leak, "close")
    refused = await remark(acting(people.resident), leak, text="还漏")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/request-closed")
