"""What is said on a topic: in threads, read first where that is the rule, and never unasked."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person
from app.polls.models import PollPolicy
from tests.people.builders import facts
from tests.polls.topics.conftest import Topics
from tests.service_requests.builders import Caller, Town, a_person
from tests.service_requests.conftest import As, People

NEVER = "01a20a6c-61a9-7cec-b651-c8c4c0ec2e9e"


@pytest.fixture
async def unread(session: AsyncSession, town: Town) -> None:
    """A community that shows at once what is said."""
    session.add(PollPolicy(community_id=town.community.id, moderated=False))
    await session.commit()


async def said(caller: Caller, topic: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
    answer = await caller.post(f"/topics/{topic['id']}/posts", {"text": text, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def read(caller: Caller, topic: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
    answer = await caller.get(f"/topics/{topic['id']}/posts", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def moderated(
    caller: Caller, topic: dict[str, Any], post: dict[str, Any], **asked: Any
) -> dict[str, Any]:
    path = f"/topics/{topic['id']}/posts/{post['id']}/moderation"
    answer = await caller.post(path, asked)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_post_waits_for_a_moderator_and_only_its_author_sees_it(
    discussed: Topics, acting: As, people: People, far: Person, session: AsyncSession
) -> None:
    topic = await discussed()
    resident, neighbour = acting(people.resident), acting(people.neighbour)
    manager = acting(people.manager)

    post = await said(resident, topic, "我同意")

    assert (post["state"], post["author"], post["mine"]) == ("waiting", "李**", True)
    assert post["person_id"] is None
    assert await read(neighbour, topic) == []
    assert [each["mine"] for each in await read(resident, topic)] == [True]
    [seen] = await read(manager, topic)
    assert (seen["person_id"], seen["mine"]) == (str(people.resident.id), False)
    shown = await moderated(manager, topic, post, shown=True)
    assert shown["state"] == "shown"
    [seen] = await read(acting(far), topic)
    assert (seen["author"], seen["person_id"], seen["text"]) == ("李**", None, "我同意")
    assert await facts(session, "topics.post_moderated") == [
        {"topic_id": topic["id"], "post_id": post["id"], "shown": True}
    ]


async def test_moderators_have_a_queue_of_their_places(
    discussed: Topics, acting: As, people: People, town: Town
) -> None:
    here = await discussed()
    there = await discussed(place_id=str(town.places["/A1/G2/"].id))
    first = await said(acting(people.resident), here, "一")
    second = await said(acting(people.neighbour), there, "二")

    queue = await acting(people.leader).get("/topic-posts")

    assert [each["id"] for each in queue.json()["items"]] == [first["id"], second["id"]]
    assert queue.json()["items"][0]["topic_id"] == here["id"]
    await moderated(acting(people.leader), here, first, shown=True)
    left = (await acting(people.manager).get("/topic-posts")).json()["items"]
    assert [each["id"] for each in left] == [second["id"]]
    for nobody in (people.resident, people.worker):
        assert (await acting(nobody).get("/topic-posts")).status_code == 403


async def test_a_hidden_post_says_why_to_its_author_alone(
    discussed: Topics, acting: As, people: People
) -> None:
    topic = await discussed()
    resident, manager = acting(people.resident), acting(people.manager)
    post = await said(resident, topic, "骂人的话")
    path = f"/topics/{topic['id']}/posts/{post['id']}/moderation"

    without = await manager.post(path, {"shown": False})
    await moderated(manager, topic, post, shown=False, reason="人身攻击")

    assert without.status_code == 422
    [own] = await read(resident, topic)
    assert (own["state"], own["reason"]) == ("hidden", "人身攻击")
    assert await read(acting(people.neighbour), topic) == []
    back = await moderated(manager, topic, post, shown=True)
    assert (back["state"], back["reason"]) == ("shown", None)


async def test_the_same_decision_again_is_no_fact(
    discussed: Topics, acting: As, people: People, session: AsyncSession
) -> None:
    topic = await discussed()
    post = await said(acting(people.resident), topic, "好")

    for _ in range(2):
        await moderated(acting(people.manager), topic, post, shown=True)

    assert len(await facts(session, "topics.post_moderated")) == 1


async def test_residents_do_not_moderate(discussed: Topics, acting: As, people: People) -> None:
    topic = await discussed()
    post = await said(acting(people.resident), topic, "好")
    path = f"/topics/{topic['id']}/posts/{post['id']}/moderation"

    for who in (people.resident, people.neighbour, people.worker):
        assert (await acting(who).post(path, {"shown": True})).status_code == 403
    missing = f"/topics/{topic['id']}/posts/{NEVER}/moderation"
    assert (await acting(people.manager).post(missing, {"shown": True})).status_code == 404


async def test_staff_are_shown_at_once_and_answer_for_the_committee(
    discussed: Topics, acting: As, people: People
) -> None:
    topic = await discussed()

    plain = await said(acting(people.leader), topic, "我也住这里")
    official = await said(acting(people.manager), topic, "已在协调", official=True)

    assert [plain["state"], official["state"]] == ["shown", "shown"]
    assert (official["official"], official["author"]) == (True, None)
    for who in (people.resident, people.worker):
        path = f"/topics/{topic['id']}/posts"
        answer = await acting(who).post(path, {"text": "我代表居委会", "official": True})
        assert answer.status_code == 403


@pytest.mark.usefixtures("unread")
async def test_where_nothing_is_read_first_a_post_is_shown_at_once(
    discussed: Topics, acting: As, people: People
) -> None:
    assert (await said(acting(people.resident), await discussed(), "好"))["state"] == "shown"


@pytest.mark.usefixtures("unread")
async def test_threads_stay_together_and_page(
    discussed: Topics, acting: As, people: People
) -> None:
    topic = await discussed()
    one, two = acting(people.resident), acting(people.neighbour)
    first = await said(one, topic, "一")
    second = await said(two, topic, "二")
    reply = await said(two, topic, "一之一", answers_id=first["id"])
    await said(one, topic, "二之一", answers_id=second["id"])
    deep = await said(one, topic, "一之一之一", answers_id=reply["id"])

    assert (deep["thread_id"], deep["answers_id"]) == (first["id"], reply["id"])
    order = ["一", "一之一", "一之一之一", "二", "二之一"]
    assert [each["text"] for each in await read(one, topic)] == order
    path, after, paged = f"/topics/{topic['id']}/posts", None, []
    while after is not False:
        asked = {"limit": 2} | ({"after": after} if after else {})
        page = (await one.get(path, params=asked)).json()
        paged += [each["text"] for each in page["items"]]
        after = page["next"] or False
    assert paged == order


async def test_what_is_not_shown_is_not_answered(
    discussed: Topics, acting: As, people: People
) -> None:
    topic, other = await discussed(), await discussed()
    waiting = await said(acting(people.resident), topic, "一")
    elsewhere = await said(acting(people.manager), other, "别处")

    for answers_id in (waiting["id"], elsewhere["id"], NEVER):
        answer = await acting(people.neighbour).post(
            f"/topics/{topic['id']}/posts", {"text": "答", "answers_id": answers_id}
        )
        assert answer.status_code == 422, answers_id
        assert answer.json()["errors"][0]["path"] == "body.answers_id"


async def test_numbers_of_people_are_masked(discussed: Topics, acting: As, people: People) -> None:
    post = await said(acting(people.resident), await discussed(), "打我电话13800138000")

    assert post["text"] == "打我电话138****8000"


async def test_nobody_speaks_before_or_after_the_discussion(
    topic: Topics, resolved: Topics, acting: As, people: People
) -> None:
    early, late = await topic(), await resolved()

    for each in (early, late):
        path = f"/topics/{each['id']}/posts"
        answer = await acting(people.resident).post(path, {"text": "我说"})
        assert answer.json()["type"] == "/problems/topic-step"
    answered = await said(acting(people.manager), late, "施工明天开始", official=True)
    assert answered["state"] == "shown"


async def test_who_is_not_known_to_live_here_says_nothing(
    discussed: Topics, acting: As, town: Town, session: AsyncSession
) -> None:
    stranger = await a_person(session, town, "何人")
    topic = await discussed()
    await session.commit()

    answer = await acting(stranger).post(f"/topics/{topic['id']}/posts", {"text": "我说"})

    assert answer.json()["type"] == "/problems/not-living-here"


@pytest.mark.usefixtures("unread")
async def test_nobody_floods_a_topic(discussed: Topics, acting: As, people: People) -> None:
    topic = await discussed()
    resident = acting(people.resident)
    for number in range(20):
        await said(resident, topic, str(number))

    answer = await resident.post(f"/topics/{topic['id']}/posts", {"text": "又来"})

    assert answer.status_code == 429
