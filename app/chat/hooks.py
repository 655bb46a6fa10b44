"""The door chat platforms knock at: `/hooks/{bot}`.

What is ordinary talk is kept by statements shared by all that arrive together, and answered with
nothing. What is meant for the bot, or said in a group that is overseen, is a transaction of its
own. Either way it is kept before the call is answered, and a message that comes again gets the
same answer without a second effect. What cannot be answered in the platform's time is kept, and
answered later by a message of our own.
"""

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Receive, Scope, Send

from app.chat.doors import Doors
from app.chat.groups import pace
from app.chat.groups.answering import answer
from app.chat.groups.bots import Door, door_of
from app.chat.groups.hearing import arrival_of, choose
from app.chat.groups.jobs import LATER, promise
from app.core import problems
from app.core.batch import Batch
from app.core.clock import now
from app.core.database import Sessions, sessions_of
from app.core.i18n import _
from app.core.log import log
from app.core.metrics import counter
from app.core.problems import Problem, Unavailable
from app.core.web import body_of
from app.groups.ingest import Arrival, Kept, keep
from app.groups.models import GroupMessage
from app.groups.platforms import LARGEST_BODY, Answer, Call, Heard, Opened, SayInstead
from app.groups.problems import NotFromPlatform

AT_ONCE = 8
"""Messages that are in a transaction of their own at a time; the others wait for their turn."""
SHARE = 0.6
"""How much of the platform's patience an answer may take; the rest is for keeping the message."""

_LEAVING = 5.0
"""Seconds that the process waits for the last messages when it is told to stop."""
_PREFIX = "/hooks/"
_METHODS = frozenset({"GET", "POST"})
_ROUTE = SimpleNamespace(path="/hooks/{bot}")

_received = counter("group_messages", "Messages from chat groups taken, by how", "way")


@dataclass(frozen=True)
class Desk:
    """What hearing needs of the process it happens in."""

    sessions: Sessions
    doors: Doors[Door]
    keep: Batch[Arrival, Kept]
    turns: asyncio.Semaphore
    going: set["asyncio.Future[Kept]"] = field(default_factory=set)
    """What is being kept though nobody waits for it any more."""

    async def close(self) -> None:
        """Give back what it holds of the database, when nothing is being kept any more."""
        if self.going:
            await asyncio.wait(self.going, timeout=_LEAVING)
        await self.keep.close()


def desk_of(engine: AsyncEngine) -> Desk:
    """The desk of a process that works on this database."""
    sessions = sessions_of(engine)
    return Desk(sessions, Doors(sessions, door_of), Batch(engine, keep), asyncio.Semaphore(AT_ONCE))


async def _hear(desk: Desk, door: Door, opened: Opened, heard: Heard) -> str:
    """Keep a message, and say what it is answered; empty for nothing."""
    arrival = arrival_of(door, heard)
    if choose(arrival.kind, arrival.text, asked=arrival.asked) is None:
        kept = await _kept(desk, arrival)
        if kept.id is not None or not kept.overseen:
            _received.labels("again" if kept.id and not kept.fresh else "kept").inc()
            return kept.reply or ""
    alone = replace(arrival, alone=True)
    try:
        async with asyncio.timeout(door.platform.limits.patience * SHARE), desk.turns:
            return await _write(desk, door, opened, alone)
    except TimeoutError:
        kept = await _kept(desk, replace(alone, later=LATER))
        _received.labels("late").inc()
        return kept.reply or ""


async def _kept(desk: Desk, arrival: Arrival) -> Kept:
    """Keep a message by the shared statement, even if whoever waits for it has to give up.

    Not every platform sends again what was answered with an error.
    """
    try:
        return await desk.keep(arrival)
    except asyncio.CancelledError:
        keeping = asyncio.ensure_future(desk.keep(arrival))
        desk.going.add(keeping)
        keeping.add_done_callback(lambda done: _kept_after_all(desk, done))
        raise


def _kept_after_all(desk: Desk, keeping: "asyncio.Future[Kept]") -> None:
    desk.going.discard(keeping)
    if not keeping.cancelled() and keeping.exception():
        log.error("message_lost", error=type(keeping.exception()).__name__)


async def _write(desk: Desk, door: Door, opened: Opened, arrival: Arrival) -> str:
    """Keep and answer a message in a transaction of its own.

    Another delivery of the same message waits at its row until this one is through.
    """
    async with desk.sessions.begin() as session:
        (kept,) = await keep(await session.connection(), [arrival])
        if kept.id is None:
            _received.labels("stranger").inc()
            text = _stranger(arrival) if arrival.asked else ""
            return await pace.fitting(session, text, group=f"{door.bot_id} {arrival.group}")
        if not kept.fresh:
            _received.labels("again").inc()
            return kept.reply or ""
        message = await session.get_one(GroupMessage, (arrival.community_id, kept.id))
        text = await answer(session, message, asked=arrival.asked, reply_to=arrival.reply_to)
        if text and message.group_id and not _carries(door, opened, text):
            await promise(
                session, message.community_id, message.group_id, text, dedupe=str(message.id)
            )
    _received.labels("answered").inc()
    return text


def _stranger(arrival: Arrival) -> str:
    """What to say in a group that is not the community's, where nothing is kept."""
    said = _("这个群还没有在社区登记，我在这里什么都不记。请联系社区工作人员，群号是 {group}。")
    return said.format(group=arrival.group)


def _carries(door: Door, opened: Opened, text: str) -> bool:
    """Whether the platform takes words in the answer to its call."""
    try:
        door.platform.answer(door.keys, opened, text)
    except SayInstead:
        return False
    return True


def _answer(door: Door, opened: Opened, text: str) -> Answer:
    if opened.answer is not None:
        return opened.answer
    words = text if text and _carries(door, opened, text) else None
    return door.platform.answer(door.keys, opened, words)


async def _opened(desk: Desk, slug: str, request: Request) -> tuple[Door, Opened]:
    """The bot and what was said to it."""
    call = Call(
        method=request.method,
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await body_of(request, LARGEST_BODY),
        at=now(),
    )
    return await desk.doors.open(
        slug, lambda door: door.platform.open(door.keys, call), NotFromPlatform
    )


async def _heard(desk: Desk, door: Door, opened: Opened) -> str:
    """All of a call in the platform's time; `Unavailable` past it, so that it may come again."""
    others = [each for each in opened.heard if each.sender_id != door.self_id]
    try:
        async with asyncio.timeout(door.platform.limits.patience):
            if len(others) == 1:
                return await _hear(desk, door, opened, others[0])
            texts = await asyncio.gather(*(_hear(desk, door, opened, each) for each in others))
    except TimeoutError:
        raise Unavailable from None
    return "\n\n".join(text for text in texts if text)


async def answered(desk: Desk, request: Request, slug: str) -> Response:
    """A call: verified, kept, then answered."""
    try:
        door, opened = await _opened(desk, slug, request)
        answer = _answer(door, opened, await _heard(desk, door, opened))
        return Response(answer.body, answer.status, media_type=answer.media_type)
    except Problem as problem:
        return problems.answer(problem)
    except Exception as error:  # noqa: BLE001 - every error leaves as a problem
        return await problems.render(request, error)


class Entrance:
    """Takes what comes to the hooks before the application looks for a route."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hook; pass on everything else."""
        ours = scope["type"] == "http" and scope["path"].startswith(_PREFIX)
        if not ours or scope["method"] not in _METHODS:
            await self._app(scope, receive, send)
            return
        scope["route"] = _ROUTE
        slug = scope["path"][len(_PREFIX) :]
        response = await answered(self._desk, Request(scope, receive), slug)
        await response(scope, receive, send)
