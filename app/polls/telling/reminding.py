"""Reminding who has not voted: once before the close, and by hand at most once a day."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, Select, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import record
from app.people.access import Actor, system
from app.polls import queries
from app.polls.events import RemindersSent
from app.polls.models import Poll, PollPolicy, PollState
from app.polls.permissions import RUN
from app.polls.problems import PollNotOpen, RemindedToday
from app.polls.telling import announcing

_DAY = timedelta(days=1)
_USUAL_HOURS = PollPolicy.__table__.c.remind_hours.default.arg


async def remind(session: AsyncSession, poll: Poll, *, by: Actor) -> int:
    """Remind everybody whose vote is not cast; returns how many people that is.

    The poll is held alone by the caller. Raises `PollNotOpen` and, when they were reminded less
    than a day ago, `RemindedToday`.
    """
    RUN.demand(by, at=poll.place.path)
    if poll.state is not PollState.OPEN or poll.closes_at is None or poll.closes_at <= now():
        raise PollNotOpen
    if poll.reminded_at and poll.reminded_at > now() - _DAY:
        raise RemindedToday
    return await _remind(session, poll, by=by)


async def _remind(session: AsyncSession, poll: Poll, *, by: Actor) -> int:
    poll.reminded_at = now()
    await session.flush()
    waiting = announcing.voters(poll, announcing.waiting(poll)).subquery()
    people = await session.scalar(select(func.count()).select_from(waiting)) or 0
    once = f"polls.reminder:{poll.id}:{poll.reminded_at:%Y%m%d%H%M%S}"
    await announcing.begin(session, poll, announcing.REMINDER, once=once)
    await record(session, RemindersSent(poll_id=poll.id, people=people), by=by)
    return people


def _due(at: datetime) -> Select[UUID, UUID]:
    """Open polls whose hour before the close has come, and who were not reminded since."""
    hours = func.coalesce(PollPolicy.remind_hours, _USUAL_HOURS)
    begins = Poll.closes_at - func.make_interval(0, 0, 0, 0, cast(hours, Integer))
    return (
        select(Poll.community_id, Poll.id)
        .outerjoin(PollPolicy, PollPolicy.community_id == Poll.community_id)
        .where(
            Poll.state == PollState.OPEN,
            hours > 0,
            Poll.closes_at > at,
            begins <= at,
            Poll.opened_at < begins,
            or_(Poll.reminded_at.is_(None), Poll.reminded_at < begins),
        )
        .order_by(Poll.closes_at)
    )


async def remind_all_due(sessions: Sessions) -> None:
    """Remind for every poll whose time has come, each once, in a transaction of its own."""
    async with sessions() as session:
        due = (await session.execute(_due(now()))).all()
    for community_id, poll_id in due:
        async with sessions.begin() as session:
            poll = await queries.alone(session, community_id, poll_id)
            mine = _due(now()).where(Poll.community_id == community_id, Poll.id == poll_id)
            if poll and (await session.execute(mine)).first():
                await _remind(session, poll, by=system(community_id))
