"""Every message the platform sent, once each, with the answer it was given.

A message is kept together with its answer and its effects, in one transaction: one that was not
kept was not answered, and comes again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.chat.models import Incoming
from app.core.clock import now
from app.core.database import Sessions
from app.core.jobs import periodic
from app.core.settings import settings
from app.wechat.edge import Message


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message at the door of one account."""

    community_id: UUID
    account_id: UUID
    message: Message
    key: bytes
    """The message's, which it works out anew each time it is asked."""
    signature: bytes | None = None

    @property
    def sender(self) -> tuple[UUID, str]:
        """Who sent it, as the account knows them."""
        return self.account_id, self.message.from_user

    @property
    def place(self) -> tuple[UUID, bytes]:
        """What names this message and no other."""
        return self.account_id, self.key

    @property
    def lock(self) -> int:
        """64 bits of the key, as PostgreSQL numbers its advisory locks."""
        return int.from_bytes(self.key[:8], signed=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """What counts as the answer to a message; not `ours` when its signature was another's."""

    ours: bool
    reply: str | None


_KNOWN = text(
    "SELECT account_id, key, CASE WHEN late THEN NULL ELSE reply END FROM wechat_messages"
    " WHERE (account_id, key) IN (SELECT CAST(split_part(k, ' ', 1) AS uuid),"
    " decode(split_part(k, ' ', 2), 'hex') FROM unnest(string_to_array(:places, ',')) AS k)"
)

_KEEP = text(
    "INSERT INTO wechat_messages"
    " (account_id, key, community_id, openid, kind, event, fields, sent_at, reply, signature)"
    " SELECT a, decode(k, 'hex'), c, o, d, e, f, to_timestamp(s), r, decode(g, 'hex')"
    " FROM jsonb_to_recordset(CAST(:messages AS jsonb)) AS t"
    " (a uuid, k text, c uuid, o text, d text, e text, f jsonb, s bigint, r text, g text)"
    " ON CONFLICT DO NOTHING RETURNING account_id, key"
)
"""One document in, however many messages: it costs the driver less than an array a column."""

_TAKE = text(
    "SELECT pg_try_advisory_xact_lock(:lock), m.key IS NOT NULL,"
    " CASE WHEN m.late THEN NULL ELSE m.reply END"
    " FROM (SELECT 1) AS one LEFT JOIN wechat_messages AS m"
    " ON m.account_id = :account AND m.key = :key"
)


async def _known(
    connection: AsyncConnection, arrivals: Sequence[Arrival]
) -> dict[tuple[UUID, bytes], str | None]:
    places = ",".join(f"{arrival.account_id} {arrival.key.hex()}" for arrival in arrivals)
    rows = await connection.execute(_KNOWN, {"places": places})
    return {(account_id, bytes(key)): reply for account_id, key, reply in rows}


async def kept_before(
    connection: AsyncConnection, arrivals: Sequence[Arrival]
) -> Sequence[Kept | None]:
    """For each of these messages the answer it was given, None for one that is new."""
    known = await _known(connection, arrivals)
    return [
        Kept(ours=True, reply=known[arrival.place]) if arrival.place in known else None
        for arrival in arrivals
    ]


def _row(arrival: Arrival, reply: str | None) -> dict[str, Any]:
    message = arrival.message
    return {
        "a": str(arrival.account_id),
        "k": arrival.key.hex(),
        "c": str(arrival.community_id),
        "o": message.from_user,
        "d": message.kind,
        "e": message.event,
        "f": dict(message.fields),
        "s": message.create_time,
        "r": reply,
        "g": arrival.signature.hex() if arrival.signature else None,
    }


async def keep(
    connection: AsyncConnection, answered: Sequence[tuple[Arrival, str | None]]
) -> Sequence[Kept]:
    """Keep these messages with their answers; for one kept before, its first answer counts."""
    ordered = sorted(answered, key=lambda pair: pair[0].key)
    messages = json.dumps([_row(*pair) for pair in ordered], ensure_ascii=False)
    rows = await connection.execute(_KEEP, {"messages": messages})
    fresh = {(account_id, bytes(key)) for account_id, key in rows}
    kept: dict[tuple[UUID, bytes], str | None] = {}
    for arrival, reply in ordered:
        if arrival.place in fresh:
            kept.setdefault(arrival.place, reply)
    earlier = [arrival for arrival, _ in answered if arrival.place not in fresh]
    if earlier:
        kept |= await _known(connection, earlier)
    return [Kept(arrival.place in kept, kept.get(arrival.place)) for arrival, _ in answered]


async def take(session: AsyncSession, arrival: Arrival) -> tuple[bool, bool, str | None]:
    """Take hold of a message until this transaction ends.

    Returns whether it is ours to answer, whether it was answered before, and with what.
    """
    row = (
        await session.execute(
            _TAKE,
            {
                "lock": arrival.lock,
                "account": arrival.account_id,
                "key": arrival.key,
            },
        )
    ).one()
    return row[0] and not row[1], row[1], row[2]


@periodic("chat.forget_messages", cron="23 3 * * *")
async def forget_messages(sessions: Sessions) -> None:
    """Delete what was said longer ago than it must be kept."""
    old = delete(Incoming).where(Incoming.received_at < now() - settings().messages_kept)
    async with sessions.begin() as session:
        await session.execute(old)
