"""Votes as they arrive, and what became of each."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias, cast
from uuid import UUID

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.clock import now
from app.core.ids import new_id
from app.polls.casting.statements import (
    KEEP_AT_ONCE,
    KEEP_SECRET,
    RECORD_AT_ONCE,
    RECORD_VOTES,
    SENT_BEFORE,
)
from app.polls.models import Channel, Secrecy
from app.polls.recount import leaf_of

Outcome: TypeAlias = Literal[
    "cast",
    "changed",
    "unchanged",
    "closed",
    "not_on_roll",
    "has_voted",
    "which",
    "nonce_taken",
]
"""`which`: the person may cast several, and did not say which; `nonce_taken`: another secret ballot
of this nonce says the same."""

_AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A vote at the door; the form was asked whether the choice fits."""

    community_id: UUID
    poll_id: UUID
    person_id: UUID | None
    """Who casts it, by the roll; nobody where it stands on paper, and then `entry_id` is given."""
    choice: str
    """Canonical JSON."""
    channel: Channel = Channel.REST
    entry_id: UUID | None = None
    """Which vote of the roll; None for the only one that the person has."""
    nonce: str | None = None
    """Of a secret ballot, made by the voter; without one it is made here."""
    actor_kind: str = "person"
    actor_id: UUID | None = None
    """Who is put down to have cast a recorded vote; the person where nobody is named."""

    def __post_init__(self) -> None:
        if self.person_id is None and self.entry_id is None:
            message = "a vote is somebody's, or one of the roll's"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Cast:
    """What became of a vote."""

    outcome: Outcome
    entry_id: UUID | None
    """The vote of the roll; None where none was found."""
    times: int
    """How often a recorded vote was cast by now."""
    leaf: bytes | None = None
    """Of a secret ballot that was taken."""


_Row: TypeAlias = tuple[str, UUID | None, int]
"""An outcome, the vote of the roll, and how often it was cast."""


async def _run(
    connection: AsyncConnection,
    statement: TextClause,
    rows: Sequence[dict[str, Any]],
    **more: str,
) -> list[_Row]:
    """The outcome of each row; votes of the same entry are taken one after another."""
    done: list[_Row] = [(_AGAIN, None, 0)] * len(rows)
    waiting = list(range(len(rows)))
    while waiting:
        document = json.dumps([{"n": n, **rows[n]} for n in waiting], ensure_ascii=False)
        found = await connection.execute(statement, {"votes": document, **more})
        for n, row in zip(waiting, found, strict=True):
            done[n] = (row[0], row[1], row[2])
        waiting = [n for n in waiting if done[n][0] == _AGAIN]
    return done


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _row(vote: Vote) -> dict[str, Any]:
    return {
        "c": str(vote.community_id),
        "p": str(vote.poll_id),
        "v": _text(vote.person_id),
        "e": _text(vote.entry_id),
        "w": vote.choice,
    }


def _casts(rows: Sequence[_Row], leaf: Callable[[int], bytes | None]) -> list[Cast]:
    return [
        Cast(cast("Outcome", outcome), entry_id, times, leaf(n))
        for n, (outcome, entry_id, times) in enumerate(rows)
    ]


async def record_votes(
    connection: AsyncConnection, votes: Sequence[Vote], *, statement: TextClause = RECORD_VOTES
) -> list[Cast]:
    """Keep recorded votes, each with its fact; of one entry's the last one stays.

    The same choice again is `unchanged` and leaves no trace.
    """
    at = now().isoformat()
    rows = [
        {
            **_row(vote),
            "k": vote.channel,
            "f": str(new_id()),
            "s": vote.actor_kind,
            "a": _text(vote.actor_id or vote.person_id),
            "t": at,
        }
        for vote in votes
    ]
    done = await _run(connection, statement, rows, secrecy=Secrecy.RECORDED)
    return _casts(done, lambda _: None)


async def keep_secret(
    connection: AsyncConnection, votes: Sequence[Vote], *, statement: TextClause = KEEP_SECRET
) -> list[Cast]:
    """Keep secret votes, for good; of one entry's the first one stays.

    One that comes again with its nonce is answered like the first time, even after the close; any
    other of the entry's `has_voted`.
    """
    nonces = [vote.nonce or secrets.token_hex(16) for vote in votes]
    leaves = [
        leaf_of(str(vote.poll_id), nonce, vote.choice)
        for vote, nonce in zip(votes, nonces, strict=True)
    ]
    rows = [
        {**_row(vote), "o": nonce, "h": leaf.hex()}
        for vote, nonce, leaf in zip(votes, nonces, leaves, strict=True)
    ]
    done = await _run(connection, statement, rows, secrecy=Secrecy.SECRET)
    if statement is not KEEP_AT_ONCE and any(outcome == "closed" for outcome, _, _ in done):
        before = await _run(connection, SENT_BEFORE, rows)
        done = [old if new[0] == "closed" else new for new, old in zip(done, before, strict=True)]
    return _casts(done, lambda n: leaves[n] if done[n][0] == "cast" else None)


record_at_once = partial(record_votes, statement=RECORD_AT_ONCE)
"""The same without waiting for whoever writes the row of a poll: its votes are `closed`."""
keep_at_once = partial(keep_secret, statement=KEEP_AT_ONCE)
"""The same without waiting for whoever writes the row of a poll: its votes are `closed`."""
