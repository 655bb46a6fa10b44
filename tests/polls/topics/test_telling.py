"""Who had a part in a topic hears how it goes on, once each time, with a link of their own."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.people import service as register
from app.people.access import system
from app.people.models import Person
from app.polls.models import Topic, TopicPost, TopicSupport
from app.polls.topics import links
from tests.conftest import Worker
from tests.polls.topics.conftest import Neighbours, Topics
from tests.service_requests.builders import Letterbox
from tests.service_requests.conftest import As, People


async def test_who_raised_seconded_or_spoke_hears_of_every_step(
    *,
    topic: Topics,
    acting: As,
    people: People,
    far: Person,
    worker: Worker,
    letters: Letterbox,
) -> None:
    raised = await topic()
    path = f"/topics/{raised['id']}"
    manager = acting(people.manager)
    await acting(people.neighbour).post(f"{path}/seconds")
    await manager.post(f"{path}/discussion")
    await worker.catch_up()
    await acting(far).post(f"{path}/posts", {"text": "支持"})
    await manager.post(f"{path}/posts", {"text": "在研究", "official": True})
    await manager.post(f"{path}/resolution", {"text": "装六个"})
    for _ in range(2):
        await manager.post(f"{path}/requests", {"category": "other"})
    await worker.catch_up()

    steps = [
        *("您参与的议题有官方答复", "您参与的议题已有决议", "您参与的议题开始落实"),
    ]
    for who in (people.resident, people.neighbour):
        assert letters.to(who) == ["您参与的议题开始讨论", *steps]
    assert letters.to(far) == steps
    assert letters.last_to(far)["议题"] == "1 楼下装充电桩"


async def test_the_link_is_ones_own_and_cannot_be_made_up(
    topic: Topics, acting: As, people: People, worker: Worker, letters: Letterbox
) -> None:
    raised = await topic()
    await acting(people.manager).post(f"/topics/{raised['id']}/discussion")
    await worker.catch_up()

    [letter] = [each for each in letters.letters if each.person_id == people.resident.id]
    token = (letter.link or "").rpartition("/t/")[2]
    opened = links.opened(token)

    assert opened
    assert (str(opened.topic_id), opened.person_id) == (raised["id"], people.resident.id)
    for wrong in (token[:-2] + "AA", token[:-1], "", "x", "é"):
        assert links.opened(wrong) is None


async def test_staff_hear_of_a_new_topic_and_once_a_day_of_waiting_posts(
    topic: Topics, acting: As, people: People, worker: Worker, letters: Letterbox
) -> None:
    raised = await topic()
    await worker.catch_up()
    await acting(people.leader).post(f"/topics/{raised['id']}/discussion")
    for text in ("一", "二"):
        await acting(people.resident).post(f"/topics/{raised['id']}/posts", {"text": text})
    await worker.catch_up()

    assert letters.to(people.manager) == [
        *("有新的议题待附议或受理", "有议题开始讨论", "有议题发言待审核")
    ]
    assert letters.to(people.elsewhere) == []


async def test_whose_post_is_hidden_hears_why(
    discussed: Topics, acting: As, people: People, worker: Worker, letters: Letterbox
) -> None:
    topic = await discussed()
    made = await acting(people.neighbour).post(f"/topics/{topic['id']}/posts", {"text": "广告"})
    path = f"/topics/{topic['id']}/posts/{made.json()['id']}/moderation"
    await acting(people.manager).post(path, {"shown": False, "reason": "与议题无关"})
    await worker.catch_up()

    assert letters.to(people.neighbour) == ["您在议题中的发言没有公开"]
    assert letters.last_to(people.neighbour)["说明"] == "与议题无关"


async def test_the_refused_hear_why(
    topic: Topics, acting: As, people: People, worker: Worker, letters: Letterbox
) -> None:
    raised = await topic()
    await acting(people.manager).post(f"/topics/{raised['id']}/refusal", {"reason": "不归我们管"})
    await worker.catch_up()

    assert letters.to(people.resident) == ["您参与的议题未被采纳"]
    assert letters.last_to(people.resident)["说明"] == "不归我们管"


async def test_two_who_prove_to_be_one_have_one_part_in_a_topic(
    *,
    topic: Topics,
    acting: As,
    people: People,
    worker: Worker,
    session: AsyncSession,
    neighbours: Neighbours,
) -> None:
    [double] = await neighbours(1)
    own, both = await topic(), await topic(people.neighbour)
    for who, raised in (
        (double, own),
        (double, both),
        (people.resident, both),
    ):
        answer = await acting(who).post(f"/topics/{raised['id']}/seconds")
        assert answer.status_code == 200
    await acting(people.manager).post(f"/topics/{both['id']}/discussion")
    await acting(double).post(f"/topics/{both['id']}/posts", {"text": "好"})

    gone = await session.get_one(Person, (double.community_id, double.id))
    kept = await session.get_one(Person, (double.community_id, people.resident.id))
    await register.merge(session, gone, into=kept, by=system(double.community_id))
    await session.commit()
    await worker.catch_up()

    async def rows(table: type[TopicSupport | TopicPost], topic_id: str) -> list[object]:
        found = await session.scalars(
            table.__table__.select()
            .with_only_columns(table.person_id)
            .where(table.topic_id == topic_id)
        )
        return list(found)

    assert await rows(TopicSupport, own["id"]) == []
    assert await rows(TopicSupport, both["id"]) == [kept.id]
    assert await rows(TopicPost, both["id"]) == [kept.id]
    first = await session.get_one(Topic, (kept.community_id, own["id"]))
    assert first.raised_by_id == kept.id
