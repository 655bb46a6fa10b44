"""What answering needs to read, each as one statement for many messages at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.chat.talk import Home, Speaker, Talk
from app.people.access import Held
from app.people.models import Role, Speciality, Standing
from app.places.words import address
from app.service_requests.models import State


def _row(table: str, alias: str, reference: str) -> str:
    """Join the one row of a table that a column of an earlier one refers to.

    `OFFSET 0` keeps the planner from joining in another order: of a table it has no statistics of
    yet, it would read all rows of the community for each row of the others.
    """
    owner = reference.partition(".")[0]
    return (
        f"LEFT JOIN LATERAL (SELECT * FROM {table} AS t WHERE t.community_id = {owner}.community_id"  # noqa: S608 - constants
        f" AND t.id = {reference} OFFSET 0) AS {alias} ON true"
    )


def _address(place: str, reference: str) -> str:
    """Join a place, and the two that it is in."""
    rows = [(place, reference), ("o", f"{place}.parent_id"), ("oo", "o.parent_id")]
    return " ".join(_row("places", alias, column) for alias, column in rows)


def _parts(place: str) -> str:
    """The names of a place joined so: building and unit, as far as it is in any, and its own."""
    return (
        "CASE 'building' WHEN o.kind THEN o.name WHEN oo.kind THEN oo.name END,"
        f" CASE o.kind WHEN 'unit' THEN o.name END, {place}.name"
    )


_SPEAKERS = text(f"""
SELECT k.n, i.community_id, c.name, c.hotline, i.account_id, i.id, i.openid, i.person_id, p.name,
       i.locale, i.subscribed, t.command, t.step, t.expires_at,
       (SELECT array_agg(ARRAY[h.role, l.path, h.speciality])
          FROM posts AS h {_row("places", "l", "h.place_id")}
         WHERE h.community_id = i.community_id AND h.person_id = i.person_id
           AND h.ended_at IS NULL) AS posts,
       (SELECT array_agg(ARRAY[l.id::text, {_parts("l")}, r.standing] ORDER BY r.id)
          FROM residences AS r {_address("l", "r.home_id")}
         WHERE r.community_id = i.community_id AND r.person_id = i.person_id
           AND r.standing IN ('claimed', 'verified')) AS homes
  FROM unnest(CAST(:accounts AS uuid[]), CAST(:openids AS text[]))
       WITH ORDINALITY AS k (account_id, openid, n)
  JOIN identities AS i ON i.account_id = k.account_id AND i.openid = k.openid
  JOIN communities AS c ON c.id = i.community_id
  {_row("people", "p", "i.person_id")}
  LEFT JOIN conversations AS t ON t.community_id = i.community_id AND t.identity_id = i.id
""")  # noqa: S608 - constants


async def speakers_of(
    connection: AsyncConnection, keys: Sequence[tuple[UUID, str]]
) -> list[Speaker | None]:
    """Who speaks, by account and openid; None for whom we have not met."""
    rows = await connection.execute(
        _SPEAKERS,
        {"accounts": [account for account, _ in keys], "openids": [openid for _, openid in keys]},
    )
    found = {row.n: _speaker(row) for row in rows}
    return [found.get(n) for n in range(1, len(keys) + 1)]


def _speaker(row: Any) -> Speaker:
    _n, community_id, community, hotline, account, identity, openid, person, name, *rest = row
    locale, subscribed, command, step, expires_at, posts, homes = rest
    return Speaker(
        community_id=community_id,
        community_name=community,
        hotline=hotline,
        account_id=account,
        identity_id=identity,
        openid=openid,
        person_id=person,
        name=name,
        locale=locale,
        subscribed=subscribed,
        posts=tuple(_post(*post) for post in posts or ()),
        homes=tuple(_home(*home) for home in homes or ()),
        conversation=Talk(command, step, expires_at) if command else None,
    )


def _post(role: str, path: str, speciality: str | None) -> Held:
    return Held(Role(role), path, Speciality(speciality) if speciality else None)


def _home(place_id: str, building: str | None, unit: str | None, home: str, standing: str) -> Home:
    return Home(UUID(place_id), address(building, unit, home), Standing(standing))


@dataclass(frozen=True, slots=True)
class Found:
    """A request as it is told to whoever asks for it by its number."""

    number: int
    category: str
    summary: str
    place: str
    state: State
    filed_at: datetime
    due_at: datetime
    worker: str | None
    outcome: str | None
    reason: str | None
    right_channel: str | None
    score: int | None
    own: bool
    """Whether whoever asks reported it."""


Wanted = tuple[UUID, UUID, int | None, tuple[str, ...]]
"""Community, who asks, the number, and the paths within which they may see requests of others.

Without a number it is the one that they reported last.
"""

_REQUESTS = text(f"""
SELECT k.n, r.number, g.name, r.summary, ARRAY[{_parts("l")}], r.state, r.filed_at, r.due_at,
       w.name, r.outcome, r.reason, r.right_channel, r.score,
       r.reporter_id IS NOT DISTINCT FROM k.person_id
  FROM unnest(CAST(:communities AS uuid[]), CAST(:people AS uuid[]), CAST(:numbers AS bigint[]),
              CAST(:paths AS text[]))
       WITH ORDINALITY AS k (community_id, person_id, number, paths, n)
  JOIN LATERAL (
       (SELECT * FROM service_requests AS s
         WHERE s.community_id = k.community_id AND s.number = k.number)
       UNION ALL
       (SELECT * FROM service_requests AS s
         WHERE k.number IS NULL
           AND s.community_id = k.community_id AND s.reporter_id = k.person_id
         ORDER BY s.id DESC LIMIT 1)) AS r ON true
  {_address("l", "r.place_id")}
  {_row("service_categories", "g", "r.category_id")}
  {_row("people", "w", "r.assignee_id")}
 WHERE r.reporter_id = k.person_id
    OR EXISTS (SELECT FROM jsonb_array_elements_text(CAST(k.paths AS jsonb)) AS p
                WHERE starts_with(l.path, p))
""")  # noqa: S608 - constants


async def requests_of(connection: AsyncConnection, keys: Sequence[Wanted]) -> list[Found | None]:
    """Each request that is wanted, for who reported it or may see it; otherwise None."""
    rows = await connection.execute(
        _REQUESTS,
        {
            "communities": [community for community, *_ in keys],
            "people": [person for _, person, *_ in keys],
            "numbers": [number for *_, number, _ in keys],
            "paths": [json.dumps(paths) for *_, paths in keys],
        },
    )
    found = {row.n: _found(*row[1:]) for row in rows}
    return [found.get(n) for n in range(1, len(keys) + 1)]


def _found(
    number: int, category: str, summary: str, place: Sequence[Any], state: str, *rest: Any
) -> Found:
    return Found(number, category, summary, address(*place), State(state), *rest)


@dataclass(frozen=True, slots=True)
class Task:
    """Something a worker still has to do."""

    number: int
    summary: str
    place: str
    state: State
    due_at: datetime


_TASKS = text(f"""
SELECT k.n, r.number, r.summary, ARRAY[{_parts("l")}], r.state, r.due_at
  FROM unnest(CAST(:communities AS uuid[]), CAST(:people AS uuid[]))
       WITH ORDINALITY AS k (community_id, person_id, n)
  JOIN service_requests AS r
    ON r.community_id = k.community_id AND r.assignee_id = k.person_id
   AND r.state IN ('assigned', 'in_progress')
  {_address("l", "r.place_id")}
 ORDER BY r.due_at, r.number
""")  # noqa: S608 - constants


async def tasks_of(
    connection: AsyncConnection, keys: Sequence[tuple[UUID, UUID]]
) -> list[list[Task]]:
    """What each worker, by community and person, still has to do, the most urgent first."""
    rows = await connection.execute(
        _TASKS,
        {"communities": [community for community, _ in keys], "people": [who for _, who in keys]},
    )
    tasks: list[list[Task]] = [[] for _ in keys]
    for n, number, summary, place, state, due_at in rows:
        tasks[n - 1].append(Task(number, summary, address(*place), State(state), due_at))
    return tasks
