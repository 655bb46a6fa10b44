"""Sending notices: at once, at their time and once, taking them back, and putting them right."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.clock import CHINA, now
from app.core.database import Sessions
from app.core.facts import Fact
from app.notices import late
from app.notices.models import Delivery, Notice, NoticeState, State
from app.people.models import Person
from tests.conftest import Worker
from tests.notices.builders import Post, hushed, lives_in, sent, written
from tests.notices.test_reviewing import asking_for_two
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People


@pytest.fixture(autouse=True)
async def at_any_hour(session: AsyncSession, town: Town) -> None:
    await hushed(session, town)


@pytest.fixture
async def wang(session: AsyncSession, town: Town) -> Person:
    person = await lives_in(session, town, "王秀英")
    await session.commit()
    return person


async def state_of(caller: Caller, notice: dict[str, str]) -> str:
    return str((await caller.get(f"/notices/{notice['id']}")).json()["state"])


async def test_a_notice_reaches_those_it_is_for(
    acting: As, people: People, town: Town, wang: Person, post: Post, worker: Worker
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town, "/A1/G1/")

    await worker.catch_up()

    assert post.notices_to(wang) == ["停水通知"]
    told = {delivery.person_id for delivery, _ in post.said}
    assert told == {wang.id, people.worker.id}
    assert await state_of(manager, notice) == "sent"


async def test_how_many_would_be_told_is_counted_before(
    acting: As, people: People, town: Town, wang: Person, post: Post
) -> None:
    manager = acting(people.manager)
    draft = await written(manager, town)

    counted = await manager.get(f"/notices/{draft['id']}/audience")

    assert counted.json() == {"channels": {"post": 4}, "people": 4, "homes": 3, "groups": 0}
    assert (await acting(people.resident).get(f"/notices/{draft['id']}/audience")).is_error


async def test_nothing_is_sent_to_nobody(
    acting: As, people: People, town: Town, wang: Person, post: Post
) -> None:
    manager = acting(people.manager)
    draft = await written(manager, town, "/A1/G2/9/")

    for step, body in (
        ("publication", None),
        ("schedule", {"at": (now() + timedelta(hours=1)).isoformat()}),
    ):
        answer = await manager.post(f"/notices/{draft['id']}/{step}", body)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/nobody-to-tell")


async def test_a_notice_is_sent_once(
    acting: As, people: People, town: Town, wang: Person, post: Post, worker: Worker
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town)

    again = await manager.post(f"/notices/{notice['id']}/publication")

    assert (again.status_code, again.json()["type"]) == (409, "/problems/notice-step")


async def test_a_scheduled_notice_goes_out_at_its_time_whichever_worker_sees_to_it(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    sessions: Sessions,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    draft = await written(manager, town)
    at = now() + timedelta(minutes=10)
    answer = await manager.post(f"/notices/{draft['id']}/schedule", {"at": at.isoformat()})
    assert answer.json()["state"] == "scheduled", answer.text

    await late.send_due(sessions)
    assert await state_of(manager, draft) == "scheduled"
    clock.shift(clock._ahead + timedelta(minutes=10))
    await asyncio.gather(*[late.send_due(sessions) for _ in range(5)])

    assert await state_of(manager, draft) == "sending"
    published = select(func.count()).where(Fact.kind == "notice.published")
    assert await session.scalar(published) == 1


async def test_a_notice_is_not_scheduled_for_the_past(
    acting: As, people: People, town: Town, wang: Person, post: Post
) -> None:
    manager = acting(people.manager)
    path = f"/notices/{(await written(manager, town))['id']}/schedule"

    for at in (
        (now() - timedelta(minutes=1)).isoformat(),
        (now() + timedelta(days=400)).isoformat(),
        "2027-01-01T09:00:00",
        "soon",
    ):
        assert (await manager.post(path, {"at": at})).status_code == 422, at


async def test_a_scheduled_notice_that_may_not_go_any_more_is_a_draft_again(
    acting: As, people: People, town: Town, wang: Person, post: Post, sessions: Sessions
) -> None:
    manager = acting(people.manager)
    draft, other = await written(manager, town), await written(manager, town)
    at = now() + timedelta(minutes=1)
    for each in (draft, other):
        await manager.post(f"/notices/{each['id']}/schedule", {"at": at.isoformat()})
    async with sessions.begin() as session:
        (await session.get_one(Notice, (town.community.id, UUID(draft["id"])))).channels = ["gone"]
    clock.shift(clock._ahead + timedelta(minutes=2))

    await late.send_due(sessions)

    told = (await manager.get(f"/notices/{draft['id']}")).json()
    assert (told["state"], bool(told["reason"])) == ("draft", True)
    assert await state_of(manager, other) == "sending"


async def test_a_rule_made_after_the_scheduling_holds_at_the_sending(
    acting: As, people: People, town: Town, wang: Person, post: Post, sessions: Sessions
) -> None:
    manager = acting(people.manager)
    draft = await written(manager, town)
    at = now() + timedelta(minutes=1)
    await manager.post(f"/notices/{draft['id']}/schedule", {"at": at.isoformat()})
    await asking_for_two(manager)
    clock.shift(clock._ahead + timedelta(minutes=2))

    await late.send_due(sessions)

    assert await state_of(manager, draft) == "draft"


async def test_what_was_withdrawn_goes_to_nobody_else_and_is_read_no_more(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    worker: Worker,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town)
    assert (await acting(wang).get(f"/notices/{notice['id']}")).status_code == 200

    answer = await manager.post(f"/notices/{notice['id']}/withdrawal", {"reason": "日期有误"})

    assert (answer.status_code, answer.json()["reason"]) == (200, "日期有误")
    await worker.catch_up()
    assert post.said == []
    assert (await acting(wang).get(f"/notices/{notice['id']}")).status_code == 404
    sent_ = select(func.count()).where(Delivery.state == State.SENT)
    assert await session.scalar(sent_) == 0


async def test_what_waits_for_the_morning_is_cancelled_by_a_withdrawal(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    worker: Worker,
    session: AsyncSession,
) -> None:
    here, hour = now().astimezone(CHINA), timedelta(hours=1)
    await hushed(session, town, (here - hour).time(), (here + hour).time())
    manager = acting(people.manager)
    notice = await sent(manager, town)
    await worker.catch_up()

    await manager.post(f"/notices/{notice['id']}/withdrawal", {"reason": "日期有误"})

    states = set(await session.scalars(select(Delivery.state)))
    assert states == {State.CANCELLED}


async def test_the_groups_that_heard_a_notice_hear_that_it_is_withdrawn(
    acting: As, people: People, town: Town, wang: Person, post: Post, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town)
    said = Delivery(
        community_id=town.community.id,
        notice_id=UUID(notice["id"]),
        channel="groups",
        address_id=town.home.id,
        lane="group:3",
        purpose="notice.notice",
        state=State.SENT,
    )
    session.add(said)
    await session.commit()

    await manager.post(f"/notices/{notice['id']}/withdrawal", {"reason": "日期有误"})

    own = select(Delivery).where(Delivery.notice_id.is_(None))
    [word] = await session.scalars(own)
    assert (word.lane, word.state) == ("group:3", State.PENDING)
    assert (word.title, word.lines) == ("通知已撤回：停水通知", [["原因", "日期有误"]])


async def test_a_correction_goes_where_the_notice_went(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    worker: Worker,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town, "/A1/G1/")
    await worker.catch_up()
    moved = await lives_in(session, town, "新住户", "/A1/G1/3/2/601/")
    wang_lives = (await manager.get(f"/residences?person={wang.id}")).json()["items"][0]["id"]
    await session.commit()
    await manager.post(f"/residences/{wang_lives}/ending")

    made = await manager.post(f"/notices/{notice['id']}/correction", {"body": "改为**后天**"})

    assert made.status_code == 201, made.text
    correction = made.json()
    assert (correction["state"], correction["corrects_id"]) == ("draft", notice["id"])
    assert correction["title"] == "停水通知"
    path = f"/notices/{correction['id']}"
    others: list[dict[str, Any]] = [{"channels": ["site"]}, {"audience": {}}]
    for ways in [*others, {"place_id": str(town.home.id)}]:
        refused = await manager.patch(path, ways)
        assert refused.json()["type"] == "/problems/correction-goes-there"
    assert (await manager.patch(path, {"title": "停水改期"})).status_code == 200
    assert (await manager.post(f"{path}/publication")).status_code == 200
    await worker.catch_up()
    assert [title for title in post.notices_to(wang) if "停水改期" in title]
    assert [title for title in post.notices_to(moved) if "停水改期" in title]
    assert [title for title in post.notices_to(people.worker) if "停水改期" in title]
    assert len(post.said) == 5
    told = (await manager.get(f"/notices/{notice['id']}")).json()
    assert told["corrected_by_id"] == correction["id"]
    assert await state_of(manager, correction) == NoticeState.SENT


async def test_residents_read_what_is_for_them_and_not_how_it_came_about(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    elsewhere = await lives_in(session, town, "李四", "/A1/G2/9/1/101/")
    await session.commit()
    notice = await sent(manager, town, "/A1/G1/")
    await written(manager, town, "/A1/G1/")

    [read] = (await acting(wang).get("/notices")).json()["items"]
    assert (read["id"], read["audience"], read["author_id"]) == (notice["id"], None, None)
    assert (await acting(elsewhere).get("/notices")).json()["items"] == []
    assert (await acting(elsewhere).get(f"/notices/{notice['id']}")).status_code == 404
    assert len((await acting(people.worker).get("/notices")).json()["items"]) == 2
    for asked, count in (("state=draft", 1), ("kind=news", 0), ("title=停水", 2)):
        page = await manager.get(f"/notices?{asked}")
        assert len(page.json()["items"]) == count, asked


async def test_in_quiet_hours_nobody_is_told_until_the_morning_but_in_an_emergency(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    post: Post,
    worker: Worker,
    session: AsyncSession,
) -> None:
    here, hour = now().astimezone(CHINA), timedelta(hours=1)
    ends = (here + hour).replace(microsecond=0)
    await hushed(session, town, (here - hour).time(), ends.time())
    manager = acting(people.manager)
    await sent(manager, town)
    await sent(manager, town, kind="emergency", title="燃气泄漏")

    await worker.catch_up()

    assert post.notices_to(wang) == ["燃气泄漏"]
    waiting = select(Delivery.due_at).where(Delivery.state == State.PENDING)
    assert set(await session.scalars(waiting)) == {ends}
