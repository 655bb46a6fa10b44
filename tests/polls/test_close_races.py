"""Closing at once: of fifty one does, the others are told so, and nothing is counted twice."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.facts import Fact
from app.people.access import system
from app.polls import queries
from app.polls.models import Link, LinkKind, Poll, PollResult
from app.polls.problems import PollStep
from app.polls.service import lifecycle
from tests.polls.builders import a_grid, an_open_poll
from tests.polls.crowds import (
    MANY,
    ROUNDS,
    WHOLE_ROUNDS,
    a_crowd,
    at_once,
    some_drivers,
    sql,
    together,
    unlocked,
)

SHUT = b"UPDATE polls SET state = 'closed', closed_at = clock_timestamp() WHERE id = %s"
ONE_DOES = ["PollStep"] * (MANY - 1) + ["closed"]


async def _open(session: AsyncSession, many: int) -> list[Poll]:
    place = await a_grid(session)
    opened = [(await an_open_poll(session, place, voters=1)).poll for _ in range(many)]
    await session.commit()
    return opened


async def _close(sessions: Sessions, community_id: UUID, poll_id: UUID) -> str:
    async with sessions.begin() as session:
        poll = await queries.alone(session, community_id, poll_id)
        if poll is None:
            raise PollStep
        await lifecycle.close(session, poll, by=system(community_id))
    return "closed"


async def _violations(database: str, polls: list[Poll]) -> list[list[str]]:
    """How the rounds ended in which it was not one who closed, and the others who were told."""
    wrong = []
    async with a_crowd(database) as sessions:
        for poll in polls:
            key = poll.community_id, poll.id
            outcomes = await at_once(lambda key=key: _close(sessions, *key))  # type: ignore[misc]
            if sorted(outcomes) != ONE_DOES:
                wrong.append(outcomes)
    return wrong


async def _goings_on(database: str, polls: list[Poll], statement: Any) -> list[list[str]]:
    """How the rounds ended in which it was not one who found the poll open, and closed it."""
    wrong = []
    async with some_drivers(database) as drivers:
        for poll in polls:
            lock = sql(statement(poll.community_id, poll.id).with_only_columns(Poll.state))

            async def close(driver: Any, lock: bytes = lock, poll: Poll = poll) -> str:
                (state,) = await (await driver.execute(lock)).fetchone()
                if state != "open":
                    return "PollStep"
                await driver.execute(SHUT, [poll.id])
                return "closed"

            outcomes = await together(drivers, close)
            if sorted(outcomes) != ONE_DOES:
                wrong.append(outcomes)
    return wrong


async def _count(session: AsyncSession, rows: Any) -> int:
    return await session.scalar(select(func.count()).select_from(rows.subquery())) or 0


async def test_of_fifty_who_close_a_poll_at_once_one_finds_it_open(
    session: AsyncSession, database: str
) -> None:
    polls = await _open(session, ROUNDS)
    assert not await _goings_on(database, polls, queries.locking)


async def test_without_the_lock_others_would_find_it_open_as_well(
    session: AsyncSession, database: str
) -> None:
    polls = await _open(session, WHOLE_ROUNDS)
    assert await _goings_on(database, polls, lambda *key: unlocked(queries.locking(*key)))


async def test_of_fifty_who_close_a_poll_at_once_one_counts_it(
    session: AsyncSession, database: str
) -> None:
    polls = await _open(session, WHOLE_ROUNDS)

    assert not await _violations(database, polls)

    assert await _count(session, select(PollResult.poll_id)) == WHOLE_ROUNDS
    links = select(Link.poll_id).where(Link.kind == LinkKind.CLOSE)
    assert await _count(session, links) == WHOLE_ROUNDS
    assert await _count(session, select(Fact.id).where(Fact.kind == "polls.closed")) == WHOLE_ROUNDS


async def test_without_the_lock_others_would_go_on_to_count(
    session: AsyncSession, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    locking = queries.locking
    monkeypatch.setattr(queries, "locking", lambda *key: unlocked(locking(*key)))

    assert await _violations(database, await _open(session, 3))
