"""The three clocks of a request: started, answered, paused, extended, stopped, started anew.

Every verb here belongs to whoever holds the lock of the request. A clock that is found to have run
out is noted as breached first, once, by whoever comes first: a verb, or the job of every minute.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.calendar import END, Calendar
from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.people.access import system
from app.service_requests import policies
from app.service_requests.events import ClockBreached
from app.service_requests.limits import Limit, Unit
from app.service_requests.models import (
    UNDONE,
    Category,
    CategoryVersion,
    Clock,
    ClockKind,
    ServiceRequest,
)

_LENGTHS = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WORKING_HOURS: timedelta(hours=1),
}
OUTCOMES = {
    ClockKind.FIRST_ANSWER: ServiceRequest.answered_in_time,
    ClockKind.RESOLUTION: ServiceRequest.done_in_time,
}
"""What a request says about its clocks when they have stopped, or run out."""
_AT_WORK = frozenset({Unit.WORKING_HOURS, Unit.WORKING_DAYS})
_NONE = timedelta()


def after(calendar: Calendar, start: datetime, limit: Limit) -> datetime:
    """When a limit that begins at this moment ends.

    Minutes, hours and days pass without a break, a day in 24 hours; working hours pass in office
    hours alone. Of working days the first is the one after that on which it begins, and with the
    office hours of the last it ends (民法典 §§201, 203).
    """
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.end_of_day(start, limit.amount)
    return _later(calendar, start, limit.amount * _LENGTHS[limit.unit], limit.unit)


def _later(calendar: Calendar, start: datetime, time: timedelta, unit: Unit) -> datetime:
    """When so much time has passed, of the kind that the unit counts."""
    if unit in _AT_WORK:
        return calendar.add(start, time)
    return start + time if time < END - start else END


def _time(calendar: Calendar, start: datetime, end: datetime, unit: Unit) -> timedelta:
    """The time from one moment to a later one, of the kind that the unit counts; else none."""
    if unit in _AT_WORK:
        return calendar.between(start, end)
    return max(end - start, _NONE)


def _warning(calendar: Calendar, start: datetime, clock: Clock, percent: int) -> datetime:
    """When so much of the time that a clock has from here is gone."""
    unit = clock.limit.unit
    whole = _time(calendar, start, clock.due_at, unit)
    return _later(calendar, start, whole * percent / 100, unit)


async def running(session: AsyncSession, request: ServiceRequest) -> dict[ClockKind, Clock]:
    """The clocks of the request that have not stopped, by kind, nobody else's to change."""
    rows = (
        select(Clock)
        .where(
            Clock.community_id == request.community_id,
            Clock.request_id == request.id,
            Clock.stopped_at.is_(None),
        )
        .order_by(Clock.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {clock.kind: clock for clock in await session.scalars(rows)}


async def _looked_at(session: AsyncSession, request: ServiceRequest) -> dict[ClockKind, Clock]:
    """The clocks that have not stopped, those that ran out by now noted as breached."""
    clocks = await running(session, request)
    for clock in clocks.values():
        if not clock.paused_at and not clock.breached_at and clock.due_at < now():
            await breach(session, clock)
    return clocks


async def breach(session: AsyncSession, clock: Clock) -> None:
    """Note that a clock ran out before it was stopped."""
    clock.breached_at = clock.due_at
    event = ClockBreached(request_id=clock.request_id, clock=clock.kind, round=clock.round)
    await record(session, event, by=system(clock.community_id))


async def start(session: AsyncSession, request: ServiceRequest, category: Category) -> None:
    """Put a new request down with its clocks started, by the limits of the category."""
    calendar = await policies.calendar(session, request.community_id)
    request.due_at = after(calendar, request.filed_at, category.resolve_limit)
    session.add(request)
    await session.flush()
    for kind, limit in (
        (ClockKind.FIRST_ANSWER, category.answer_limit),
        (ClockKind.RESOLUTION, category.resolve_limit),
    ):
        ends = after(calendar, request.filed_at, limit)
        clock = _clock(request, kind, limit, start=request.filed_at, ends=ends)
        clock.warn_at = _warning(calendar, request.filed_at, clock, category.warn_percent)
        session.add(clock)
    await session.flush()


async def answered(session: AsyncSession, request: ServiceRequest) -> None:
    """A person told the reporter something: the first answer is met, the next update begins."""
    clocks = await _looked_at(session, request)
    for kind in (ClockKind.FIRST_ANSWER, ClockKind.NEXT_UPDATE):
        if clock := clocks.get(kind):
            clock.stopped_at = now()
            _keep_outcome(request, clock)
    if request.state in UNDONE:
        await _begin_update(session, request)


async def pause(session: AsyncSession, request: ServiceRequest) -> None:
    """Let no time count while the matter is suspended; what has run out stays so."""
    calendar = await policies.calendar(session, request.community_id)
    for clock in (await _looked_at(session, request)).values():
        if not clock.paused_at and not clock.breached_at:
            _hold(calendar, clock)


async def resume(session: AsyncSession, request: ServiceRequest) -> None:
    """Let time count again, with as much of it left as there was."""
    calendar = await policies.calendar(session, request.community_id)
    for clock in (await running(session, request)).values():
        if clock.paused_at:
            _go_on(calendar, clock)
            _keep_due(request, clock)


async def extend(session: AsyncSession, request: ServiceRequest, extra: Limit) -> None:
    """Give the work so much more time, counted from when it is due, and warn anew before that.

    What has run out already stays on record: then another round begins, and ends so much after now.
    Nothing is added where no resolution is owed any more.
    """
    calendar = await policies.calendar(session, request.community_id)
    clock = (await _looked_at(session, request)).get(ClockKind.RESOLUTION)
    if clock is None:
        return
    held = clock.paused_at is not None
    if held:
        _go_on(calendar, clock)
    start = now() if clock.breached_at else clock.due_at
    await _move(session, request, clock, after(calendar, start, extra))
    if held:
        _hold(calendar, clock)


async def due(session: AsyncSession, request: ServiceRequest, moment: datetime) -> None:
    """Let the work be due when somebody said, and not when the category's limit ends."""
    if clock := (await _looked_at(session, request)).get(ClockKind.RESOLUTION):
        await _move(session, request, clock, min(moment, END))


async def _move(
    session: AsyncSession, request: ServiceRequest, clock: Clock, ends: datetime
) -> None:
    if clock.breached_at:
        clock.stopped_at = now()
        await _begin(session, request, clock.kind, clock.limit, ends=ends)
        return
    calendar = await policies.calendar(session, request.community_id)
    clock.due_at = ends
    clock.warn_at = _warning(calendar, now(), clock, await _percent(session, request))
    clock.warned_at = None
    _keep_due(request, clock)


async def relimit(session: AsyncSession, request: ServiceRequest, category: Category) -> None:
    """Measure what runs by the limits of another category, from when it began to run.

    Time that was added, or during which it was suspended, stays added. What has run out stays on
    record: where the other limit leaves time, another round runs until it ends.
    """
    calendar = await policies.calendar(session, request.community_id)
    clocks = await _looked_at(session, request)
    limits = {
        ClockKind.FIRST_ANSWER: category.answer_limit,
        ClockKind.NEXT_UPDATE: category.update_limit,
        ClockKind.RESOLUTION: category.resolve_limit,
    }
    for kind, clock in clocks.items():
        if limit := limits[kind]:
            await _measure(session, request, clock, limit, _relimited(calendar, clock, limit))
        else:
            clock.stopped_at, clock.cancelled = now(), clock.breached_at is None
    if ClockKind.FIRST_ANSWER not in clocks and ClockKind.NEXT_UPDATE not in clocks:
        await _begin_update(session, request)


def _relimited(calendar: Calendar, clock: Clock, limit: Limit) -> datetime:
    """When a clock ends by another limit, with the time that was added to it."""
    unit = clock.limit.unit
    added = _time(calendar, after(calendar, clock.started_at, clock.limit), clock.due_at, unit)
    return _later(calendar, after(calendar, clock.started_at, limit), added, unit)


async def _measure(
    session: AsyncSession, request: ServiceRequest, clock: Clock, limit: Limit, ends: datetime
) -> None:
    if clock.breached_at:
        if ends > now():
            clock.stopped_at = now()
            await _begin(session, request, clock.kind, limit, ends=ends)
        return
    calendar = await policies.calendar(session, request.community_id)
    clock.limit, clock.due_at = limit, ends
    percent = await _percent(session, request)
    clock.warn_at = _warning(calendar, clock.started_at, clock, percent)
    clock.warned_at = clock.warned_at if clock.warn_at <= now() else None
    _keep_due(request, clock)


async def finish(session: AsyncSession, request: ServiceRequest, *, met: bool) -> None:
    """Stop all of them: the work is done (`met`), or nothing is owed any more."""
    for clock in (await _looked_at(session, request)).values():
        clock.stopped_at = now()
        clock.cancelled = not met and not clock.breached_at
        _keep_outcome(request, clock)


async def restart(session: AsyncSession, request: ServiceRequest) -> None:
    """Start the next round of resolution and update: the work begins again.

    It has the limits of the round before, whatever the category has become since.
    """
    before = await _last(session, request, ClockKind.RESOLUTION)
    request.done_in_time = None
    if before is not None:
        await _begin(session, request, ClockKind.RESOLUTION, before.limit)
    if ClockKind.NEXT_UPDATE not in await running(session, request):
        await _begin_update(session, request)


async def _begin_update(session: AsyncSession, request: ServiceRequest) -> None:
    """Start the next round of updates, if that was promised when the request was filed."""
    promised = select(CategoryVersion.form["update_limit"].astext).where(
        CategoryVersion.community_id == request.community_id,
        CategoryVersion.category_id == request.category_id,
        CategoryVersion.version == request.category_version,
    )
    if limit := await session.scalar(promised):
        await _begin(session, request, ClockKind.NEXT_UPDATE, Limit.of(limit))


async def _begin(
    session: AsyncSession,
    request: ServiceRequest,
    kind: ClockKind,
    limit: Limit,
    *,
    ends: datetime | None = None,
) -> None:
    """Start the next round of a clock now; while the matter is suspended it waits to run."""
    calendar = await policies.calendar(session, request.community_id)
    start = now()
    clock = _clock(request, kind, limit, start=start, ends=ends or after(calendar, start, limit))
    clock.warn_at = _warning(calendar, start, clock, await _percent(session, request))
    if before := await _last(session, request, kind):
        clock.round = before.round + 1
    if request.suspended_at:
        _hold(calendar, clock)
    _keep_due(request, clock)
    session.add(clock)
    await session.flush()


def _clock(
    request: ServiceRequest, kind: ClockKind, limit: Limit, *, start: datetime, ends: datetime
) -> Clock:
    return Clock(
        community_id=request.community_id,
        id=new_id(),
        request_id=request.id,
        kind=kind,
        limit=limit,
        started_at=start,
        due_at=ends,
    )


def _hold(calendar: Calendar, clock: Clock) -> None:
    clock.paused_at = now()
    clock.left = _time(calendar, clock.paused_at, clock.due_at, clock.limit.unit)
    clock.left_to_warn = _time(calendar, clock.paused_at, clock.warn_at, clock.limit.unit)


def _go_on(calendar: Calendar, clock: Clock) -> None:
    start, unit = now(), clock.limit.unit
    clock.due_at = _later(calendar, start, clock.left or _NONE, unit)
    clock.warn_at = _later(calendar, start, clock.left_to_warn or _NONE, unit)
    clock.paused_at = clock.left = clock.left_to_warn = None


def _keep_outcome(request: ServiceRequest, clock: Clock) -> None:
    """Keep with the request, for the figures, whether what has stopped was in time."""
    if column := OUTCOMES.get(clock.kind):
        setattr(request, column.key, None if clock.cancelled else clock.breached_at is None)


def _keep_due(request: ServiceRequest, clock: Clock) -> None:
    if clock.kind is ClockKind.RESOLUTION:
        request.due_at = clock.due_at


async def _last(session: AsyncSession, request: ServiceRequest, kind: ClockKind) -> Clock | None:
    """The newest round of a clock."""
    rounds = select(Clock).where(
        Clock.community_id == request.community_id,
        Clock.request_id == request.id,
        Clock.kind == kind,
    )
    return await session.scalar(rounds.order_by(Clock.round.desc()).limit(1))


async def _percent(session: AsyncSession, request: ServiceRequest) -> int:
    key = (request.community_id, request.category_id)
    return (await session.get_one(Category, key)).warn_percent
