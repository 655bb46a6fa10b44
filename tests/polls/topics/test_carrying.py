"""What was resolved is carried out by requests, whose progress is shown, and accounted for."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person
from app.service_requests.models import ServiceRequest
from tests.conftest import Worker
from tests.people.builders import facts
from tests.polls.topics.conftest import Topics
from tests.service_requests.builders import Caller
from tests.service_requests.conftest import As, People


async def asked(caller: Caller, topic: dict[str, Any], **more: Any) -> dict[str, Any]:
    path = f"/topics/{topic['id']}/requests"
    answer = await caller.post(path, {"category": "other"} | more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_the_whole_way_of_a_topic(
    resolved: Topics, acting: As, people: People, worker: Worker, session: AsyncSession
) -> None:
    topic = await resolved()
    manager = acting(people.manager)

    carried = await asked(manager, topic)

    [request] = carried["requests"]
    assert (carried["state"], request["state"], request["done"]) == (
        *("carried_out", "submitted", False),
    )
    filed = await manager.read(request)
    assert filed["summary"] == "楼下装充电桩\n在**车棚**装六个"
    assert filed["place"]["id"] == topic["place_id"]
    early = await manager.post(f"/topics/{topic['id']}/account", {"text": "装好了"})
    assert early.json()["type"] == "/problems/requests-undone"

    await worker.catch_up()
    await manager.take(request, "complete", note="装好了")
    [seen] = (await acting(people.neighbour).get(f"/topics/{topic['id']}")).json()["requests"]
    assert (seen["state"], seen["word"], seen["done"]) == ("completed", "已完成", True)
    assert seen["done_on"]

    closed = await manager.post(f"/topics/{topic['id']}/account", {"text": "六个桩都通电了"})
    assert (closed.json()["state"], closed.json()["account"]) == ("closed", "六个桩都通电了")
    taken = {each["step"]: bool(each["at"]) for each in closed.json()["milestones"]}
    assert [step for step, was in taken.items() if was] == [
        *("raised", "discussed", "resolved", "carried_out", "closed")
    ]
    assert await facts(session, "topics.carried_out") == [
        {"topic_id": topic["id"], "request_id": request["id"]}
    ]
    assert len(await facts(session, "topics.closed")) == 1


async def test_a_neighbour_learns_nothing_of_a_confidential_request(
    resolved: Topics, acting: As, people: People, session: AsyncSession
) -> None:
    topic = await resolved()
    request = (await asked(acting(people.manager), topic, summary="王五家要装"))["requests"][0]
    row = await session.get_one(ServiceRequest, (people.manager.community_id, request["id"]))
    row.confidential = True
    await session.commit()

    answer = await acting(people.neighbour).get(f"/topics/{topic['id']}")

    [seen] = answer.json()["requests"]
    assert seen["category"] is None
    assert seen.keys() == {
        *("id", "number", "category", "state", "word", "filed_on", "done_on", "done")
    }
    assert "王五" not in answer.text


async def test_a_request_that_was_merged_shows_how_the_other_stands(
    resolved: Topics, acting: As, people: People, session: AsyncSession
) -> None:
    topic = await resolved()
    manager = acting(people.manager)
    both = (await asked(manager, topic), await asked(manager, topic))[1]["requests"]
    key = people.manager.community_id
    first, second = [await session.get_one(ServiceRequest, (key, each["id"])) for each in both]
    into = {"into_id": str(first.id)}
    merged = await manager.post(f"/service-requests/{second.id}/merge", into)
    assert merged.status_code == 200, merged.text
    await manager.take({"id": str(first.id)}, "accept")

    shown = (await manager.get(f"/topics/{topic['id']}")).json()["requests"]

    assert [each["state"] for each in shown] == ["accepted", "accepted"]


@pytest.mark.parametrize("wrong", [{"category": "nothing"}, {"category": "other", "place_id": "x"}])
async def test_what_means_nothing_here_is_refused(
    resolved: Topics, acting: As, people: People, wrong: dict[str, str]
) -> None:
    topic = await resolved()

    answer = await acting(people.manager).post(f"/topics/{topic['id']}/requests", wrong)

    assert answer.status_code == 422
    assert (await acting(people.manager).get(f"/topics/{topic['id']}")).json()["requests"] == []


async def test_nothing_is_carried_out_before_it_is_resolved(
    discussed: Topics, acting: As, people: People
) -> None:
    topic = await discussed()
    manager = acting(people.manager)

    for path, body in (("requests", {"category": "other"}), ("account", {"text": "办了"})):
        answer = await manager.post(f"/topics/{topic['id']}/{path}", body)
        assert answer.json()["type"] == "/problems/topic-step"


async def test_without_requests_the_account_is_given_at_once_and_once(
    resolved: Topics, acting: As, people: People
) -> None:
    path = f"/topics/{(await resolved())['id']}/account"
    manager = acting(people.manager)

    assert (await manager.post(path, {"text": "已办"})).json()["state"] == "closed"
    assert (await manager.post(path, {"text": "已办"})).status_code == 409


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("resolution", {"text": "办"}),
        ("requests", {"category": "other"}),
        ("account", {"text": "办了"}),
        ("refusal", {"reason": "不办"}),
        ("discussion", None),
    ],
)
async def test_residents_and_grid_workers_decide_nothing(
    resolved: Topics, acting: As, people: People, far: Person, verb: str, body: Any
) -> None:
    path = f"/topics/{(await resolved())['id']}/{verb}"

    for who in (people.resident, people.worker, far):
        assert (await acting(who).post(path, body)).status_code == 403


async def test_the_account_is_due_when_the_last_request_is_done(
    resolved: Topics, acting: As, people: People, worker: Worker, told: Any
) -> None:
    topic = await resolved()
    manager = acting(people.manager)
    await asked(manager, topic)
    both = (await asked(manager, topic))["requests"]
    due = "议题的工单已全部办结，请回告居民"

    await worker.catch_up()
    for number, request in enumerate(both):
        assert (await told(people.manager)).count(due) == 0
        await manager.take(request, "complete", note="好了")
        assert (await told(people.manager)).count(due) == number

    assert (await told(people.leader)).count(due) == 1
    assert due not in await told(people.resident)
    assert due not in await told(people.worker)
