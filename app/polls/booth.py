"""The booth: `POST /api/v1/ballots`, where votes that arrive together share one statement.

A voting link is the voter's whole right, so nothing is looked up before the statement: the link
carries our signature, the form of an open poll does not change, and the roll, the state and the
time are the statement's own to ask. An answer is given after its commit.
"""

import asyncio
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import problems
from app.core.batch import Batch
from app.core.database import sessions_of
from app.core.i18n import preferred, speaking
from app.core.metrics import counter
from app.core.problems import TooLarge, Unavailable
from app.core.wire import In, Out
from app.polls.casting import (
    Cast,
    Outcome,
    Receipt,
    Vote,
    keep_at_once,
    keep_secret,
    problem_of,
    receipt_for,
    record_at_once,
    record_votes,
    selves,
)
from app.polls.counting import checked
from app.polls.links import VotingLink, opened
from app.polls.models import Channel, Secrecy
from app.polls.problems import LinkInvalid
from app.polls.standing import Standings

PATH = "/api/v1/ballots"
LARGEST_BODY = 1024 * 1024
"""Bytes: sixty questions, each answered and reasoned at the greatest length."""
AT_ONCE = 4
"""Votes that wait for whoever writes the row of their poll, each on a connection."""
PATIENCE = 8.0
"""Seconds that such a vote may take, with its wait for one of the connections."""

_LEAVING = 5.0
"""Seconds that the process waits for the last votes when it is told to stop."""
_ROUTE = SimpleNamespace(path=PATH)
_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}
_Turn: TypeAlias = tuple[UUID, UUID]

_taken = counter("ballots", "Votes that came to the booth, by what became of them", "outcome")


class BallotIn(In):
    """A vote."""

    choice: Annotated[dict[str, Any], Field(max_length=200)]
    """The answers, by the key of their question."""
    entry_id: UUID | None = None
    """Which vote of the roll it is, where the person may cast several."""
    nonce: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")] | None = None
    """Chance that the voter's own device made, 128 bits of it; of a secret ballot alone."""


class BallotOut(Out):
    """What became of a vote."""

    outcome: Outcome
    """`cast`, `changed` or `unchanged`."""
    entry: UUID
    """Which vote of the roll it was."""
    receipt: str | None
    """Of a secret ballot: the code by which it is found in the published list."""
    promise: str | None
    """Of a secret ballot: our Ed25519 signature, in base64, that the list will hold it."""
    leaf: str | None
    """Of a secret ballot: what the signature is under, and the receipt the beginning of."""


class Booth:
    """What taking votes needs of the process it happens in."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.sessions = sessions_of(engine)
        self._standings = Standings(self.sessions)
        self._batches = {
            Secrecy.RECORDED: Batch(engine, record_at_once),
            Secrecy.SECRET: Batch(engine, keep_at_once),
        }
        self._patient = asyncio.Semaphore(AT_ONCE)
        self._turns: dict[_Turn, asyncio.Future[None]] = {}

    async def close(self) -> None:
        """Give back what it holds of the database, when no vote is under way any more."""
        if self._turns:
            await asyncio.wait(list(self._turns.values()), timeout=_LEAVING)
        for batch in self._batches.values():
            await batch.close()

    async def take(self, link: VotingLink, given: BallotIn) -> Receipt:
        """Take a vote, and say what the voter is told; refused it is as `casting.cast` says."""
        standing = await self._standings.find(link.community_id, link.poll_id)
        vote = Vote(
            community_id=link.community_id,
            poll_id=link.poll_id,
            person_id=link.person_id,
            choice=checked(standing.form, given.choice),
            channel=Channel.REST,
            entry_id=given.entry_id,
            nonce=given.nonce,
        )
        done = await self._in_turn(standing.secrecy, vote)
        if done.outcome == "not_on_roll":
            vote, done = await self._as_before(standing.secrecy, vote, done)
        _taken.labels(done.outcome).inc()
        if receipt := receipt_for(vote.poll_id, done):
            return receipt
        async with self.sessions() as session:
            raise await problem_of(session, vote, done)

    async def _in_turn(self, secrecy: Secrecy, vote: Vote) -> Cast:
        """One vote of a person after another, so that a flood of them holds up nobody else's."""
        turn = vote.poll_id, vote.person_id or vote.poll_id
        while before := self._turns.get(turn):
            await asyncio.wait([before])
        mine = self._turns[turn] = asyncio.get_running_loop().create_future()
        try:
            done = await self._batches[secrecy](vote)
            return await self._patiently(secrecy, vote) if done.outcome == "closed" else done
        finally:
            del self._turns[turn]
            mine.set_result(None)

    async def _patiently(self, secrecy: Secrecy, vote: Vote) -> Cast:
        """Ask once more, and wait for whoever writes the row of the poll just now."""
        keep = record_votes if secrecy is Secrecy.RECORDED else keep_secret
        try:
            async with asyncio.timeout(PATIENCE), self._patient, self.sessions.begin() as session:
                (done,) = await keep(await session.connection(), [vote])
        except TimeoutError:
            raise Unavailable from None
        return done

    async def _as_before(self, secrecy: Secrecy, vote: Vote, done: Cast) -> tuple[Vote, Cast]:
        """Look for the voter under the other entries of the register that they had once."""
        if vote.person_id is None:
            return vote, done
        async with self.sessions() as session:
            others = await selves(session, vote.community_id, vote.person_id)
        for other in others:
            as_other = replace(vote, person_id=other)
            again = await self._in_turn(secrecy, as_other)
            if again.outcome != "not_on_roll":
                return as_other, again
        return vote, done


def link_of(authorization: str) -> VotingLink:
    """Whose vote in which poll this header speaks for; `LinkInvalid` where it is none of ours."""
    scheme, _, token = authorization.partition(" ")
    link = opened(token.strip()) if scheme.lower() == "bearer" else None
    if link is None:
        raise LinkInvalid
    return link


async def _body(length: bytes, receive: Receive) -> bytes:
    """The body, as long as it is no larger than any ballot can be."""
    if length.isdigit() and int(length[:20]) > LARGEST_BODY:
        raise TooLarge
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Unavailable
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise TooLarge
        more = message.get("more_body", False)
    return bytes(body)


def answered(receipt: Receipt) -> Response:
    """What the voter is told: 201 for a vote that was cast, 200 for one that was there before."""
    body = json.dumps(
        {
            "outcome": receipt.outcome,
            "entry": str(receipt.entry),
            "receipt": receipt.code,
            "promise": receipt.promise,
            "leaf": receipt.leaf,
        }
    )
    return Response(body, 201 if receipt.outcome == "cast" else 200, _HEADERS)


async def _vote(booth: Booth, headers: dict[bytes, bytes], receive: Receive) -> Response:
    link = link_of(headers.get(b"authorization", b"").decode("latin-1"))
    body = await _body(headers.get(b"content-length", b""), receive)
    return answered(await booth.take(link, BallotIn.model_validate_json(body)))


class Entrance:
    """Takes votes before the application looks for a route."""

    def __init__(self, app: ASGIApp, booth: Booth) -> None:
        self._app, self._booth = app, booth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a vote; pass on everything else."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["route"] = _ROUTE
        headers = dict(scope["headers"])
        try:
            answer = await _vote(self._booth, headers, receive)
        except Exception as error:  # noqa: BLE001 - every error leaves as a problem
            language = headers.get(b"accept-language", b"").decode("latin-1")
            with speaking(preferred(language)):
                answer = await problems.render(Request(scope, receive), error)
        await answer(scope, receive, send)
