"""Polls open and close at their times by themselves, and what is overdue is said once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now, shift
from app.core.database import Sessions
from app.people.models import Role
from app.polls.jobs import terms
from app.polls.models import Poll, PollKind, PollState
from app.polls.rules import Rules, Sits
from app.polls.service import lifecycle
from tests.conftest import Worker
from tests.people.builders import a_worker, facts
from tests.people.conftest import Town
from tests.polls.builders import a_poll, a_voter, an_open_poll
from tests.service_requests.builders import Letterbox
from tests.service_requests.conftest import letters

__all__ = ["letters"]


async def _announced(session: AsyncSession, town: Town, **columns: Any) -> Poll:
    usual = {"opens_at": now() - timedelta(seconds=1), "announced_at": now()}
    poll = await a_poll(session, town.grid, state=PollState.ANNOUNCED, **usual | columns)
    await session.commit()
    return poll


async def _state(session: AsyncSession, poll: Poll) -> PollState:
    await session.refresh(poll)
    return poll.state


async def test_what_was_announced_opens_at_its_time_and_not_before(
    session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    await a_voter(session, town.grid)
    due = await _announced(session, town)
    early = await _announced(session, town, opens_at=now() + timedelta(hours=1))
    missed = await _announced(
        session, town, opens_at=now() - timedelta(days=2), closes_at=now() - timedelta(days=1)
    )

    await terms.open_due(sessions)
    await terms.open_due(sessions)

    assert await _state(session, due) is PollState.OPEN
    assert await _state(session, early) is PollState.ANNOUNCED
    assert await _state(session, missed) is PollState.ANNOUNCED
    assert len(await facts(session, "polls.opened")) == 1


async def test_one_that_nobody_has_a_vote_in_keeps_no_other_from_opening(
    session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    empty = await a_poll(
        session,
        town.far_area,
        state=PollState.ANNOUNCED,
        opens_at=now() - timedelta(hours=2),
        announced_at=now(),
        lasts=timedelta(days=1),
    )
    await a_voter(session, town.grid)
    other = await _announced(session, town)

    await terms.open_due(sessions)

    assert await _state(session, empty) is PollState.ANNOUNCED
    assert await _state(session, other) is PollState.OPEN


async def test_what_is_over_is_closed_once_and_what_is_not_stays_open(
    session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    over = (await an_open_poll(session, town.grid, lasts=timedelta(seconds=-1))).poll
    running = (await an_open_poll(session, town.grid)).poll
    await session.commit()

    await terms.close_due(sessions)
    await terms.close_due(sessions)

    assert await _state(session, over) is PollState.PUBLISHED
    assert await _state(session, running) is PollState.OPEN
    assert len(await facts(session, "polls.closed")) == 1


async def test_one_that_breaks_keeps_no_other_from_closing(
    session: AsyncSession,
    sessions: Sessions,
    town: Town,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    past = timedelta(seconds=-1)
    polls = [(await an_open_poll(session, town.grid, lasts=past)).poll for _ in range(2)]
    await session.commit()
    close = lifecycle.close

    async def breaks(session: AsyncSession, poll: Poll, **how: Any) -> Poll:
        if poll.id == polls[0].id:
            raise OSError
        return await close(session, poll, **how)

    monkeypatch.setattr(lifecycle, "close", breaks)
    await terms.close_due(sessions)
    assert [await _state(session, poll) for poll in polls] == [PollState.OPEN, PollState.PUBLISHED]
    monkeypatch.undo()
    await terms.close_due(sessions)
    assert await _state(session, polls[0]) is PollState.PUBLISHED


async def test_closed_by_hand_at_that_moment_the_clock_says_nothing(
    session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    over = (await an_open_poll(session, town.grid, lasts=timedelta(seconds=-1))).poll
    await session.commit()
    async with sessions.begin() as by_hand:
        shut = "UPDATE polls SET state = 'closed', closed_at = clock_timestamp()"
        await by_hand.execute(text(shut))
        by_clock = asyncio.create_task(terms.close_due(sessions))
        await asyncio.wait([by_clock], timeout=0.3)
        assert not by_clock.done()
    await by_clock

    assert await _state(session, over) is PollState.CLOSED
    assert not await facts(session, "polls.closed")


async def test_an_overdue_result_is_said_once_to_who_may_publish_it(
    session: AsyncSession,
    sessions: Sessions,
    town: Town,
    worker: Worker,
    letters: Letterbox,
) -> None:
    leader = await a_worker(session, town.area, Role.LEADER)
    far = await a_worker(session, town.far_area, Role.LEADER)
    grid_worker = await a_worker(session, town.grid, Role.GRID_WORKER)
    meeting = (
        await an_open_poll(
            session,
            town.grid,
            kind=PollKind.MEETING,
            rules=Rules(sits=Sits.ADULTS),
            lasts=timedelta(seconds=-1),
        )
    ).poll
    await session.commit()
    await terms.close_due(sessions)
    await terms.warn_due(sessions)
    assert not await facts(session, "polls.overdue")

    shift(timedelta(days=3, minutes=1))
    await terms.warn_due(sessions)
    await terms.warn_due(sessions)
    await worker.catch_up()

    assert await facts(session, "polls.overdue") == [{"poll_id": str(meeting.id)}]
    assert letters.to(leader) == ["表决结果逾期未公布"]
    assert letters.last_to(leader)["编号"] == str(meeting.number)
    assert not letters.to(far)
    assert not letters.to(grid_worker)
