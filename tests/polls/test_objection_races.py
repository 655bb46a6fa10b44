"""Objections at once: one of a kind waits, one decision counts, and a close counts what it did."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.ids import new_id
from app.people.access import system
from app.people.models import Person
from app.polls import queries
from app.polls.models import (
    Entry,
    Link,
    LinkKind,
    Objection,
    ObjectionKind,
    ObjectionState,
    PollResult,
)
from app.polls.service import lifecycle, objections
from tests.polls.builders import OpenPoll, a_voter, an_open_poll
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

ONE_WAITS = ["poll_objections_once_key"] * (MANY - 1) + ["raised"]
UPHELD = b"""
UPDATE poll_objections SET state = 'upheld', answer = '', decided_at = now() WHERE id = %s
"""
ONE_COUNTS = ["ObjectionDecided"] * (MANY - 1) + ["upheld"]


def said(opened: OpenPoll, person: Person) -> dict[str, Any]:
    """That somebody is missing from the roll."""
    return {
        "community_id": opened.poll.community_id,
        "poll_id": opened.poll.id,
        "person_id": person.id,
        "kind": ObjectionKind.MISSING,
        "text": "名册上没有我",
        "state": ObjectionState.PENDING,
    }


async def _some_missing(session: AsyncSession, opened: OpenPoll, many: int) -> list[Person]:
    people = [await a_voter(session, opened.poll.place) for _ in range(many)]
    await session.commit()
    return people


async def _raised(database: str, opened: OpenPoll, people: list[Person]) -> list[list[str]]:
    """How the rounds ended in which not one was raised, and the others told that it waits."""
    wrong = []
    asked = sql(objections.open_still(opened.poll.community_id, opened.poll.id))
    async with some_drivers(database) as drivers:
        for person in people:
            chance = {"id": func.gen_random_uuid(), "created_at": func.now()}
            written = sql(insert(Objection).values(**chance, **said(opened, person)))

            async def say(driver: Any, written: bytes = written) -> str:
                await driver.execute(asked)
                await driver.execute(written)
                return "raised"

            outcomes = await together(drivers, say)
            if sorted(outcomes) != ONE_WAITS:
                wrong.append(outcomes)
    return wrong


async def test_raised_fifty_times_at_once_an_objection_waits_once(
    session: AsyncSession, database: str
) -> None:
    opened = await an_open_poll(session)
    people = await _some_missing(session, opened, ROUNDS)

    assert not await _raised(database, opened, people)
    assert await session.scalar(select(func.count(Objection.id))) == ROUNDS


async def test_without_the_index_it_would_wait_several_times(
    session: AsyncSession, database: str
) -> None:
    opened = await an_open_poll(session)
    people = await _some_missing(session, opened, 1)
    await session.execute(text("DROP INDEX poll_objections_once_key"))
    await session.commit()

    assert await _raised(database, opened, people) == [["raised"] * MANY]


async def _decided(database: str, opened: OpenPoll, raised: list[Objection]) -> list[list[str]]:
    """How the rounds ended in which it was not one who decided, and the others who were told."""
    wrong = []
    async with a_crowd(database) as sessions:
        for objection in raised:
            outcomes = await at_once(lambda each=objection: _uphold(sessions, opened, each))  # type: ignore[misc]
            if sorted(outcomes) != ONE_COUNTS:
                wrong.append(outcomes)
    return wrong


async def _uphold(sessions: Sessions, opened: OpenPoll, objection: Objection) -> str:
    async with sessions.begin() as session:
        by = system(opened.poll.community_id)
        await objections.decide(
            session, opened.poll, objection.id, upheld=True, answer="属实", by=by
        )
    return "upheld"


async def _some_raised(session: AsyncSession, opened: OpenPoll, many: int) -> list[Objection]:
    people = await _some_missing(session, opened, many)
    raised = [Objection(id=new_id(), **said(opened, person)) for person in people]
    session.add_all(raised)
    await session.commit()
    return raised


async def _found_pending(
    database: str, opened: OpenPoll, raised: list[Objection], lock: bytes
) -> list[list[str]]:
    """How the rounds ended in which it was not one who found it undecided, and decided it."""
    wrong = []
    async with some_drivers(database) as drivers:
        for objection in raised:
            mine = objections.raised(opened.poll, objection.id)
            state = sql(mine.with_only_columns(Objection.state))

            async def decide(driver: Any, state: bytes = state, one: Objection = objection) -> str:
                await driver.execute(lock)
                (found,) = await (await driver.execute(state)).fetchone()
                if found != "pending":
                    return "ObjectionDecided"
                await driver.execute(UPHELD, [one.id])
                return "upheld"

            outcomes = await together(drivers, decide)
            if sorted(outcomes) != ONE_COUNTS:
                wrong.append(outcomes)
    return wrong


async def test_decided_fifty_times_at_once_an_objection_is_found_pending_once(
    session: AsyncSession, database: str
) -> None:
    opened = await an_open_poll(session)
    raised = await _some_raised(session, opened, ROUNDS)
    lock = queries.locking(opened.poll.community_id, opened.poll.id)

    assert not await _found_pending(database, opened, raised, sql(lock))


async def test_without_the_lock_others_would_find_it_pending_too(
    session: AsyncSession, database: str
) -> None:
    opened = await an_open_poll(session)
    raised = await _some_raised(session, opened, WHOLE_ROUNDS)
    lock = queries.locking(opened.poll.community_id, opened.poll.id)

    assert await _found_pending(database, opened, raised, sql(unlocked(lock)))


async def test_decided_fifty_times_at_once_an_objection_changes_the_roll_once(
    session: AsyncSession, database: str
) -> None:
    opened = await an_open_poll(session)
    raised = await _some_raised(session, opened, WHOLE_ROUNDS)

    assert not await _decided(database, opened, raised)

    added = select(func.count(Entry.id)).where(Entry.objection_id.is_not(None))
    assert await session.scalar(added) == WHOLE_ROUNDS
    links = select(Link.number).where(Link.kind == LinkKind.ROLL).order_by(Link.number)
    assert (await session.scalars(links)).all() == list(range(1, WHOLE_ROUNDS + 1))


async def _decided_while_it_closes(session: AsyncSession, sessions: Sessions) -> tuple[int, int]:
    """A close begins when a vote was put on the roll and its decision is not committed yet.

    How many votes the result knows of, and how many the roll has.
    """
    opened = await an_open_poll(session)
    (objection,) = await _some_raised(session, opened, 1)
    community_id, poll_id = opened.poll.community_id, opened.poll.id

    async def close() -> None:
        async with sessions.begin() as closer:
            poll = await queries.alone(closer, community_id, poll_id)
            assert poll is not None
            await lifecycle.close(closer, poll, by=system(community_id))

    async with sessions.begin() as decider:
        by = system(community_id)
        await objections.decide(
            decider, opened.poll, objection.id, upheld=True, answer="属实", by=by
        )
        closing = asyncio.create_task(close())
        await asyncio.wait([closing], timeout=0.5)
    await closing
    result: dict[str, Any] = (
        await session.scalars(select(PollResult.result).where(PollResult.poll_id == poll_id))
    ).one()
    turnout = await queries.turnout(session, opened.poll)
    return result["electorate"]["entries"], turnout["entries"]


async def test_a_close_counts_what_was_decided_before_it(
    session: AsyncSession, sessions: Sessions
) -> None:
    assert await _decided_while_it_closes(session, sessions) == (4, 4)


async def test_without_the_lock_it_would_count_a_roll_that_is_none(
    session: AsyncSession, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    locking = queries.locking
    monkeypatch.setattr(queries, "locking", lambda *key: unlocked(locking(*key)))

    assert await _decided_while_it_closes(session, sessions) == (3, 4)
