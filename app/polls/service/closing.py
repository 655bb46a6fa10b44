"""Closing a poll: no vote after it, none lost at it, and the count is of what is stored."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.people.access import Actor
from app.polls import chain, counting, recount, sealing
from app.polls.events import PollClosed, PollPublished
from app.polls.models import (
    Entry,
    LinkKind,
    Participation,
    Poll,
    PollKind,
    PollResult,
    PollState,
    SealedBallot,
    Secrecy,
)
from app.polls.permissions import RUN
from app.polls.problems import PollStep
from app.polls.queries import ballots_of
from app.polls.service import policies
from app.polls.service.opening import moment

_BY_ITSELF = frozenset({PollKind.POLL, PollKind.SURVEY})
"""Published with the count; the others by an act."""


async def close(session: AsyncSession, poll: Poll, *, by: Actor) -> Poll:
    """Take no more votes, count, and link what was counted; `PollStep` if it is not open.

    A meeting and an assembly take votes until the time that was announced, whoever would rather
    end them sooner: `PollStep`, too.
    The poll comes locked (`queries.alone`), so every vote in time is written and no other can be
    any more: counting in a later statement sees exactly those.
    """
    RUN.demand(by, at=poll.place.path)
    if poll.state is not PollState.OPEN:
        raise PollStep
    at = (await session.scalars(select(func.clock_timestamp()))).one()
    if (
        poll.kind not in _BY_ITSELF
        and by.kind != "system"
        and poll.closes_at
        and at < poll.closes_at
    ):
        raise PollStep
    poll.state, poll.closed_at = PollState.CLOSED, at
    await session.flush()
    await sealing.seal(session, poll, all=True)
    result = await counting.result_of(session, poll)
    ballots = int(result["ballots"])
    counted = PollResult(
        community_id=poll.community_id, poll_id=poll.id, ballots=ballots, result=result
    )
    session.add(counted)
    await _link(session, poll, result, at=at)
    await record(session, PollClosed(poll_id=poll.id, ballots=ballots), by=by)
    await _published(session, poll, at=at, by=by)
    return poll


async def _published(session: AsyncSession, poll: Poll, *, at: datetime, by: Actor) -> None:
    """Publish the result, or say until when somebody has to (北京市物业管理条例 §37)."""
    if poll.kind in _BY_ITSELF:
        poll.state, poll.published_at = PollState.PUBLISHED, at
        await session.flush()
        await record(session, PollPublished(poll_id=poll.id), by=by)
        return
    policy = await policies.of(session, poll.community_id)
    poll.publish_by = at + timedelta(days=policy.publish_days)
    await session.flush()


async def _link(session: AsyncSession, poll: Poll, result: dict[str, Any], *, at: datetime) -> None:
    took_part, ballots = await _counted(session, poll)
    last = await chain.latest(session, poll)
    closed_at = moment(at)
    head = recount.close_head(last.head, last.number + 1, closed_at, took_part, ballots, result)
    payload = {"closed_at": closed_at, "ballots": ballots.hex()}
    await chain.append(session, poll, LinkKind.CLOSE, len(took_part), payload, head)


async def _counted(session: AsyncSession, poll: Poll) -> tuple[list[str], bytes]:
    """The codes of who took part, and the digest of all ballots."""
    if poll.secrecy is Secrecy.RECORDED:
        cast = [(code, choice) for code, choice in await session.execute(ballots_of(poll))]
        return [code for code, _ in cast], recount.recorded_digest(cast)
    codes = (
        select(Entry.code)
        .join(Participation, Participation.entry_id == Entry.id)
        .where(
            Entry.community_id == poll.community_id,
            Entry.poll_id == poll.id,
            Participation.community_id == poll.community_id,
            Participation.poll_id == poll.id,
        )
    )
    leaves = select(SealedBallot.leaf).where(
        SealedBallot.community_id == poll.community_id, SealedBallot.poll_id == poll.id
    )
    took_part = list(await session.scalars(codes))
    return took_part, recount.leaves_digest(await session.scalars(leaves))
