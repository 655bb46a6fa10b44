"""Every minute: noticing which clocks have little time left, and which ran out."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import record
from app.core.jobs import periodic
from app.people.access import system
from app.service_requests import clocks
from app.service_requests.events import ClockWarned
from app.service_requests.models import Clock

_AT_ONCE = 200
_RUNS = (Clock.stopped_at.is_(None), Clock.paused_at.is_(None), Clock.breached_at.is_(None))


@periodic("service_requests.watch_clocks", cron="*/1 * * * *")
async def watch_clocks(sessions: Sessions) -> None:
    """Look at every clock that runs."""
    await note_all(sessions)


async def note_all(sessions: Sessions) -> None:
    """Note every clock that ran out, then every other that has little time left, each once."""
    for note_some in (_breach_some, _warn_some):
        noted = _AT_ONCE
        while noted == _AT_ONCE:
            async with sessions.begin() as session:
                noted = await note_some(session)


async def _breach_some(session: AsyncSession) -> int:
    late = await _some(session, Clock.due_at, Clock.due_at < now())
    for clock in late:
        await clocks.breach(session, clock)
    return len(late)


async def _warn_some(session: AsyncSession) -> int:
    short = await _some(session, Clock.warn_at, Clock.warn_at <= now(), Clock.warned_at.is_(None))
    for clock in short:
        clock.warned_at = now()
        event = ClockWarned(request_id=clock.request_id, clock=clock.kind, round=clock.round)
        await record(session, event, by=system(clock.community_id))
    return len(short)


async def _some(
    session: AsyncSession, by: InstrumentedAttribute[object], *which: ColumnElement[bool]
) -> Sequence[Clock]:
    """The first of these clocks, ours alone; those that others hold are left to them."""
    rows = select(Clock).where(*_RUNS, *which).order_by(by).limit(_AT_ONCE)
    return (await session.scalars(rows.with_for_update(skip_locked=True))).all()
