"""Whom the counts of a poll are shown to, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.problems import Forbidden, NotFound
from app.people.access import Actor
from app.polls import queries
from app.polls.counting.results import result_of
from app.polls.events import BallotsRead
from app.polls.models import (
    OVER,
    Entry,
    Poll,
    PollKind,
    PollResult,
    PollState,
    ResultsShown,
    Secrecy,
)
from app.polls.permissions import AUDIT, RUN
from app.polls.problems import ResultsNotYet

_BY_ACT = frozenset({PollKind.MEETING, PollKind.ASSEMBLY})
"""Kinds of which nobody sees counts before the close, nor all before somebody publishes them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A result, and whether votes may still change it."""

    result: dict[str, Any]
    """As `tally` shapes it."""
    live: bool
    counted_at: datetime | None
    """When it was counted for good."""


async def has_voted(session: AsyncSession, poll: Poll, by: Actor) -> bool:
    """Whether a vote that this person may cast has been cast."""
    if by.kind != "person" or by.id is None:
        return False
    mine = queries.votes_of(poll.community_id, poll.id, by.id).with_only_columns(Entry.id)
    return bool(await queries.cast_of(session, poll, await session.scalars(mine)))


async def is_shown(session: AsyncSession, poll: Poll, *, by: Actor) -> bool:
    """Whether the counts are this caller's to see now, who may see the poll itself."""
    if poll.state is PollState.PUBLISHED:
        return True
    if poll.state is PollState.CLOSED:
        return poll.kind not in _BY_ACT or RUN.allows(by, at=poll.place.path)
    if poll.state is not PollState.OPEN or poll.kind in _BY_ACT or poll.secrecy is Secrecy.SECRET:
        return False
    if poll.results_shown is ResultsShown.AFTER_VOTING:
        return await has_voted(session, poll, by)
    return poll.results_shown is ResultsShown.ALWAYS


async def shown(session: AsyncSession, poll: Poll, *, by: Actor) -> Shown:
    """The result for this caller, who may see the poll: counted now while it is open.

    Raises `ResultsNotYet`: staff see no more of a running poll than was promised to everybody.
    """
    if not await is_shown(session, poll, by=by):
        raise ResultsNotYet
    if poll.state is PollState.OPEN:
        return Shown(await result_of(session, poll), live=True, counted_at=None)
    kept = await session.get_one(PollResult, (poll.community_id, poll.id))
    return Shown(kept.result, live=False, counted_at=kept.counted_at)


async def _on_roll(session: AsyncSession, poll: Poll, by: Actor) -> bool:
    if by.kind != "person" or by.id is None:
        return False
    mine = queries.votes_of(poll.community_id, poll.id, by.id)
    return await session.scalar(mine.limit(1)) is not None


async def look(session: AsyncSession, poll: Poll, *, by: Actor) -> None:
    """Let somebody see who voted what; an auditor's look is recorded.

    Where names are shown, everybody on the roll may, once they may see the counts; auditors may
    from the close on. Raises `NotFound` for a secret poll, `Forbidden` and `ResultsNotYet`.
    """
    if poll.secrecy is Secrecy.SECRET:
        raise NotFound
    audits = AUDIT.allows(by, at=poll.place.path)
    named = poll.names_shown and await _on_roll(session, poll, by)
    if not (named or audits):
        raise Forbidden(AUDIT.name)
    if named and await is_shown(session, poll, by=by):
        return
    if not audits or poll.state not in OVER:
        raise ResultsNotYet
    await record(session, BallotsRead(poll_id=poll.id), by=by)
