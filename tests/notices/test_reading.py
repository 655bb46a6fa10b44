"""Who has read: by the link they were sent, by their own word, or by what staff say."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.facts import Fact
from app.notices import links, reading
from app.notices.links import Link
from app.notices.models import Delivery, Notice, Reading
from app.people import service as register
from app.people.access import Actor, system
from app.people.models import Person
from tests.conftest import Client, Worker
from tests.notices.builders import Post, hushed, lives_in, sent
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


@pytest.fixture
async def wang(session: AsyncSession, town: Town, post: Post) -> Person:
    person = await lives_in(session, town, "王秀英")
    await hushed(session, town)
    return person


async def test_a_link_shows_the_notice_and_tells_that_it_was_read(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    worker: Worker,
    client: Client,
    session: AsyncSession,
) -> None:
    notice = await sent(acting(people.manager), town)
    await worker.catch_up()

    for _ in range(2):
        page = await client.get(post.link_to(wang))

    assert page.status_code == 200
    assert "<h1>停水通知</h1>" in page.text
    assert "<strong>上午9点</strong>" in page.text
    read = (await acting(people.manager).get(f"/notices/{notice['id']}/readings")).json()
    assert (read["read"], read["studied"]) == (1, 0)
    [one] = read["items"]
    assert (one["person"]["name"], one["way"]) == ("王秀英", "link")
    [fact] = await session.scalars(select(Fact).where(Fact.kind == "notice.read"))
    assert (fact.actor_id, str(fact.subject_id)) == (wang.id, notice["id"])
    mine = select(Delivery.read_at).where(Delivery.person_id == wang.id)
    assert (await session.scalars(mine)).one() is not None


async def test_a_link_that_is_not_ours_leads_nowhere(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    worker: Worker,
    client: Client,
    session: AsyncSession,
) -> None:
    await sent(acting(people.manager), town)
    await worker.catch_up()
    token = post.link_to(wang).removeprefix("/n/")
    data = bytearray(urlsafe_b64decode(token + "=="))
    data[40] ^= 1
    other = urlsafe_b64encode(data).decode().rstrip("=")

    for wrong in (other, token[:-4], token + "AAAA", "x", "é", "%00", "A" * 5000):
        page = await client.get(f"/n/{wrong}")
        assert page.status_code == 404, wrong
        assert "没有这条通知" in page.text
    assert await session.scalar(select(func.count()).select_from(Reading)) == 0


async def test_a_link_is_good_for_its_person_and_notice_alone() -> None:
    link = Link(UUID(int=1), UUID(int=2), UUID(int=3))

    assert links.opened(links.token_of(link)) == link
    many = Link(UUID(int=1), UUID(int=2), None)
    assert links.opened(links.token_of(many)) == many
    assert len(links.token_of(link)) == 86


async def test_no_link_shows_what_was_not_sent(
    acting: As, people: People, town: Town, wang: Person, client: Client, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    draft = await manager.post(
        "/notices",
        {
            "kind": "news",
            "title": "草稿",
            "body": "还没写完",
            "place_id": str(town.home.id),
            "channels": ["post"],
        },
    )
    token = links.token_of(Link(town.community.id, UUID(draft.json()["id"]), wang.id))

    assert (await client.get(f"/n/{token}")).status_code == 404


async def test_what_was_withdrawn_says_so_and_where_it_is_right(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    worker: Worker,
    client: Client,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town)
    await worker.catch_up()
    link = post.link_to(wang)
    await manager.post(f"/notices/{notice['id']}/withdrawal", {"reason": "日期有误"})

    page = await client.get(link)

    assert page.status_code == 410
    assert "此通知已撤回" in page.text
    assert "日期有误" in page.text
    assert "上午9点" not in page.text
    made = await manager.post(f"/notices/{notice['id']}/correction", {"body": "后天"})
    await manager.post(f"/notices/{made.json()['id']}/publication")
    right = links.link_to(town.community.id, UUID(made.json()["id"]), wang.id)
    assert right in (await client.get(link)).text
    assert await session.scalar(select(func.count()).select_from(Reading)) == 0


async def test_a_link_for_many_tells_of_nobody(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    client: Client,
    session: AsyncSession,
) -> None:
    notice = await sent(acting(people.manager), town)
    token = links.token_of(Link(town.community.id, UUID(notice["id"]), None))

    assert (await client.get(f"/n/{token}")).status_code == 200
    assert (await client.post(f"/n/{token}/studied")).status_code == 404
    assert await session.scalar(select(func.count()).select_from(Reading)) == 0


async def test_a_lesson_is_studied_by_a_button_and_counted_once(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    worker: Worker,
    client: Client,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    lesson = await sent(
        manager, town, kind="lesson", title="党课", media_url="https://video.example/1"
    )
    await worker.catch_up()
    link = post.link_to(wang)
    page = await client.get(link)
    assert f'action="{link}/studied"' in page.text
    assert "https://video.example/1" in page.text

    for _ in range(2):
        answer = await client.post(f"{link}/studied")
        assert (answer.status_code, answer.headers["Location"]) == (303, link)

    assert "您已学习这一课" in (await client.get(link)).text
    read = (await manager.get(f"/notices/{lesson['id']}/readings")).json()
    assert (read["read"], read["studied"]) == (1, 1)
    studied = select(func.count()).where(Fact.kind == "notice.studied")
    assert await session.scalar(studied) == 1


async def test_staff_note_who_studied_with_them_and_only_lessons_are_studied(
    acting: As, people: People, town: Town, wang: Person, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    lesson = await sent(manager, town, kind="lesson")
    notice = await sent(manager, town)
    of_wang = {"person_id": str(wang.id)}

    assert (
        await acting(people.worker).post(f"/notices/{lesson['id']}/studies", of_wang)
    ).status_code == 204
    assert (await acting(wang).post(f"/notices/{lesson['id']}/studies", of_wang)).status_code == 403
    away = await acting(people.elsewhere).post(f"/notices/{lesson['id']}/studies", of_wang)
    assert away.status_code == 422
    other = await manager.post(f"/notices/{notice['id']}/studies", of_wang)
    assert other.json()["type"] == "/problems/not-a-lesson"
    read = (await manager.get(f"/notices/{lesson['id']}/readings")).json()
    assert (read["studied"], read["items"][0]["way"]) == (1, "desk")


async def test_one_says_oneself_that_one_has_read(
    acting: As, people: People, town: Town, wang: Person
) -> None:
    notice = await sent(acting(people.manager), town)

    assert (await acting(wang).post(f"/notices/{notice['id']}/readings")).status_code == 204

    read = await acting(people.manager).get(f"/notices/{notice['id']}/readings")
    assert read.json()["read"] == 1
    assert (await acting(wang).get(f"/notices/{notice['id']}/readings")).status_code == 403


async def test_a_grid_worker_sees_the_readers_of_their_grid(
    acting: As, people: People, town: Town, wang: Person
) -> None:
    notice = await sent(acting(people.manager), town)
    await acting(wang).post(f"/notices/{notice['id']}/readings")
    path = f"/notices/{notice['id']}/readings"

    assert (await acting(people.worker).get(path)).json()["read"] == 1
    assert (await acting(people.elsewhere).get(path)).json()["read"] == 0


async def test_who_opens_a_link_twice_at_once_has_read_once(
    acting: As, people: People, town: Town, wang: Person, sessions: Sessions
) -> None:
    sent_ = await sent(acting(people.manager), town)
    by = Actor(town.community.id, "person", wang.id)

    async def read() -> None:
        async with sessions.begin() as session:
            notice = await session.get_one(Notice, (town.community.id, UUID(sent_["id"])))
            await reading.read(session, notice, wang.id, way="link", by=by)

    await asyncio.gather(*[read() for _ in range(5)])

    async with sessions() as session:
        for found in (select(Reading.id), select(Fact.id).where(Fact.kind == "notice.read")):
            assert len((await session.scalars(found)).all()) == 1


async def test_two_entries_that_are_one_person_have_read_once(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    worker: Worker,
    client: Client,
    sessions: Sessions,
) -> None:
    manager = acting(people.manager)
    notice, other = await sent(manager, town), await sent(manager, town)
    async with sessions.begin() as session:
        twin = await lives_in(session, town, "王秀英", "/A1/G1/3/2/601/")
    tokens = {
        each["id"]: links.token_of(Link(town.community.id, UUID(each["id"]), twin.id))
        for each in (notice, other)
    }
    for token in tokens.values():
        assert (await client.get(f"/n/{token}")).status_code == 200
    await acting(wang).post(f"/notices/{notice['id']}/readings")
    async with sessions.begin() as session:
        gone = await session.get_one(Person, (town.community.id, twin.id))
        into = await session.get_one(Person, (town.community.id, wang.id))
        await register.merge(session, gone, into=into, by=system(town.community.id))

    await worker.catch_up()
    assert (await client.get(f"/n/{tokens[other['id']]}")).status_code == 200

    async with sessions() as session:
        rows = (await session.execute(select(Reading.notice_id, Reading.person_id))).all()
    assert {(str(row[0]), row[1]) for row in rows} == {
        (notice["id"], wang.id),
        (other["id"], wang.id),
    }
    assert len(rows) == 2
