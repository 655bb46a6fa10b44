"""What is said in the groups, kept once each: many messages in one statement, masked before.

A message is known by its bot and the platform's id of it. In the same statement whoever speaks is
noted as a member, and where the answer has to wait, work for later is promised.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.ids import new_id
from app.groups.masking import masked
from app.groups.search import grams


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message at the door of one bot, its words without what cannot be seen."""

    community_id: UUID
    bot_id: UUID
    external_id: str
    """The platform's id of the message."""
    group: str | None
    """What the platform calls the group; None for what was said to the bot alone."""
    sender_id: str
    sender_name: str
    sent_at: datetime
    kind: str
    text: str
    alone: bool = False
    """Whether the transaction it is kept in is its own; a group that is overseen asks for that."""
    later: str | None = None
    """The job that will answer it, with `community_id`, `message_id`, `asked` and `reply_to`."""
    asked: bool = False
    """Whether the bot was mentioned; for that job."""
    reply_to: str | None = None
    """The platform's id of the message it replies to; for that job."""
    id: UUID = field(default_factory=new_id)

    @property
    def key(self) -> tuple[UUID, str]:
        """What names this message and no other."""
        return self.bot_id, self.external_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of a message."""

    id: UUID | None
    """None where it was not kept."""
    fresh: bool
    """Whether it was kept just now, for the first time."""
    group_id: UUID | None
    """The community's open group it was said in."""
    overseen: bool
    """Whether that group is a property group; there it is kept in a transaction of its own."""
    reply: str | None = None
    """What it was answered in the call, if it came before."""


_KEEP = text("""
WITH given AS MATERIALIZED (
  SELECT d.*, g.id AS group_id, coalesce(g.kind = 'property', false) AS overseen
    FROM jsonb_to_recordset(CAST(:arrivals AS jsonb)) AS d
         (n int, i uuid, c uuid, b uuid, e text, x text, s text, m text, a timestamptz, k text,
          w text, r bigint[], o boolean, l text, q boolean, t text)
    LEFT JOIN chat_groups AS g
      ON g.community_id = d.c AND g.bot_id = d.b AND g.external_id = d.x AND g.state = 'open'
), wanted AS MATERIALIZED (
  SELECT * FROM given WHERE (x IS NULL OR group_id IS NOT NULL) AND (o OR NOT overseen)
), kept AS (
  INSERT INTO group_messages (community_id, id, bot_id, group_id, sender_id, sender_name,
         external_id, kind, text, grams, sent_at, received_at, late)
  SELECT c, i, b, group_id, s, m, e, k, w, r, a, clock_timestamp(), l IS NOT NULL
    FROM wanted ORDER BY b, e
  ON CONFLICT (community_id, bot_id, external_id) DO NOTHING
  RETURNING id
), speakers AS MATERIALIZED (
  SELECT DISTINCT ON (c, group_id, s) c, b, group_id, s, m, a
    FROM wanted WHERE group_id IS NOT NULL ORDER BY c, group_id, s, a DESC
), met AS (
  INSERT INTO group_members (community_id, id, group_id, sender_id, name, person_id, title,
         first_seen_at, last_seen_at)
  SELECT p.c, gen_random_uuid(), p.group_id, p.s, p.m, bound.person_id, 'member', p.a, p.a
    FROM speakers AS p
    LEFT JOIN bot_bindings AS bound
      ON bound.community_id = p.c AND bound.bot_id = p.b AND bound.sender_id = p.s
   WHERE NOT EXISTS (SELECT FROM group_members AS known
                      WHERE known.community_id = p.c AND known.group_id = p.group_id
                        AND known.sender_id = p.s)
   ORDER BY p.c, p.group_id, p.s
  ON CONFLICT (community_id, group_id, sender_id) DO NOTHING
), seen AS (
  UPDATE group_members AS known
     SET last_seen_at = late.a, left_at = NULL, name = coalesce(nullif(late.m, ''), known.name)
    FROM (SELECT old.community_id, old.id, p.a, p.m
            FROM speakers AS p
            JOIN group_members AS old
              ON old.community_id = p.c AND old.group_id = p.group_id AND old.sender_id = p.s
           WHERE old.left_at IS NOT NULL OR old.last_seen_at IS NULL
              OR old.last_seen_at < p.a - interval '1 minute' OR old.name <> p.m
             FOR UPDATE OF old SKIP LOCKED) AS late
   WHERE known.community_id = late.community_id AND known.id = late.id
), promised AS (
  SELECT procrastinate_defer_jobs_v1(array_agg(ROW(
           'default', l, 0, NULL, NULL,
           jsonb_build_object('community_id', c, 'message_id', i, 'asked', q, 'reply_to', t), NULL
         )::procrastinate_job_to_defer_v1)) AS jobs
    FROM given WHERE l IS NOT NULL AND i IN (SELECT id FROM kept)
  HAVING count(*) > 0
)
SELECT n, CASE WHEN kept.id IS NULL THEN earlier.id ELSE kept.id END, kept.id IS NOT NULL,
       given.group_id, overseen, CASE WHEN earlier.late THEN NULL ELSE earlier.reply END,
       (SELECT cardinality(jobs) FROM promised)
  FROM given
  LEFT JOIN kept ON kept.id = given.i
  LEFT JOIN group_messages AS earlier
    ON earlier.community_id = given.c AND earlier.bot_id = given.b
   AND earlier.external_id = given.e
 ORDER BY n
""")
"""One document in, however many messages.

Nobody's row is waited for: who was seen within the last minute is not written again, and a row
that another transaction holds is left to it.
"""

_EARLIER = text("""
SELECT bot_id, external_id, id, CASE WHEN late THEN NULL ELSE reply END FROM group_messages
 WHERE (community_id, bot_id, external_id) IN (
       SELECT c, b, e FROM jsonb_to_recordset(CAST(:keys AS jsonb)) AS t (c uuid, b uuid, e text))
""")


def _row(n: int, arrival: Arrival) -> dict[str, Any]:
    words = masked(arrival.text)
    return {
        "n": n,
        "i": str(arrival.id),
        "c": str(arrival.community_id),
        "b": str(arrival.bot_id),
        "e": arrival.external_id,
        "x": arrival.group,
        "s": arrival.sender_id,
        "m": masked(arrival.sender_name),
        "a": arrival.sent_at.isoformat(),
        "k": arrival.kind,
        "w": words,
        "r": grams(words),
        "o": arrival.alone,
        "l": arrival.later,
        "q": arrival.asked,
        "t": arrival.reply_to,
    }


async def keep(connection: AsyncConnection, arrivals: Sequence[Arrival]) -> list[Kept]:
    """Keep what was said in the community's groups, or to the bot alone, and what became of each.

    What is said in groups that are not the community's is not kept. Sent twice, it has the same
    effect as once: whatever was kept before tells what it was answered.
    """
    document = json.dumps(
        [_row(n, arrival) for n, arrival in enumerate(arrivals)], ensure_ascii=False
    )
    rows = await connection.execute(_KEEP, {"arrivals": document})
    kept = [
        Kept(id=id_, fresh=fresh, group_id=group_id, overseen=overseen, reply=reply)
        for _, id_, fresh, group_id, overseen, reply, _ in rows
    ]
    missed = [n for n, arrival in enumerate(arrivals) if _was_lost(arrival, kept[n])]
    if missed:
        earlier = await _earlier(connection, [arrivals[n] for n in missed])
        for n in missed:
            id_, reply = earlier.get(arrivals[n].key, (None, None))
            kept[n] = Kept(
                id=id_,
                fresh=False,
                group_id=kept[n].group_id,
                overseen=kept[n].overseen,
                reply=reply,
            )
    return kept


def _was_lost(arrival: Arrival, kept: Kept) -> bool:
    """Whether another one of the same id was faster, by so little that it was not seen."""
    ours = arrival.group is None or kept.group_id is not None
    return kept.id is None and ours and (arrival.alone or not kept.overseen)


async def _earlier(
    connection: AsyncConnection, arrivals: Sequence[Arrival]
) -> dict[tuple[UUID, str], tuple[UUID, str | None]]:
    keys = [
        {"c": str(each.community_id), "b": str(each.bot_id), "e": each.external_id}
        for each in arrivals
    ]
    rows = await connection.execute(_EARLIER, {"keys": json.dumps(keys, ensure_ascii=False)})
    return {(bot, external): (id_, reply) for bot, external, id_, reply in rows}
