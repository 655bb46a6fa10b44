"""A notice has a delivery for everybody it is for, whatever happens while they are made."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.clock import CHINA, now
from app.core.database import Sessions
from app.core.facts import Fact
from app.core.ids import new_id
from app.core.lanes import wake
from app.notices import planning, policies, pumping
from app.notices.models import Delivery, Notice, NoticeKind, NoticeState, State
from app.people.models import Person
from app.places.models import ROOT, Kind, Place
from tests.conftest import Worker
from tests.notices.conftest import Reader
from tests.notices.ways import Way, as_they_are

PEOPLE = 57


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "BATCH", 10)


async def a_notice(session: AsyncSession, reader: Reader, **given: Any) -> Notice:
    """One that is going out to everybody there is, over the test's own way."""
    community_id = reader.account.community_id
    root = Place(community_id=community_id, kind=Kind.COMMUNITY, name="伊", path=ROOT, code="yi")
    people = [Person(id=new_id(), community_id=community_id) for _ in range(PEOPLE - 1)]
    session.add_all([root, *people])
    await session.flush()
    told = {
        "kind": NoticeKind.EMERGENCY,
        "title": "停水通知",
        "body": "明天**停水**。",
        "channels": ["way"],
        "state": NoticeState.SENDING,
    }
    notice = Notice(community_id=community_id, place_id=root.id, **(told | given))
    session.add(notice)
    await session.commit()
    return notice


async def begun(session: AsyncSession, notice: Notice) -> None:
    await planning.begin(session, notice)
    await session.commit()


async def sent_facts(session: AsyncSession) -> Sequence[dict[str, Any]]:
    return (await session.scalars(select(Fact.payload).where(Fact.kind == "notice.sent"))).all()


async def test_everybody_gets_one_and_it_is_said_when_all_are_planned(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    notice = await a_notice(session, reader)
    assert await planning.count(session, notice) == {"way": PEOPLE}
    await begun(session, notice)
    await worker.catch_up()

    made = await as_they_are(sessions)
    assert Counter(one.person_id for one in made).most_common(1)[0][1] == 1
    assert len(made) == len(way.times) == PEOPLE
    assert {one.id.version for one in made} == {7}
    (fact,) = await sent_facts(session)
    assert fact["deliveries"] == PEOPLE
    assert (await as_they_are(sessions))[0].purpose == "notice.emergency"


async def test_what_is_planned_twice_goes_out_once(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    notice = await a_notice(session, reader)
    await begun(session, notice)
    await begun(session, notice)
    await worker.catch_up()

    assert set(way.times.values()) == {1}
    assert len(way.times) == PEOPLE


async def test_a_batch_that_dies_is_made_again_and_nobody_is_missed(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    way: Way,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notice = await a_notice(session, reader)
    await begun(session, notice)
    died = iter([False, False, True, False, True])

    async def dying(*given: Any) -> None:
        await wake(*given)
        if next(died, False):
            raise ConnectionError

    monkeypatch.setattr(planning, "wake", dying)
    await worker.catch_up(later=True)

    assert len(way.times) == PEOPLE
    assert set(way.times.values()) == {1}
    assert len(await sent_facts(session)) == 1


async def test_of_a_withdrawn_notice_nothing_more_is_planned_or_sent(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    way: Way,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pumping, "MOST", 2)
    notice = await a_notice(session, reader)
    way.gate.clear()
    await begun(session, notice)
    working = asyncio.create_task(worker.catch_up())
    async with asyncio.timeout(20):
        await way.busy.wait()
    notice = await session.get_one(Notice, (notice.community_id, notice.id), populate_existing=True)
    notice.state = NoticeState.WITHDRAWN
    await session.flush()
    await planning.cancel(session, notice)
    await session.commit()
    way.gate.set()
    await working

    states = Counter(one.state for one in await as_they_are(sessions))
    assert states[State.PENDING] == 0
    assert states[State.CANCELLED] > 0
    assert states[State.SENT] == len(way.times) < PEOPLE


@pytest.mark.parametrize(
    ("kind", "waits"), [(NoticeKind.NOTICE, True), (NoticeKind.EMERGENCY, False)]
)
async def test_in_quiet_hours_only_an_emergency_goes_out(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    way: Way,
    kind: NoticeKind,
    waits: bool,
) -> None:
    night = datetime.combine(now().astimezone(CHINA).date() + timedelta(days=1), time(23), CHINA)
    clock.shift(night - now())
    notice = await a_notice(session, reader, kind=kind)
    await policies.of(session, notice.community_id)
    await begun(session, notice)
    await worker.catch_up()

    assert (len(way.times) == 0) is waits
    if waits:
        (due,) = {one.due_at for one in await as_they_are(sessions)}
        assert due.astimezone(CHINA).time() == time(7, 30)
        clock.shift(due - datetime.now(UTC) + timedelta(seconds=1))
        context = SimpleNamespace(additional_context={"sessions": sessions})
        await pumping.deliver.func(context, "way:1")
        assert len(way.times) == PEOPLE


async def test_everybody_is_written_to_in_words_and_with_a_link_of_their_own(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    links = set()
    way.does = lambda _, content: links.add((content.title, content.text, content.link))
    await begun(session, await a_notice(session, reader))
    await worker.catch_up()

    assert {(title, words) for title, words, _ in links} == {("停水通知", "明天停水。")}
    assert len(links) == PEOPLE


async def test_planning_stops_where_the_database_would_make_doubles(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    notice = await a_notice(session, reader)
    await session.execute(text("DROP INDEX deliveries_notice_key"))
    await session.commit()
    await begun(session, notice)
    await begun(session, notice)
    await worker.catch_up()

    count = select(func.count()).select_from(Delivery)
    assert (await session.scalar(count) or 0) > PEOPLE, "it is the index that keeps the promise"
