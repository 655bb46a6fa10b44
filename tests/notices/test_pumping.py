"""What waits in a lane is sent, each once as far as anybody can know, with every attempt noted."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.database import Sessions
from app.core.ids import new_id
from app.core.jobs import ATTEMPTS
from app.core.lanes import wake
from app.notices import claims, pace, pumping
from app.notices.channels import Content, Failed, Limits, Refused
from app.notices.models import Attempt, Delivery, Lane, State
from app.notices.pace import Pace
from tests.conftest import Worker
from tests.notices.conftest import Reader
from tests.notices.ways import LANE, Way, as_they_are, promised, tries

COUNT = 12


async def pumped(sessions: Sessions, lane: str = LANE) -> None:
    """A pump, as the engine runs it; but nobody keeps a second one from the lane."""
    await pumping.deliver.func(SimpleNamespace(additional_context={"sessions": sessions}), lane)


async def test_all_that_waits_is_sent_once_and_every_attempt_is_noted(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    ids = await promised(session, reader.account.community_id, COUNT)
    await worker.catch_up()

    assert dict(way.times) == dict.fromkeys(ids, 1)
    assert {(one.state, one.receipt) for one in await as_they_are(sessions)} == {
        (State.SENT, "taken")
    }
    assert await tries(sessions) == ["sent"] * COUNT


async def test_two_pumps_at_once_send_nothing_twice(
    session: AsyncSession, sessions: Sessions, reader: Reader, way: Way, worker: Worker
) -> None:
    ids = await promised(session, reader.account.community_id, 60)
    pumping_, pumping.MOST = pumping.MOST, 5
    try:
        await asyncio.gather(*(pumped(sessions) for _ in range(4)))
    finally:
        pumping.MOST = pumping_

    assert dict(way.times) == dict.fromkeys(ids, 1)


async def test_code_that_breaks_is_the_failure_of_one_message(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    ids = await promised(session, reader.account.community_id, 5)
    way.does = lambda delivery, _: KeyError("oops") if delivery.id == ids[2] else None
    await worker.catch_up()

    assert set(way.times) == {*ids} - {ids[2]}
    broken = (await as_they_are(sessions))[2]
    assert (broken.state, broken.answer, broken.attempts) == (State.PENDING, "KeyError", 1)
    assert broken.due_at > clock.now()


async def test_a_lane_that_is_stopped_keeps_its_messages_and_counts_no_attempt(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    ids = await promised(session, reader.account.community_id, COUNT)
    way.limits = Limits(width=1)
    way.does = lambda delivery, _: (
        Failed("45009", wait=timedelta(hours=3), lane=True) if delivery.id == ids[3] else None
    )
    await worker.catch_up()

    stopped = await session.get_one(Lane, LANE)
    assert stopped.stopped_by == "45009"
    assert stopped.stopped_until is not None
    assert stopped.stopped_until > clock.now() + timedelta(hours=2)
    assert [one.state for one in await as_they_are(sessions)] == (
        [State.SENT] * 3 + [State.PENDING] * (COUNT - 3)
    )
    assert [one.attempts for one in await as_they_are(sessions)][3:] == [0] * (COUNT - 3)
    assert sorted(map(str, await tries(sessions))) == ["45009", "sent", "sent", "sent"]

    way.does = lambda _delivery, _content: None
    clock.shift(timedelta(hours=4))
    await pumped(sessions)
    assert dict(way.times) == dict.fromkeys(ids, 1)


async def test_what_is_told_while_a_lane_is_stopped_waits_with_the_rest(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    way.does = lambda _delivery, _content: Failed("45011", wait=timedelta(minutes=1), lane=True)
    await promised(session, reader.account.community_id)
    await worker.catch_up()
    calls = len(await tries(sessions))
    await promised(session, reader.account.community_id)
    await worker.catch_up()

    assert len(await tries(sessions)) == calls == 1


async def test_an_attempt_without_an_outcome_is_made_again_after_its_lease_and_not_before(
    session: AsyncSession, sessions: Sessions, reader: Reader, way: Way, worker: Worker
) -> None:
    await promised(session, reader.account.community_id, 3)
    async with sessions.begin() as dying:
        await pace.ensure(dying, LANE, reader.account.community_id)
        assert len(await claims.claim(dying, LANE, most=9, at=Pace())) == 3

    await pumped(sessions)
    assert way.sent == []
    clock.shift(claims.LEASE)
    await pumped(sessions)

    assert set(way.times.values()) == {1}
    outcomes = await tries(sessions)
    assert outcomes == [None] * 3 + ["sent"] * 3, "each lost attempt explains itself"


async def test_where_nothing_dedupes_one_is_taken_at_a_time(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    way.dedupes = False
    under_way = select(Attempt.id).where(Attempt.outcome.is_(None))
    seen: list[int] = []

    async def look() -> None:
        async with sessions() as other:
            seen.append(len((await other.scalars(under_way)).all()))

    way.does = lambda _delivery, _content: look()
    await promised(session, reader.account.community_id, 5)
    await worker.catch_up()

    assert seen == [1] * 5


async def test_a_worker_that_has_to_go_notes_what_it_has_sent_and_lets_go_of_the_rest(
    session: AsyncSession, sessions: Sessions, reader: Reader, way: Way, worker: Worker
) -> None:
    ids = await promised(session, reader.account.community_id, COUNT)
    way.limits = Limits(width=1)
    hangs = asyncio.Event()
    way.does = lambda delivery, _: hangs.wait() if delivery.id == ids[4] else None
    pump = asyncio.create_task(pumped(sessions))
    async with asyncio.timeout(10):
        while len(way.sent) < 4:  # noqa: ASYNC110 - it is somebody else's to tell
            await asyncio.sleep(0.01)
    pump.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pump

    left = await as_they_are(sessions)
    assert [one.state for one in left] == [State.SENT] * 4 + [State.PENDING] * (COUNT - 4)
    assert [one.attempts for one in left[4:]] == [1] + [0] * (COUNT - 5)
    assert await tries(sessions) == ["sent"] * 4 + [None]


async def test_what_is_cancelled_under_way_is_sent_if_it_was(
    session: AsyncSession, sessions: Sessions, reader: Reader, way: Way, worker: Worker
) -> None:
    ids = await promised(session, reader.account.community_id, 2)
    way.does = lambda delivery, _: Failed("-1") if delivery.id == ids[1] else None
    way.gate.clear()
    pump = asyncio.create_task(pumped(sessions))
    await way.busy.wait()
    for each in await session.scalars(select(Delivery)):
        each.state = State.CANCELLED
    await session.commit()
    way.gate.set()
    await pump

    assert [one.state for one in await as_they_are(sessions)] == [State.SENT, State.CANCELLED]


async def test_a_message_that_kills_its_workers_ends_dead(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    await promised(session, reader.account.community_id, attempts=ATTEMPTS)
    await worker.catch_up()

    (delivery,) = await as_they_are(sessions)
    assert (delivery.state, delivery.answer) == (State.DEAD, "worker_died")
    assert way.sent == []


async def test_a_lane_that_cannot_be_opened_fails_its_messages_and_not_the_pump(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    way: Way,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise Refused(code="no_such_account")

    monkeypatch.setattr(way, "lane", broken)
    await promised(session, reader.account.community_id)
    await promised(session, reader.account.community_id, channel="none", lane="none:1")
    await worker.catch_up()

    answers = {(one.state, one.answer) for one in await as_they_are(sessions)}
    assert answers == {(State.REFUSED, "no_such_account"), (State.REFUSED, "no_such_channel")}


async def test_a_pump_hands_on_when_its_time_is_over(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    way: Way,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pumping, "SLICE", 0.05)
    slow: list[Content] = []

    async def slowly(content: Content) -> None:
        slow.append(content)
        await asyncio.sleep(0.02)

    way.limits = Limits(width=1)
    way.does = lambda _, content: slowly(content)
    ids = await promised(session, reader.account.community_id, COUNT)
    await worker.catch_up()

    assert dict(way.times) == dict.fromkeys(ids, 1)
    assert await tries(sessions) == ["sent"] * COUNT, "what a slice did not begin is no attempt"


async def test_what_is_committed_after_its_pump_began_is_sent_by_it(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    community_id = reader.account.community_id
    (first,) = await promised(session, community_id)
    second = Delivery(
        id=new_id(),
        community_id=community_id,
        address_id=new_id(),
        channel="way",
        purpose="test",
        title="停水",
        lane=LANE,
    )
    session.add(second)
    await session.flush()
    await wake(session, pumping.deliver, [LANE])
    early = asyncio.create_task(worker.catch_up(later=True))
    async with asyncio.timeout(10):
        while not way.sent:  # noqa: ASYNC110 - it is somebody else's to tell
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)  # until it has found that there is nothing more
    await session.commit()
    await early

    assert dict(way.times) == {first: 1, second.id: 1}
