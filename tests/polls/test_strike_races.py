"""A vote that is struck while it is cast: it is either struck or cast, and never both."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.ids import new_id
from app.core.problems import Problem
from app.people.access import system
from app.polls import casting, queries
from app.polls.models import Channel, Objection, ObjectionKind, Secrecy
from app.polls.service import objections
from tests.polls.builders import OpenPoll, an_open_poll
from tests.polls.crowds import unlocked

A_MOMENT = 0.3


async def _objected(session: AsyncSession, opened: OpenPoll) -> UUID:
    objection = Objection(
        community_id=opened.poll.community_id,
        id=new_id(),
        poll_id=opened.poll.id,
        person_id=opened.people[0].id,
        kind=ObjectionKind.NOT_ENTITLED,
        entry_id=opened.entries[0].id,
        text="已搬走",
    )
    session.add(objection)
    await session.commit()
    return objection.id


async def _strike(session: AsyncSession, opened: OpenPoll, objection_id: UUID) -> None:
    by = system(opened.poll.community_id)
    await objections.decide(session, opened.poll, objection_id, upheld=True, answer="属实", by=by)


async def _vote(session: AsyncSession, opened: OpenPoll) -> None:
    await casting.cast(
        session,
        opened.poll,
        person_id=opened.people[0].id,
        choice={"q1": "A"},
        channel=Channel.REST,
        by=system(opened.poll.community_id),
    )


async def _second_of(
    sessions: Sessions, first: str, opened: OpenPoll, objection_id: UUID
) -> str | None:
    """What the second of the two is told, who came while the first had not committed yet."""

    async def act(session: AsyncSession, which: str) -> None:
        if which == "strike":
            await _strike(session, opened, objection_id)
        else:
            await _vote(session, opened)

    async def follow() -> str | None:
        try:
            async with sessions.begin() as session:
                await act(session, "vote" if first == "strike" else "strike")
        except Problem as refusal:
            return type(refusal).__name__
        return None

    async with sessions.begin() as session:
        await act(session, first)
        second = asyncio.create_task(follow())
        await asyncio.wait([second], timeout=A_MOMENT)
        assert not second.done()
    return await second


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_a_vote_is_either_struck_or_cast(
    session: AsyncSession, sessions: Sessions, secrecy: Secrecy
) -> None:
    told = {"strike": "NotOnRoll", "vote": "HasVoted"}
    for first, refusal in told.items():
        opened = await an_open_poll(session, secrecy=secrecy)
        objection_id = await _objected(session, opened)

        assert await _second_of(sessions, first, opened, objection_id) == refusal

        voted = 0 if first == "strike" else 1
        assert await queries.turnout(session, opened.poll) == {"entries": 2 + voted, "voted": voted}
    both = text(
        "SELECT count(*) FROM poll_entries AS entry WHERE struck_by_id IS NOT NULL AND"
        " (EXISTS (SELECT FROM poll_ballots AS kept WHERE kept.entry_id = entry.id)"
        " OR EXISTS (SELECT FROM poll_participations AS kept WHERE kept.entry_id = entry.id))"
    )
    assert await session.scalar(both) == 0


async def test_without_the_lock_a_vote_would_be_both(
    session: AsyncSession, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    locking = queries.locking
    monkeypatch.setattr(queries, "locking", lambda *key: unlocked(locking(*key)))
    opened = await an_open_poll(session)
    objection_id = await _objected(session, opened)

    assert await _second_of(sessions, "vote", opened, objection_id) is None
