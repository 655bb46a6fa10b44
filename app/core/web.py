"""The edge: one request is one transaction, and one effect however often it is sent.

FastAPI runs the second half of a `yield` dependency after the answer has gone, so a commit there
could fail behind a 200. `Route` commits first and answers then.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import override

from app.core import problems
from app.core.auth import bearer
from app.core.clock import now
from app.core.crypto import Encrypted
from app.core.database import Sessions, Table
from app.core.i18n import preferred, speaking
from app.core.jobs import KEPT, periodic
from app.core.problems import BadRequest, Problem, TooLarge, Unauthenticated

Handler = Callable[[Request], Awaitable[Response]]

_KEPT_HEADERS = ("content-type", "location", "etag")
_LONGEST_KEY = 255
_SERVER_ERROR = 500


class KeyReused(Problem, status=422):
    """This Idempotency-Key was already used for a different request."""


class KeyInFlight(Problem, status=409):
    """A request with this Idempotency-Key is still being worked on."""


class Answer(Table):
    """What was answered the first time a caller sent a request under a key."""

    __tablename__ = "answers"

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    caller_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[str] = mapped_column(Encrypted("answers.body"))
    """It may hold a key that was shown once, or a number that was revealed."""
    at: Mapped[datetime] = mapped_column(default=now, index=True)


async def _fingerprint(request: Request) -> bytes:
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return sha256(asked + await request.body()).digest()


def _number(text: str) -> int:
    """64 bits of a text, as PostgreSQL numbers its advisory locks."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], signed=True)


async def claim(session: AsyncSession, text: str) -> bool:
    """Take hold of a name until this transaction ends; False when someone else has it."""
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(_number(text)))))


async def _first_time(session: AsyncSession, request: Request, handle: Handler) -> Response:
    """Run the endpoint in a savepoint, so that a refusal can be kept without its effects."""
    try:
        async with session.begin_nested():
            await session.connection()
            return await handle(request)
    except Exception as error:
        if problems.of(error).status >= _SERVER_ERROR or isinstance(error, Unauthenticated):
            raise
        return problems.answer(error)


async def _once(session: AsyncSession, key: str, request: Request, handle: Handler) -> Response:
    """Answer a caller's key once, and repeat that answer whenever it comes again."""
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise BadRequest
    caller = await bearer(session, request)
    if not await claim(session, f"answer:{caller.community_id}:{caller.holder_id}:{key}"):
        raise KeyInFlight
    fingerprint = await _fingerprint(request)
    given = await session.get(Answer, (caller.community_id, caller.holder_id, key))
    if given and given.fingerprint != fingerprint:
        raise KeyReused
    if given:
        replayed = {**given.headers, "Idempotency-Replayed": "true"}
        return Response(given.body.encode(), given.status, headers=replayed)
    response = await _first_time(session, request, handle)
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    session.add(
        Answer(
            community_id=caller.community_id,
            caller_id=caller.holder_id,
            key=key,
            fingerprint=fingerprint,
            status=response.status_code,
            headers=kept,
            body=bytes(response.body).decode(),
        )
    )
    return response


def _key(request: Request) -> str | None:
    """The key under which this request is to act once; without a caller it would be nobody's."""
    if request.method != "POST" or "Authorization" not in request.headers:
        return None
    return request.headers.get("Idempotency-Key")


class Route(APIRoute):
    """Opens the transaction, runs the endpoint, commits, and only then answers."""

    @override
    def get_route_handler(self) -> Handler:  # type: ignore[override]
        handle = super().get_route_handler()

        async def transacted(request: Request) -> Response:
            sessions: Sessions = request.app.state.sessions
            key = _key(request)
            with speaking(preferred(request.headers.get("Accept-Language", ""))):
                try:
                    async with sessions.begin() as session:
                        request.state.session = session
                        if key is None:
                            return await handle(request)
                        return await _once(session, key, request, handle)
                except Exception as error:  # noqa: BLE001 - every error leaves as a problem
                    return await problems.render(request, error)

        return transacted


@periodic("core.forget_answers", cron="41 3 * * *")
async def forget_answers(sessions: Sessions) -> None:
    """Let keys be new again after some days."""
    async with sessions.begin() as session:
        await session.execute(delete(Answer).where(Answer.at < now() - KEPT))


async def current(request: Request) -> AsyncSession:
    """The session of the transaction this request is."""
    session: AsyncSession = request.state.session
    return session


Session = Annotated[AsyncSession, Depends(current)]


async def body_of(request: Request, at_most: int, too_large: type[Problem] = TooLarge) -> bytes:
    """The body; `too_large` where it says it is, or turns out to be, more than so many bytes."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > at_most:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > at_most:
            raise too_large
    return bytes(body)


def etag(version: int) -> str:
    """The `ETag` of a row's version."""
    return json.dumps(str(version))


def matches(request: Request, version: int) -> None:
    """Refuse with 412 when the caller has read another version than this one."""
    wanted = request.headers.get("If-Match")
    if wanted and wanted.strip() not in ("*", etag(version)):
        raise problems.Changed
