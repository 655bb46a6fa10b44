"""The page of a topic that somebody was sent: there they second it, speak, and see what waits."""

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import _
from app.people import service as register
from app.people.access import system
from app.people.models import Person
from app.polls.problems import OwnTopic, TopicStep
from app.polls.topics.links import topic_link
from tests.conftest import Client
from tests.people.builders import facts
from tests.polls.topics.conftest import Neighbours, Topics
from tests.service_requests.conftest import As, People
from tests.web.barriers import all_can_use_each


def path_for(topic: dict[str, Any], person: Person) -> str:
    link = topic_link(person.community_id, UUID(topic["id"]), person.id)
    return "/t/" + link.rpartition("/t/")[2]


async def test_a_topic_is_seconded_by_its_link_once(
    topic: Topics, people: People, client: Client, session: AsyncSession
) -> None:
    raised = await topic()
    path = path_for(raised, people.neighbour)

    before = await client.get(path)
    first = await client.post(path)
    second = await client.post(path)
    after = await client.get(first.headers["Location"])

    assert "我附议" in before.text
    assert (first.status_code, second.status_code) == (303, 303)
    assert "已附议，谢谢" in after.text
    assert "我附议" not in after.text
    assert len(await facts(session, "topics.seconded")) == 1
    for answer in (before, first, after):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_who_raised_it_is_not_asked_to_second_it(
    topic: Topics, people: People, client: Client, session: AsyncSession
) -> None:
    path = path_for(await topic(), people.resident)

    assert "我附议" not in (await client.get(path)).text
    refused = await client.post(path)

    assert refused.status_code == 200
    assert _(OwnTopic.title()) in refused.text
    assert await facts(session, "topics.seconded") == []


async def test_what_somebody_says_waits_and_only_they_see_it(
    discussed: Topics, people: People, client: Client, acting: As
) -> None:
    topic = await discussed()
    mine, other = path_for(topic, people.resident), path_for(topic, people.neighbour)

    sent = await client.post(mine, data={"text": "<b>我同意</b>"})
    shown = await client.get(sent.headers["Location"])

    assert sent.status_code == 303
    assert "审核后公开显示" in shown.text
    assert "&lt;b&gt;我同意&lt;/b&gt;" in shown.text
    assert "待审核，只有您能看到" in shown.text
    assert "我同意" not in (await client.get(other)).text
    [post] = (await acting(people.manager).get("/topic-posts")).json()["items"]
    path = f"/topics/{topic['id']}/posts/{post['id']}/moderation"
    await acting(people.manager).post(path, {"shown": True})
    [answered] = re.findall('name="answers_id" value="([^"]+)"', (await client.get(other)).text)
    await client.post(other, data={"text": "我也同意", "answers_id": answered})
    [waiting] = (await acting(people.manager).get("/topic-posts")).json()["items"]
    assert (waiting["answers_id"], waiting["text"]) == (post["id"], "我也同意")


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "a\x00b"])
async def test_what_cannot_be_said_is_told_and_not_lost(
    discussed: Topics, people: People, client: Client, session: AsyncSession, text: str
) -> None:
    path = path_for(await discussed(), people.resident)

    answer = await client.post(path, data={"text": text})

    assert answer.status_code in {200, 422}
    assert await facts(session, "topics.posted") == []
    if len(text.strip()) > 4000:
        assert text in answer.text
        assert "请写 1 到 4000 个字" in answer.text


async def test_what_is_said_too_late_is_not_lost(
    resolved: Topics, people: People, client: Client
) -> None:
    path = path_for(await resolved(), people.resident)

    answer = await client.post(path, data={"text": "我来晚了"})

    assert _(TopicStep.title()) in answer.text


async def test_a_link_that_is_not_ours_or_no_more_leads_nowhere(
    topic: Topics, acting: As, people: People, far: Person, client: Client
) -> None:
    raised = await topic()
    path = path_for(raised, people.neighbour)

    wrong = [
        *(path[:-2] + "AA", "/t/x", "/t/" + "A" * 86),
        path_for(raised, far),
        path_for({"id": str(people.manager.id)}, people.neighbour),
    ]
    for each in wrong:
        assert (await client.get(each)).status_code == 404
        assert (await client.post(each, data={"text": "x"})).status_code == 404
    await acting(people.manager).post(f"/topics/{raised['id']}/refusal", {"reason": "不归我们管"})
    assert (await client.get(path)).status_code == 404
    assert "不归我们管" in (await client.get(path_for(raised, people.resident))).text


async def test_the_link_of_who_was_merged_is_the_others(
    discussed: Topics,
    people: People,
    client: Client,
    session: AsyncSession,
    neighbours: Neighbours,
) -> None:
    [double] = await neighbours(1)
    topic = await discussed()
    path = path_for(topic, double)
    gone = await session.get_one(Person, (double.community_id, double.id))
    kept = await session.get_one(Person, (double.community_id, people.neighbour.id))
    await register.merge(session, gone, into=kept, by=system(double.community_id))
    await session.commit()

    await client.post(path)

    assert "您已附议" in (await client.get(path_for(topic, people.neighbour))).text


@pytest.mark.browser
async def test_everybody_can_use_the_page(
    discussed: Topics, acting: As, people: People, client: Client
) -> None:
    topic = await discussed()
    await acting(people.manager).post(f"/topics/{topic['id']}/posts", {"text": "请大家讨论"})
    path = path_for(topic, people.neighbour)
    await client.post(path, data={"text": "好"})
    pages = [(await client.get(f"{path}{large}")).text for large in ("", "?large=1")]

    await all_can_use_each(*pages)
