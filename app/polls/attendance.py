"""Who came to a residents' meeting: more than half have to attend (城市居民委员会组织法 §9)."""

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.people.access import Actor
from app.polls.entries import on_roll
from app.polls.events import Attended
from app.polls.models import Attendance, Entry, Poll, PollKind, PollState
from app.polls.permissions import ROLL
from app.polls.problems import PollStep
from app.polls.still import still

_WHILE = frozenset({PollState.ANNOUNCED, PollState.OPEN})


class Count(TypedDict):
    """How many votes the roll has, and how many of them came."""

    entries: int
    attended: int


async def check_in(
    session: AsyncSession, poll: Poll, *, entries: Sequence[UUID | str], by: Actor
) -> Count:
    """Put down that these votes of the roll came, by id or code; again changes nothing.

    Of meetings alone, until the close, or it is `PollStep`: afterwards it would change a result.
    A roll is made at the opening, so before it nobody is found. `Invalid` names what is not on
    the roll; then nobody is checked in.
    """
    ROLL.demand(by, at=poll.place.path)
    state, _opened = await still(session, poll)
    if poll.kind is not PollKind.MEETING or state not in _WHILE:
        raise PollStep
    found = await on_roll(session, poll, entries)
    came = await _put(session, poll, list(dict.fromkeys(entry.id for entry in found)), by)
    if came:
        await record(session, Attended(poll_id=poll.id, entry_ids=came), by=by)
    return await count(session, poll)


async def count(session: AsyncSession, poll: Poll) -> Count:
    """How many votes the roll has, and how many of them came."""
    entries = select(func.count()).where(
        Entry.community_id == poll.community_id,
        Entry.poll_id == poll.id,
        Entry.struck_by_id.is_(None),
    )
    came = entries.join_from(
        Entry,
        Attendance,
        (Attendance.community_id == Entry.community_id)
        & (Attendance.poll_id == Entry.poll_id)
        & (Attendance.entry_id == Entry.id),
    )
    return {
        "entries": await session.scalar(entries) or 0,
        "attended": await session.scalar(came) or 0,
    }


async def _put(
    session: AsyncSession, poll: Poll, entry_ids: Sequence[UUID], by: Actor
) -> list[UUID]:
    """Who of them had not been checked in before."""
    person_id = by.id if by.kind == "person" else None
    rows = [
        {
            "community_id": poll.community_id,
            "poll_id": poll.id,
            "entry_id": entry_id,
            "entered_by_id": person_id,
            "at": now(),
        }
        for entry_id in sorted(entry_ids)
    ]
    statement = insert(Attendance).values(rows).on_conflict_do_nothing()
    return list(await session.scalars(statement.returning(Attendance.entry_id)))
