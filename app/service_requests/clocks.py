"""The three clocks of a request: started, answered, paused, extended, stopped, started anew."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.service_requests.limits import Limit, Unit
from app.service_requests.models import Category, Clock, ClockKind, ServiceRequest

_LENGTHS = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WORKING_HOURS: timedelta(hours=1),
    Unit.WORKING_DAYS: timedelta(days=1),
}


def after(start: datetime, limit: Limit) -> datetime:
    """When a limit that begins at this moment ends."""
    return start + limit.amount * _LENGTHS[limit.unit]


async def running(session: AsyncSession, request: ServiceRequest) -> dict[ClockKind, Clock]:
    """The clocks of the request that have not stopped, by kind."""
    rows = select(Clock).where(
        Clock.community_id == request.community_id,
        Clock.request_id == request.id,
        Clock.stopped_at.is_(None),
    )
    return {clock.kind: clock for clock in await session.scalars(rows)}


async def start(session: AsyncSession, request: ServiceRequest, category: Category) -> None:
    """Put a new request down with its clocks started, by the limits of the category."""
    request.due_at = after(request.filed_at, category.resolve_limit)
    session.add(request)
    await session.flush()
    for kind, limit in (
        (ClockKind.FIRST_ANSWER, category.answer_limit),
        (ClockKind.RESOLUTION, category.resolve_limit),
    ):
        due_at = after(request.filed_at, limit)
        session.add(
            Clock(
                community_id=request.community_id,
                id=new_id(),
                request_id=request.id,
                kind=kind,
                limit=limit,
                started_at=request.filed_at,
                warn_at=due_at,
                due_at=due_at,
            )
        )
    await session.flush()


async def answered(session: AsyncSession, request: ServiceRequest) -> None:
    """A person told the reporter something: the first answer is met, the next update begins."""
    clocks = await running(session, request)
    if clock := clocks.get(ClockKind.FIRST_ANSWER):
        clock.stopped_at = now()


async def pause(session: AsyncSession, request: ServiceRequest) -> None:
    """Let no time count while the matter is suspended."""


async def resume(session: AsyncSession, request: ServiceRequest) -> None:
    """Let time count again, with as much of it left as there was."""


async def extend(session: AsyncSession, request: ServiceRequest, extra: Limit) -> None:
    """Give the work so much more time."""


async def finish(session: AsyncSession, request: ServiceRequest, *, met: bool) -> None:
    """Stop all of them: the work is done (`met`), or nothing is owed any more."""
    for clock in (await running(session, request)).values():
        clock.stopped_at = now()
        clock.cancelled = not met


async def restart(session: AsyncSession, request: ServiceRequest) -> None:
    """Start the next round of resolution and update: the work begins again."""
