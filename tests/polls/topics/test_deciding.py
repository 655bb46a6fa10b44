"""A topic is put to a vote, and resolved once its result is there, or without one."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.polls import casting, queries
from app.polls.models import Channel, Poll
from app.polls.service import closing, lifecycle, opening
from tests.conftest import Worker
from tests.people.builders import facts
from tests.polls.builders import a_form
from tests.polls.topics.conftest import Topics
from tests.service_requests.builders import Caller
from tests.service_requests.conftest import As, People

FORM = a_form().model_dump(mode="json")


async def asked(caller: Caller, topic: dict[str, Any], **more: Any) -> Any:
    body = {"form": FORM, "closes_at": "2030-01-02T03:04:05Z"} | more
    return await caller.post(f"/topics/{topic['id']}/polls", body)


async def drafted(session: AsyncSession, people: People, answer: Any) -> Poll:
    assert answer.status_code == 201, answer.text
    poll_id = UUID(answer.json()["poll_id"])
    poll = await queries.alone(session, people.manager.community_id, poll_id)
    assert poll
    return poll


async def test_a_topic_is_put_to_a_vote_and_resolved_with_its_result(
    discussed: Topics, acting: As, people: People, session: AsyncSession, told: Any
) -> None:
    topic = await discussed()
    manager, by = acting(people.manager), system(people.manager.community_id)
    path = f"/topics/{topic['id']}"

    poll = await drafted(session, people, await asked(manager, topic))

    assert (poll.title, poll.body) == (topic["title"], topic["body"])
    assert (poll.topic_id, poll.place_id) == (UUID(topic["id"]), UUID(topic["place_id"]))
    voted = (await manager.get(path)).json()
    assert (voted["state"], voted["polls"][0]["state"]) == ("voted", "draft")
    assert (await acting(people.neighbour).get(path)).json()["polls"] == []
    early = await manager.post(f"{path}/resolution", {"text": "装"})
    assert early.json()["type"] == "/problems/topic-step"

    await opening.open_now(session, poll, by=by)
    await casting.cast(
        session,
        poll,
        person_id=people.resident.id,
        choice={"q1": "A"},
        channel=Channel.REST,
        by=by,
    )
    await session.commit()
    [running] = (await acting(people.neighbour).get(path)).json()["polls"]
    assert (running["state"], running["result"]) == ("open", None)
    assert (await manager.post(f"{path}/resolution", {"text": "装"})).status_code == 409
    await session.refresh(poll)
    await closing.close(session, poll, by=by)
    await session.commit()
    assert (await told(people.leader)).count("议题的表决结果已公布，请形成决议") == 1

    done = await manager.post(f"{path}/resolution", {"text": "按A方案装"})

    assert (done.json()["state"], done.json()["resolution"]) == ("resolved", "按A方案装")
    [counted] = (await acting(people.neighbour).get(path)).json()["polls"]
    assert counted["result"]["questions"]["q1"]["leading"] == ["A"]
    assert await facts(session, "topics.put_to_vote") == [
        {"topic_id": topic["id"], "poll_id": str(poll.id)}
    ]
    assert len(await facts(session, "topics.resolved")) == 1


async def test_of_two_votes_one_is_held_at_a_time(
    discussed: Topics, acting: As, people: People, session: AsyncSession
) -> None:
    topic = await discussed()
    manager = acting(people.manager)

    both = await asyncio.gather(asked(manager, topic), asked(manager, topic))

    assert sorted(answer.status_code for answer in both) == [201, 409]
    assert len(await facts(session, "polls.drafted")) == 1


async def test_after_a_vote_that_was_cancelled_there_may_be_another(
    discussed: Topics, acting: As, people: People, session: AsyncSession, worker: Worker
) -> None:
    topic = await discussed()
    manager, by = acting(people.manager), system(people.manager.community_id)
    poll = await drafted(session, people, await asked(manager, topic))
    await lifecycle.cancel(session, poll, reason="写错了", by=by)
    await session.commit()
    await worker.catch_up()
    back = (await manager.get(f"/topics/{topic['id']}")).json()
    assert back["state"] == "discussed"

    again = await asked(manager, topic, title="再表决一次")

    assert again.status_code == 201
    shown = (await manager.get(f"/topics/{topic['id']}")).json()["polls"]
    assert [each["title"] for each in shown] == [topic["title"], "再表决一次"]


async def test_it_is_resolved_without_a_vote_once(
    discussed: Topics, acting: As, people: People
) -> None:
    path = f"/topics/{(await discussed())['id']}/resolution"
    manager = acting(people.manager)

    assert (await manager.post(path, {"text": "装"})).json()["state"] == "resolved"
    assert (await manager.post(path, {"text": "不装"})).status_code == 409


async def test_what_is_not_discussed_is_not_voted_on(
    topic: Topics, acting: As, people: People
) -> None:
    raised = await topic()
    manager = acting(people.manager)

    assert (await asked(manager, raised)).json()["type"] == "/problems/topic-step"
    path = f"/topics/{raised['id']}/resolution"
    assert (await manager.post(path, {"text": "装"})).status_code == 409


async def test_a_vote_that_makes_no_sense_is_none(
    discussed: Topics, acting: As, people: People
) -> None:
    topic = await discussed()
    wrong = a_form().model_dump(mode="json")
    wrong["questions"][0]["options"] = []

    answer = await asked(acting(people.manager), topic, form=wrong)

    assert answer.status_code == 422
    shown = (await acting(people.manager).get(f"/topics/{topic['id']}")).json()
    assert (shown["state"], shown["polls"]) == ("discussed", [])


@pytest.mark.parametrize("who", ["resident", "worker"])
async def test_residents_put_nothing_to_a_vote(
    discussed: Topics, acting: As, people: People, who: str
) -> None:
    answer = await asked(acting(getattr(people, who)), await discussed())

    assert answer.status_code == 403


async def test_who_read_an_older_version_resolves_nothing(
    discussed: Topics, acting: As, people: People
) -> None:
    topic = await discussed()
    path = f"/topics/{topic['id']}/resolution"
    manager = acting(people.manager)
    stale = {"If-Match": f'"{topic["version"] - 1}"'}

    assert (await manager.post(path, {"text": "装"}, headers=stale)).status_code == 412
