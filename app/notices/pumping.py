"""Sending what waits in a lane: one pump at a time takes it out, sends it, and notes what came.

A pump works for some seconds and then hands on to another, so that a worker that is told to stop
has it done in time. Whatever goes wrong with one message is noted with that message.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import literal_column, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.jobs import ATTEMPTS
from app.core.lanes import Unsettled, pump, wake, wake_at
from app.core.log import log
from app.core.metrics import counter
from app.notices import claims, content, pace
from app.notices.channels import (
    Content,
    Distinguishes,
    Failed,
    Limits,
    Prepares,
    Refused,
    Sender,
    channels,
)
from app.notices.claims import Claimed, Outcome
from app.notices.models import Delivery, State
from app.notices.pace import Pace

SLICE = 5.0
"""Seconds after which a pump begins nothing new: with one call of ten it is over in fifteen."""
MOST = 400
"""How many are taken at once where a second attempt does no harm."""
_NAP = 0.02
_PATIENCE = (0.2, 1.0, 2.0, 0)
_LINGER = 0.5
"""Seconds for which a pump stays for what is about to come, or may go soon."""

_outcomes = counter("deliveries", "What came of attempts to deliver", "channel", "outcome")


class _Shut:
    """What stands for a lane that cannot be opened: each message fails as the lane did."""

    limits = Limits(width=1)
    dedupes = True

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def send(self, _delivery: Delivery, _content: Content) -> str | None:
        raise self._error


@dataclass(slots=True)
class _Way:
    """An open lane, and what a pump keeps while it works on it."""

    lane: str
    channel: str
    community_id: UUID
    sender: Sender
    pace: Pace
    most: int
    width: int
    ends: float
    contents: dict[UUID, Content] = field(default_factory=dict)
    taken: list[Claimed] = field(default_factory=list)
    """What is ours to send next."""
    ready: Sender | None = None
    """The sender that has read what it needs for these; another when it could not."""
    sending: deque[Claimed] = field(default_factory=deque)
    """What has not begun of the batch that is being sent."""
    done: list[Outcome] = field(default_factory=list)
    """What is yet to be noted."""
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by a message that would arrive each time it is sent, until its outcome is noted."""
    stopped: Failed | None = None

    @property
    def over(self) -> bool:
        """Whether nothing new is begun any more."""
        return self.stopped is not None or time.monotonic() >= self.ends


async def _first(sessions: Sessions, lane: str) -> tuple[str, UUID] | None:
    """The channel and the community of what waits in a lane; the lane gets its row."""
    pending = Delivery.state == literal_column("'pending'")
    columns = select(Delivery.channel, Delivery.community_id)
    async with sessions.begin() as session:
        rows = await session.execute(columns.where(Delivery.lane == lane, pending).limit(1))
        if (row := rows.one_or_none()) is None:
            return None
        await pace.ensure(session, lane, row.community_id)
        return row.channel, row.community_id


@asynccontextmanager
async def _sender(sessions: Sessions, name: str, lane: str) -> AsyncIterator[tuple[Sender, bool]]:
    """The lane as its channel opens it, and whether what is sent twice arrives once."""
    channel = channels.get(name)
    if channel is None:
        yield _Shut(Refused("no_such_channel")), True
        return
    async with AsyncExitStack() as stack:
        try:
            sender = await stack.enter_async_context(channel.lane(sessions, lane))
        except Exception as error:  # noqa: BLE001 - it is noted with each message
            sender = _Shut(error)
        yield sender, bool(getattr(sender, "dedupes", channel.dedupes))


@asynccontextmanager
async def _opened(
    sessions: Sessions, lane: str, first: tuple[str, UUID], ends: float
) -> AsyncIterator[_Way]:
    name, community_id = first
    async with _sender(sessions, name, lane) as (sender, dedupes):
        channel = channels.get(name)
        limits: Limits = getattr(sender, "limits", None) or (channel or _Shut).limits
        rate = pace.of(limits)
        most = max(1, min(MOST, int(0.1 / rate.gap))) if rate.gap else MOST
        yield _Way(
            lane=lane,
            channel=name,
            community_id=community_id,
            sender=sender,
            pace=rate,
            most=most if dedupes else 1,
            width=limits.width if dedupes else 1,
            ends=ends,
        )


async def _turn(sessions: Sessions, way: _Way) -> None:
    """Note what has come of attempts, and take what is sent next, in one transaction.

    A database that goes away for a moment is asked again: to forget what was sent is to repeat it.
    """
    for patience in _PATIENCE:
        try:
            await _noted_and_taken(sessions, way)
        except DBAPIError:
            if not patience:
                raise
            await asyncio.sleep(patience)
        else:
            return


async def _noted_and_taken(sessions: Sessions, way: _Way) -> None:
    done = list(way.done)
    async with sessions.begin() as session:
        await claims.settle(session, done)
        if way.stopped is not None:
            code, wait = way.stopped.code, way.stopped.wait
            await pace.stop(session, way.lane, wait=wait, code=code)
        taken = []
        if not way.over:
            taken = await claims.claim(session, way.lane, most=way.most, at=way.pace)
        named = {each.delivery.notice_id for each in taken}
        fresh = [id_ for id_ in named if id_ is not None and id_ not in way.contents]
        if fresh:
            way.contents |= await content.of_notices(session, way.community_id, fresh)
    if taken:
        way.ready = await _ready(way, taken)
    way.taken = taken
    del way.done[: len(done)]
    _count(way, done)


def _said(way: _Way, delivery: Delivery) -> Content:
    if delivery.notice_id is None or delivery.title is not None:
        return content.own(delivery)
    return content.addressed(way.contents[delivery.notice_id], delivery)


async def _made(way: _Way, sender: Sender, each: Claimed) -> Outcome:
    """One attempt; whatever becomes of it is its outcome."""
    delivery = each.delivery
    if delivery.attempts > ATTEMPTS:
        return Outcome(claimed=each, state=State.DEAD, answer="worker_died", word="dead")
    try:
        receipt = await sender.send(delivery, _said(way, delivery))
    except Refused as refused:
        return Outcome(claimed=each, state=State.REFUSED, answer=refused.code, word="refused")
    except Failed as failure:
        if failure.lane:
            way.stopped = failure
            return claims.left(each, failure.code)
        return claims.failed(each, failure.code, wait=failure.wait)
    except Exception as error:  # noqa: BLE001 - what breaks is this message's failure, not ours
        log.exception("delivery_broke", channel=way.channel, delivery_id=delivery.id)
        return claims.failed(each, type(error).__name__)
    return Outcome(claimed=each, state=State.SENT, answer="sent", receipt=receipt, word="sent")


async def _ready(way: _Way, taken: Sequence[Claimed]) -> Sender:
    """The sender, when it has read what it needs for these."""
    try:
        if isinstance(way.sender, Prepares):
            await way.sender.prepare([each.delivery for each in taken])
    except Exception as error:  # noqa: BLE001 - it is noted with each message
        return _Shut(error)
    return way.sender


async def _send(sessions: Sessions, way: _Way) -> None:
    """Send the batch, as many at once as the channel bears."""
    sender = way.ready or way.sender
    some_arrive_twice = isinstance(sender, Distinguishes) and sender.arrives_once

    async def one_after_another() -> None:
        while way.sending and not way.over:
            each = way.sending.popleft()
            if some_arrive_twice and not some_arrive_twice(each.delivery):
                await _send_alone(sessions, way, sender, each)
            else:
                way.done.append(await _made(way, sender, each))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(way.width, len(way.sending))):
            group.create_task(one_after_another())
    _give_back(way)


def _give_back(way: _Way) -> None:
    """Let go of what has not begun."""
    way.done += map(claims.left, way.sending)
    way.sending.clear()


async def _send_alone(sessions: Sessions, way: _Way, sender: Sender, each: Claimed) -> None:
    """Send what must not be sent twice, and note its outcome before another such is sent."""
    try:
        await way.alone.acquire()
    except asyncio.CancelledError:
        way.sending.append(each)
        raise
    try:
        outcome = claims.left(each) if way.over else await _made(way, sender, each)
        await _note(sessions, way, [outcome])
    finally:
        way.alone.release()


async def _note(sessions: Sessions, way: _Way, done: Sequence[Outcome]) -> None:
    async with sessions.begin() as session:
        await claims.settle(session, done)
    _count(way, done)


def _count(way: _Way, done: Sequence[Outcome]) -> None:
    for word, times in Counter(each.word for each in done).items():
        _outcomes.labels(way.channel, word).inc(times)
        if word in ("refused", "stopped"):
            log.warning(f"deliveries_{word}", channel=way.channel, count=times)
    for each in done:
        if each.state is State.DEAD:
            delivery_id = each.claimed.delivery.id
            log.error("delivery_dead", channel=way.channel, delivery_id=delivery_id)


async def _work(sessions: Sessions, way: _Way) -> bool:
    """Send batch after batch until nothing is due or may go; whether anything was sent.

    Where a second attempt does no harm, the next batch is taken while one is being sent.
    """
    await _turn(sessions, way)
    worked = bool(way.taken)
    while way.taken or way.done:
        way.sending, way.taken = deque(way.taken), []
        if way.most > 1:
            async with asyncio.TaskGroup() as group:
                group.create_task(_send(sessions, way))
                group.create_task(_turn(sessions, way))
        else:
            await _send(sessions, way)
            await _turn(sessions, way)
    return worked


async def _worked(sessions: Sessions, way: _Way) -> bool:
    """The same; when the worker is told to go at once, what is known is noted still."""
    try:
        return await _work(sessions, way)
    except asyncio.CancelledError:
        way.sending.extend(way.taken)
        _give_back(way)
        await asyncio.shield(_note(sessions, way, list(way.done)))
        raise


async def _next(session: AsyncSession, lane: str, way: _Way | None) -> datetime | None:
    """When something of this lane is due and may go; None when nothing is pending."""
    due = await claims.next_due(session, lane)
    opens = await pace.opens(session, lane, way.pace if way else Pace())
    return due and max(due, opens)


async def _something_to_wait_for(sessions: Sessions, lane: str, way: _Way | None) -> bool:
    """Wait for what may go in a moment; False when nothing may."""
    async with sessions() as session:
        at = await _next(session, lane, way)
    if at is None or (wait := (at - now()).total_seconds()) > _LINGER:
        return False
    await asyncio.sleep(max(wait, 0))
    return True


async def _hand_on(sessions: Sessions, lane: str, way: _Way | None, *, unsettled: bool) -> None:
    """Promise another pump for what this one leaves, at its time."""
    async with sessions.begin() as session:
        at = await _next(session, lane, way)
        if unsettled:
            soon = now() + timedelta(seconds=1)
            at = min(at or soon, soon)
        if at is not None and at > now():
            await wake_at(session, deliver, lane, at)
        elif at is not None:
            await wake(session, deliver, [lane])


@pump("notices.pump")
async def deliver(sessions: Sessions, lane: str) -> None:
    """Send what is due in this lane, for some seconds at most."""
    writers = Unsettled("deliveries")
    async with sessions() as session:
        await writers.begin(session)
    ends, stays = time.monotonic() + SLICE, time.monotonic() + _LINGER
    way: _Way | None = None
    unsettled = True
    async with AsyncExitStack() as stack:
        while way is None or not way.over:
            async with sessions() as session:
                unsettled = await writers.remain(session)
            if way is None and (first := await _first(sessions, lane)):
                way = await stack.enter_async_context(_opened(sessions, lane, first, ends))
            if way is not None and (await _worked(sessions, way) or way.over):
                continue
            if await _something_to_wait_for(sessions, lane, way):
                continue
            if not unsettled or time.monotonic() >= stays:
                break
            await asyncio.sleep(_NAP)
    await _hand_on(sessions, lane, way, unsettled=unsettled)
