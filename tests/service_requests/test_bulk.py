import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.facts import Fact
from app.people.access import person
from app.people.models import Role
from app.service_requests import bulk
from app.service_requests.models import Remark, ServiceRequest, State
from app.service_requests.problems import RequestClosed
from tests.service_requests.builders import Caller, Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.rows import a_row

BULK = "/service-requests/bulk"


async def acted(caller: Caller, **asked: Any) -> dict[str, Any]:
    answer = await caller.post(BULK, asked)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


@pytest.fixture
async def filed(acting: As, people: People, town: Town) -> list[dict[str, Any]]:
    """Three requests of the first grid, filed and not looked at yet."""
    resident = acting(people.resident)
    return [
        await resident.ask(place_id=str(town.home.id), summary=summary)
        for summary in ("漏水", "停电", "噪音")
    ]


def ids(requests: list[dict[str, Any]]) -> list[str]:
    return [request["id"] for request in requests]


async def test_the_same_step_is_taken_of_all_of_them(
    session: AsyncSession, acting: As, people: People, filed: list[dict[str, Any]]
) -> None:
    manager = acting(people.manager)
    accepted = await acted(manager, ids=ids(filed), step="accept")
    assigned = await acted(
        manager,
        numbers=[request["number"] for request in reversed(filed)],
        step="assign",
        form={"worker_id": str(people.worker.id)},
    )

    assert (accepted["done"], accepted["refused"]) == (3, 0)
    assert [item["id"] for item in accepted["items"]] == ids(filed)
    assert [item["number"] for item in assigned["items"]] == [1003, 1002, 1001]
    assert {item["state"] for item in assigned["items"]} == {"assigned"}
    for request in filed:
        assert (await manager.read(request))["assignee"]["name"] == "王强"
    kinds = select(Fact.kind, func.count()).group_by(Fact.kind)
    counted = {row[0]: row[1] for row in await session.execute(kinds)}
    assert counted["service_request.accepted"] == counted["service_request.assigned"] == 3


async def test_each_is_answered_by_itself_and_the_refused_ones_stay_as_they_were(
    acting: As, people: People, filed: list[dict[str, Any]]
) -> None:
    manager = acting(people.manager)
    first, second, third = filed
    await manager.take(second, "accept")
    nowhere = str(uuid4())
    asked = [first["id"], second["id"], nowhere, third["id"], first["id"]]
    done = await acted(manager, ids=asked, step="accept")

    assert (done["done"], done["refused"]) == (2, 2)
    assert [item["ok"] for item in done["items"]] == [True, False, False, True]
    assert done["items"][1] == {
        "id": second["id"],
        "number": 1002,
        "ok": False,
        "state": None,
        "problem": (await manager.step(second, "accept")).json(),
    }
    assert done["items"][2]["problem"]["status"] == 404
    assert [(await manager.read(request))["state"] for request in filed] == ["accepted"] * 3


async def test_what_was_done_before_a_refusal_is_undone_with_it(
    session: AsyncSession, acting: As, people: People, filed: list[dict[str, Any]]
) -> None:
    manager, worker = acting(people.manager), acting(people.worker)
    await acted(manager, ids=ids(filed), step="accept")
    form = {"worker_id": str(people.worker.id)}
    await acted(manager, ids=ids(filed), step="assign", form=form)
    before = await session.scalar(select(func.count()).select_from(Remark))
    photo = {"note": "修好了", "photos": [str(uuid4())]}
    refused = await acted(worker, ids=ids(filed), step="complete", form=photo)

    assert refused["refused"] == 3
    assert {item["problem"]["status"] for item in refused["items"]} == {422}
    assert await session.scalar(select(func.count()).select_from(Remark)) == before
    done = await acted(worker, ids=ids(filed), step="complete", form={"note": "修好了"})
    assert done["done"] == 3


async def test_whatever_goes_wrong_with_one_leaves_the_others_done(
    sessions: Sessions, people: People, filed: list[dict[str, Any]]
) -> None:
    async with sessions.begin() as session:
        manager = await person(session, people.manager.community_id, people.manager.id)

        async def act(request: ServiceRequest) -> ServiceRequest:
            request.outcome = "改过"
            await session.flush()
            if request.number == 1001:
                raise RequestClosed
            if request.number == 1002:
                await session.execute(text("SELECT 1 / 0"))
            return request

        numbers = [1001, 1002, 1003]
        outcomes = await bulk.each(session, act, numbers=numbers, by=manager)

    assert [each.problem and each.problem["status"] for each in outcomes] == [409, 422, None]
    async with sessions() as session:
        kept = select(ServiceRequest.outcome).order_by(ServiceRequest.number)
        assert list(await session.scalars(kept)) == [None, None, "改过"]


async def test_a_remark_is_added_to_all_that_are_still_open(
    session: AsyncSession, acting: As, people: People, town: Town, filed: list[dict[str, Any]]
) -> None:
    closed = await a_row(session, town, "旧事", state=State.CLOSED)
    await session.commit()
    manager = acting(people.manager)
    everything = [*ids(filed), str(closed.id)]
    public = await acted(manager, ids=everything, remark={"text": "今天统一处理"})
    internal = await acted(manager, ids=everything, remark={"text": "内部安排", "internal": True})

    assert [item["ok"] for item in public["items"]] == [True, True, True, False]
    assert public["items"][3]["problem"]["type"] == "/problems/request-closed"
    assert internal["done"] == 4
    lines = [line["text"] for line in await acting(people.resident).timeline(filed[0])]
    assert "补充：今天统一处理" in lines
    assert not any("内部安排" in line for line in lines)


async def test_nobody_does_in_bulk_what_they_may_not_do_one_by_one(
    session: AsyncSession, acting: As, people: People, town: Town, filed: list[dict[str, Any]]
) -> None:
    partner = await a_person(session, town, "合作", Role.PARTNER)
    await session.commit()
    for outsider in (people.resident, partner):
        asked = {"ids": ids(filed), "step": "accept"}
        assert (await acting(outsider).post(BULK, asked)).status_code == 403

    hidden = await acted(acting(people.elsewhere), ids=ids(filed), step="accept")
    assert [item["problem"]["status"] for item in hidden["items"]] == [404] * 3
    assert [item["number"] for item in hidden["items"]] == [None] * 3
    form = {"worker_id": str(people.worker.id)}
    forbidden = await acted(acting(people.worker), ids=ids(filed), step="assign", form=form)
    assert {item["problem"]["status"] for item in forbidden["items"]} <= {403, 409}
    assert forbidden["done"] == 0


async def test_a_key_that_comes_again_is_answered_and_does_nothing(
    session: AsyncSession, acting: As, people: People, filed: list[dict[str, Any]]
) -> None:
    manager = acting(people.manager)
    asked = {"ids": ids(filed), "remark": {"text": "已安排"}}
    key = {"Idempotency-Key": "bulk-1"}
    first = await manager.post(BULK, asked, headers=key)
    again = await manager.post(BULK, asked, headers=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.content == again.content
    assert await session.scalar(select(func.count()).select_from(Remark)) == 3


async def test_two_who_name_the_same_ones_do_not_wait_for_each_other(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    requests = [str((await a_row(session, town, f"{n}号")).id) for n in range(12)]
    await session.commit()
    manager, leader = acting(people.manager), acting(people.leader)
    one, other = await asyncio.gather(
        acted(manager, ids=requests, step="accept"),
        acted(leader, ids=requests[::-1], step="accept"),
    )

    assert one["done"] + other["done"] == 12
    problems = [item["problem"] for item in (*one["items"], *other["items"]) if not item["ok"]]
    assert {problem["type"] for problem in problems} == {"/problems/step-not-offered"}
    accepted = select(func.count()).where(ServiceRequest.state == State.ACCEPTED)
    assert await session.scalar(accepted) == 12


async def test_what_names_nothing_or_too_much_is_refused(acting: As, people: People) -> None:
    nonsense: tuple[dict[str, Any], ...] = (
        {},
        {"step": "accept"},
        {"ids": [], "step": "accept"},
        {"ids": [str(uuid4())]},
        {"ids": [str(uuid4())], "numbers": [1001], "step": "accept"},
        {"ids": [str(uuid4())], "step": "accept", "remark": {"text": "x"}},
        {"ids": [str(uuid4())], "remark": {"text": "x"}, "form": {"note": "y"}},
        {"ids": [str(uuid4())], "remark": {"text": " "}},
        {"ids": [str(uuid4()) for _ in range(201)], "step": "accept"},
        {"ids": ["x"], "step": "accept"},
        {"numbers": [2**40], "step": "accept"},
    )
    for asked in nonsense:
        answer = await acting(people.manager).post(BULK, asked)
        assert answer.status_code == 422, asked


async def test_a_step_that_does_not_exist_is_refused_for_each(
    acting: As, people: People, filed: list[dict[str, Any]]
) -> None:
    done = await acted(acting(people.manager), ids=ids(filed), step="fly")

    assert [item["problem"]["status"] for item in done["items"]] == [404] * 3
