"""Every minute: polls open and close at their times, and who runs them hears what is overdue."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.jobs import periodic
from app.core.log import log
from app.core.problems import Problem
from app.people.access import system
from app.polls import queries
from app.polls.models import Poll, PollState
from app.polls.service import lifecycle, overdue

_AT_ONCE = 100


@periodic("polls.open_and_close", cron="*/1 * * * *")
async def open_and_close(sessions: Sessions) -> None:
    """Close every poll whose time is over, and open every one whose time has come."""
    await close_due(sessions)
    await open_due(sessions)


@periodic("polls.warn_overdue", cron="*/5 * * * *")
async def warn_overdue(sessions: Sessions) -> None:
    """Say once of every result that should have been published by now that it is overdue."""
    await warn_due(sessions)


def to_close() -> ColumnElement[bool]:
    """Which polls are over, by the database's clock."""
    return (Poll.state == PollState.OPEN) & (Poll.closes_at <= func.clock_timestamp())


def to_open() -> ColumnElement[bool]:
    """Which polls were announced for a time that has come, and is not over."""
    at = func.clock_timestamp()
    return (Poll.state == PollState.ANNOUNCED) & (Poll.opens_at <= at) & (Poll.closes_at > at)


async def close_due(sessions: Sessions) -> None:
    """Close every poll whose time is over, each in a transaction of its own and once."""

    async def close(session: AsyncSession, poll: Poll) -> None:
        await lifecycle.close(session, poll, by=system(poll.community_id))

    await _each(sessions, to_close(), close)


async def open_due(sessions: Sessions) -> None:
    """Open every poll whose time has come, each in a transaction of its own and once."""

    async def begin(session: AsyncSession, poll: Poll) -> None:
        await lifecycle.open_now(session, poll, by=system(poll.community_id))

    await _each(sessions, to_open(), begin)


async def warn_due(sessions: Sessions) -> None:
    """Warn of every result that is overdue, each in a transaction of its own and once."""
    late = (Poll.state == PollState.CLOSED) & (Poll.publish_by < now())
    await _each(sessions, late & ~overdue.warned(), overdue.warn)


async def _each(
    sessions: Sessions,
    due: ColumnElement[bool],
    act: Callable[[AsyncSession, Poll], Awaitable[None]],
) -> None:
    """Do it to every poll that is due; one that breaks keeps no other, and is tried again."""
    async with sessions() as session:
        found = select(Poll.community_id, Poll.id).where(due).order_by(Poll.closes_at)
        ids = (await session.execute(found.limit(_AT_ONCE))).all()
    for community_id, poll_id in ids:
        try:
            async with sessions.begin() as session:
                if poll := await _claimed(session, community_id, poll_id, due):
                    await act(session, poll)
        except Problem as refusal:
            log.warning("poll_not_due", poll_id=poll_id, problem=refusal.type())
        except Exception as error:  # noqa: BLE001 - the others are to go on all the same
            log.exception("poll_not_moved", poll_id=poll_id, exc_info=error)


async def _claimed(
    session: AsyncSession, community_id: UUID, poll_id: UUID, due: ColumnElement[bool]
) -> Poll | None:
    """The poll if it is due still; who closes it by hand at this moment has gone before."""
    poll = await queries.alone(session, community_id, poll_id)
    still = select(Poll.id).where(Poll.community_id == community_id, Poll.id == poll_id, due)
    return poll if await session.scalar(still) else None
