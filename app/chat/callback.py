"""The door WeChat knocks at: `/wechat/{account}`.

A message that only reads is answered from statements shared by all that arrive together; one that
writes is a transaction of its own. Either way it is kept before it is answered, and one that comes
again gets the first answer without a second effect. WeChat waits five seconds: what takes longer
is taken on and answered later, by a message of our own.
"""

import asyncio
from dataclasses import dataclass
from time import time
from types import SimpleNamespace

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from starlette.types import ASGIApp, Receive, Scope, Send

from app.chat import dispatch
from app.chat.accounts import Door, door_of
from app.chat.doors import Doors
from app.chat.inbox import Arrival, Kept, keep, kept_before, take
from app.chat.late import promise
from app.chat.queries import speakers_of
from app.chat.saying import said_in
from app.chat.talk import Said, Speaker
from app.core import problems
from app.core.batch import Batch, Reads
from app.core.clock import now
from app.core.database import Sessions, sessions_of
from app.core.i18n import speaking
from app.core.metrics import counter
from app.core.problems import Problem, Unavailable
from app.core.web import body_of
from app.notices import service as notices
from app.people import service as people
from app.wechat import edge
from app.wechat.edge import Delivered, Text
from app.wechat.edge.envelope import LARGEST_BODY
from app.wechat.models import Account
from app.wechat.problems import MessageTooLarge, NotFromWeChat

PATIENCE = 3.5
"""Seconds an answer may take; the rest of WeChat's five is for keeping what was not answered."""

_PREFIX = "/wechat/"
_DELIVERED = "templatesendjobfinish"
"""What became of a template message; it has no words, and yet changes something."""
_ROUTE = SimpleNamespace(path="/wechat/{account}")

router = APIRouter(tags=["wechat"])
_received = counter("wechat_messages", "Messages and events taken, by how", "way")


@dataclass(frozen=True)
class Desk:
    """What answering needs of the process it happens in."""

    sessions: Sessions
    doors: Doors[Door]
    reads: Reads
    keep: Batch[tuple[Arrival, str | None], Kept]

    async def close(self) -> None:
        """Give back what it holds of the database."""
        await self.reads.close()
        await self.keep.close()


def desk_of(engine: AsyncEngine) -> Desk:
    """The desk of a process that works on this database."""
    sessions = sessions_of(engine)
    return Desk(sessions, Doors(sessions, door_of), Reads(engine), Batch(engine, keep))


async def _read(
    desk: Desk, arrival: Arrival, speaker: Speaker, chosen: dispatch.Chosen, said: Said
) -> str:
    reply = await dispatch.answer_reading(desk.reads, speaker, chosen, said)
    kept = await desk.keep((arrival, reply.text or None))
    _received.labels("read").inc()
    return _counted(kept)


async def _write(desk: Desk, arrival: Arrival) -> str:
    """Answer in a transaction of its own; empty while another one is at it."""
    message = arrival.message
    async with desk.sessions.begin() as session:
        ours, _, earlier = await take(session, arrival)
        if not ours:
            return earlier or ""
        speaker = await _speaker(session, arrival)
        if message.event == _DELIVERED and message.msg_id:
            await notices.acknowledge(
                session,
                community_id=arrival.community_id,
                receipt=message.msg_id,
                outcome=message.fields.get("Status", ""),
            )
        with speaking(speaker.locale):
            reply = await dispatch.answer(session, speaker, said_in(message))
        (kept,) = await keep(await session.connection(), [(arrival, reply.text or None)])
        _counted(kept)
    _received.labels("write").inc()
    return reply.text


def _counted(kept: Kept) -> str:
    """The answer that counts; a signature that served for another body before is nobody's."""
    if not kept.ours:
        raise NotFromWeChat
    return kept.reply or ""


async def _speaker(session: AsyncSession, arrival: Arrival) -> Speaker:
    """Who speaks; somebody we have not met before is made known."""
    (speaker,) = await speakers_of(await session.connection(), [arrival.sender])
    if speaker is None:
        account = await session.get_one(Account, (arrival.community_id, arrival.account_id))
        await people.follow(session, account=account, openid=arrival.message.from_user)
        (speaker,) = await speakers_of(await session.connection(), [arrival.sender])
    if speaker is None:
        raise Unavailable
    return speaker


async def _postpone(desk: Desk, arrival: Arrival) -> str:
    """Keep a message that could not be answered in time, and promise to answer it."""
    async with desk.sessions.begin() as session:
        ours, _, earlier = await take(session, arrival)
        if not ours:
            return earlier or ""
        _counted(*await keep(await session.connection(), [(arrival, None)]))
        await promise(session, arrival)
    _received.labels("late").inc()
    return ""


async def answer(desk: Desk, arrival: Arrival) -> str:
    """The answer to a message, given once and repeated after that; empty for none."""
    try:
        async with asyncio.timeout(PATIENCE):
            if arrival.message.kind == "unknown":
                return _counted(await desk.keep((arrival, None)))
            speaker = await desk.reads.ask(speakers_of, arrival.sender)
            said = said_in(arrival.message)
            if speaker is not None and arrival.message.event != _DELIVERED:
                with speaking(speaker.locale):
                    chosen = dispatch.choose(speaker, said)
                    if chosen.reads:
                        return await _read(desk, arrival, speaker, chosen, said)
            if before := await desk.reads.ask(kept_before, arrival):
                return _counted(before)
            return await _write(desk, arrival)
    except TimeoutError:
        return await _postpone(desk, arrival)


async def _opened(desk: Desk, slug: str, request: Request) -> tuple[Door, Delivered]:
    """The account and what was in the envelope."""
    body = await body_of(request, LARGEST_BODY, MessageTooLarge)
    query = _query(request)
    return await desk.doors.open(
        slug, lambda door: edge.open_envelope(door.keys, query, body, now()), NotFromWeChat
    )


def _query(request: Request) -> dict[str, str]:
    """The parameters of the address; WeChat's are plain words, which need no decoding."""
    text: bytes = request.scope["query_string"]
    if b"%" in text or b"+" in text:
        return dict(request.query_params)
    pairs = (pair.partition("=") for pair in text.decode("ascii", "replace").split("&"))
    return {name: value for name, _, value in pairs}


def _signature(request: Request) -> bytes:
    """The signature of a delivery in plain mode, which was found to be good."""
    return bytes.fromhex(request.query_params["signature"])


@router.get("/wechat/{account}", response_class=PlainTextResponse)
async def handshake(account: str, request: Request) -> Response:
    """WeChat asks whether this address is ours."""
    desk: Desk = request.app.state.desk
    try:
        door = await desk.doors.find(account)
        return PlainTextResponse(edge.handshake(door.keys, request.query_params))
    except Exception as error:  # noqa: BLE001 - every error leaves as a problem
        return await problems.render(request, error)


async def answered(desk: Desk, request: Request, slug: str) -> Response:
    """A message or an event: kept, then answered."""
    try:
        door, delivered = await _opened(desk, slug, request)
        arrival = Arrival(
            door.community_id,
            door.account_id,
            delivered.message,
            delivered.message.key,
            _signature(request) if delivered.cipher is None else None,
        )
        reply = await answer(desk, arrival)
        body, media_type = edge.render(
            Text(reply) if reply else None, delivered, timestamp=int(time())
        )
        return Response(body, media_type=media_type)
    except Problem as problem:
        return problems.answer(problem)
    except Exception as error:  # noqa: BLE001 - every error leaves as a problem
        return await problems.render(request, error)


class Entrance:
    """Takes what is posted to the callback before the application looks for a route.

    It is the busiest address of the house, and finding a route costs as much as an answer.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a callback; pass on everything else."""
        posted = scope["type"] == "http" and scope["method"] == "POST"
        if not posted or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        scope["route"] = _ROUTE
        slug = scope["path"][len(_PREFIX) :]
        response = await answered(self._desk, Request(scope, receive), slug)
        await response(scope, receive, send)
