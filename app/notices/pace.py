"""How fast a lane may go, kept in its row for all workers together."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, ScalarSelect, case, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA, now
from app.notices.channels import Limits
from app.notices.models import Lane

STOPPED = timedelta(minutes=1)
"""How long a lane stands still when the platform did not say for how long."""
_SLACK = 1.02
"""What the way there may add to one message's time and not to the next one's."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The seconds between two messages of a lane, and how many may go in a day."""

    gap: float = 0.0
    per_day: int | None = None


def _between(most: int, seconds: float) -> float:
    """The gap that lets so many into any stretch of this length, counting both of its ends."""
    return seconds * _SLACK / max(most - 1, 1)


def of(limits: Limits) -> Pace:
    """The pace that keeps all of these limits."""
    gaps = [0.0]
    if limits.per_second:
        gaps.append(_between(limits.per_second, 1.0))
    if limits.per_minute:
        gaps.append(_between(limits.per_minute, 60.0))
    return Pace(max(gaps), limits.per_day)


def _today() -> date:
    return now().astimezone(CHINA).date()


def _midnight() -> datetime:
    """When the platforms begin to count anew."""
    local = now().astimezone(CHINA)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


async def ensure(session: AsyncSession, lane: str, community_id: UUID) -> None:
    """See that the lane has its row."""
    clock = func.clock_timestamp()
    row = insert(Lane).values(lane=lane, community_id=community_id, next_at=clock, day_count=0)
    await session.execute(row.on_conflict_do_nothing())


def passed(lane: str, at: Pace, count: ScalarSelect[int]) -> CTE:
    """The lane's row, moved on by `count` messages, if that many may go now; else no row.

    The gap runs on the database's clock, which all workers share.
    """
    clock = func.clock_timestamp()
    ahead = func.make_interval(0, 0, 0, 0, 0, 0, at.gap * count)
    so_far: ColumnElement[int] = case((Lane.day == _today(), Lane.day_count), else_=0)
    open_ = [
        Lane.lane == lane,
        count > 0,
        Lane.next_at <= clock,
        or_(Lane.stopped_until.is_(None), Lane.stopped_until <= now()),
    ]
    if at.per_day is not None:
        open_.append(so_far < at.per_day)
    moved = {"next_at": clock + ahead, "day": literal(_today()), "day_count": so_far + count}
    return update(Lane).where(*open_).values(moved).returning(Lane.lane).cte("gate")


async def opens(session: AsyncSession, lane: str, at: Pace) -> datetime:
    """When the next message of a lane may go, as things stand; not before now."""
    seconds = func.extract("epoch", Lane.next_at - func.clock_timestamp())
    columns = seconds, Lane.stopped_until, Lane.day, Lane.day_count
    row = (await session.execute(select(*columns).where(Lane.lane == lane))).one_or_none()
    moment = now()
    if row is None:
        return moment
    waits, stopped_until, day, day_count = row
    moments = [moment, moment + timedelta(seconds=float(waits))]
    if stopped_until is not None:
        moments.append(stopped_until)
    if at.per_day is not None and day == _today() and day_count >= at.per_day:
        moments.append(_midnight())
    return max(moments)


async def stop(session: AsyncSession, lane: str, *, wait: timedelta | None, code: str) -> None:
    """Let nothing go for a while: the platform said so."""
    stopped = {"stopped_until": now() + (wait or STOPPED), "stopped_by": code}
    await session.execute(update(Lane).where(Lane.lane == lane).values(stopped))
