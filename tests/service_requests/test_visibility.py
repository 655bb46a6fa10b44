from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Client, Person, Role
from tests.conftest import Client as Http
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Town, a_client, a_person, a_town
from tests.service_requests.conftest import As, People


@pytest.fixture
async def three(acting: As, people: People, town: Town, worker: Worker) -> dict[str, Any]:
    """A leak and a noise in the first grid, and a leak in the second."""

    async def ask(who: Any, at: str, summary: str) -> Any:
        return await acting(who).ask(place_id=str(town.places[at].id), summary=summary)

    made = {
        "leak": await ask(people.resident, "/A1/G1/3/2/502/", "水管漏水"),
        "noise": await ask(people.neighbour, "/A1/G1/3/2/601/", "噪音扰民"),
        "far": await ask(people.resident, "/A1/G2/9/1/101/", "水管漏水"),
    }
    await worker.catch_up()
    return made


async def listed(caller: Caller, query: str = "") -> list[int]:
    answer = await caller.get(f"/service-requests{query}")
    assert answer.status_code == 200, answer.text
    return [request["number"] for request in answer.json()["items"]]


async def test_everybody_sees_what_is_theirs_newest_first(
    acting: As, people: People, three: dict[str, Any]
) -> None:
    seen = {
        who: await listed(acting(getattr(people, who)))
        for who in ("resident", "neighbour", "worker", "elsewhere", "leader", "manager")
    }
    assert seen == {
        "resident": [1003, 1001],
        "neighbour": [1002],
        "worker": [1002, 1001],
        "elsewhere": [1003],
        "leader": [1003, 1002, 1001],
        "manager": [1003, 1002, 1001],
    }


async def test_filters_narrow_and_never_widen(
    acting: As, people: People, town: Town, three: dict[str, Any]
) -> None:
    manager, worker = acting(people.manager), acting(people.worker)
    grid = town.places["/A1/G1/"].id
    await worker.take(three["leak"], "start")
    assert await listed(manager, "?state=in_progress") == [1001]
    assert await listed(manager, "?state=in_progress&state=assigned") == [1003, 1002, 1001]
    assert await listed(manager, "?category=noise") == [1002]
    assert await listed(manager, "?assignee=me") == []
    assert await listed(worker, "?assignee=me") == [1002, 1001]
    assert await listed(manager, f"?assignee={people.elsewhere.id}") == [1003]
    assert await listed(manager, f"?place={grid}") == [1002, 1001]
    assert await listed(acting(people.elsewhere), f"?place={grid}") == []
    assert await listed(manager, "?number=1002") == [1002]
    assert await listed(acting(people.resident), "?number=1002") == []
    for nonsense in ("state=gone", "assignee=you", "sort=name;select pg_sleep(9)", "number=0"):
        answer = await manager.get(f"/service-requests?{nonsense}")
        assert answer.status_code == 422, nonsense


async def test_pages_follow_each_other(acting: As, people: People, three: dict[str, Any]) -> None:
    manager = acting(people.manager)
    first = (await manager.get("/service-requests?limit=2")).json()
    second = (await manager.get(f"/service-requests?limit=2&after={first['next']}")).json()
    numbers = [item["number"] for page in (first, second) for item in page["items"]]
    assert (numbers, second["next"]) == ([1003, 1002, 1001], None)


async def test_what_one_may_not_see_is_not_there(
    acting: As, people: People, town: Town, three: dict[str, Any], session: AsyncSession
) -> None:
    other = await a_town(session, "sunset")
    strangers = [await a_person(session, other, "外人", Role.ADMIN)]
    town.tokens |= other.tokens
    near = await a_client(session, town, Role.STAFF, "/A1/G2/")
    await session.commit()
    nowhere = "019e0000-0000-7000-8000-000000000000"
    leak = three["leak"]["id"]
    calls = (
        ("GET", "", None),
        ("GET", "/timeline", None),
        ("POST", "/steps/complete", {"note": "好"}),
        ("POST", "/remarks", {"text": "嗯"}),
    )
    unwelcome: list[Person | Client] = [people.neighbour, people.elsewhere, near, *strangers]
    for who in unwelcome:
        caller = acting(who)
        for method, rest, body in calls:
            hidden = await caller(method, f"/service-requests/{leak}{rest}", json=body)
            absent = await caller(method, f"/service-requests/{nowhere}{rest}", json=body)
            assert hidden.status_code == 404, (method, rest)
            assert hidden.content == absent.content
    assert await listed(acting(strangers[0])) == []


async def test_without_a_token_there_is_nothing(client: Http, three: dict[str, Any]) -> None:
    for path in (
        "/service-requests",
        f"/service-requests/{three['leak']['id']}",
        "/service-categories",
    ):
        assert (await client.get(f"/api/v1{path}")).status_code == 401


async def test_numbers_of_phones_are_masked_for_staff_as_well(
    acting: As, people: People, town: Town
) -> None:
    rang = {"name": "钱大爷", "phone": "13812345678"}
    filed = await acting(people.manager).ask(
        place_id=str(town.home.id), summary="停电", reporter=rang
    )
    answer = await acting(people.manager).get(f"/service-requests/{filed['id']}")
    assert "13812345678" not in answer.text
    assert "138****5678" in answer.text
