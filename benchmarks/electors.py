"""Open polls and the people who vote in them, made by a few statements for the measurements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.people.access import system
from app.places import service as places
from app.places.models import Community
from app.polls.forms import Form, Method, Option, Question
from app.polls.models import Poll, PollKind, PollState, Secrecy

_PEOPLE = """
INSERT INTO people (community_id, id, name, created_at)
SELECT :community_id, gen_random_uuid(), 'voter ' || made, now()
  FROM generate_series(1, :many) AS made
RETURNING id
"""
_ENTRIES = """
INSERT INTO poll_entries (community_id, id, poll_id, key, code, label, area, homes)
SELECT community_id, CAST(md5(CAST(:poll_id AS text) || place) AS uuid), CAST(:poll_id AS uuid),
       'person:' || id, upper(left(md5(CAST(id AS text)), 10)), name, 8950, 1
  FROM (SELECT *, row_number() OVER (ORDER BY id) AS place
          FROM people WHERE community_id = :community_id) AS person
 WHERE place <= :many
"""
"""The id of a line of the roll follows from its place, so that a script can name it."""
_VOTERS = """
INSERT INTO poll_voters (community_id, id, poll_id, entry_id, person_id, basis)
SELECT community_id, gen_random_uuid(), poll_id, id, CAST(right(key, 36) AS uuid), 'self'
  FROM poll_entries WHERE poll_id = :poll_id
"""
_OPENED = r"UPDATE polls SET state = 'open', opened_at = now(), head = '\x00' WHERE id = :poll_id"
_BALLOTS = """
INSERT INTO poll_ballots (community_id, poll_id, entry_id, choice, channel, cast_at, times)
SELECT community_id, poll_id, id, choice, 'page', clock_timestamp(), 1
  FROM (SELECT *, row_number() OVER () AS place FROM poll_entries WHERE poll_id = :poll_id) AS roll
  JOIN unnest(CAST(:choices AS text[])) WITH ORDINALITY AS cast_ (choice, place) USING (place)
"""


@dataclass(frozen=True)
class Electors:
    """The people of one community, who all have a vote in every poll."""

    community_id: UUID
    place_id: UUID
    people: Sequence[UUID]


async def settle(session: AsyncSession, many: int) -> Electors:
    """A community of so many people."""
    community = Community(id=new_id(), slug="ballots", name="选举社区", town="翠竹街道")
    root = await places.found(session, community, by=system(community.id))
    people = await session.scalars(text(_PEOPLE), {"community_id": community.id, "many": many})
    return Electors(community.id, root.id, sorted(people))


def asked(method: Method, options: int) -> Form:
    """One question of so many options."""
    choices = [Option(key=f"O{n}", text=f"方案{n}") for n in range(options)]
    return Form(questions=[Question(key="q1", method=method, text="哪个？", options=choices)])


async def a_poll(
    session: AsyncSession,
    electors: Electors,
    number: int,
    form: Form,
    *,
    secrecy: Secrecy,
    many: int,
) -> UUID:
    """A poll that is open to the first so many of them, known to the planner."""
    poll_id = new_id()
    columns: dict[str, Any] = {"results_shown": "at_close", "state": PollState.DRAFT, "rules": {}}
    made = insert(Poll).values(
        community_id=electors.community_id,
        id=poll_id,
        number=number,
        kind=PollKind.POLL,
        place_id=electors.place_id,
        title="小区门口装不装充电桩",
        form=form.model_dump(mode="json"),
        electorate={},
        secrecy=secrecy,
        closes_at=now().replace(year=now().year + 1),
        version=1,
        **columns,
    )
    await session.execute(made)
    here = {"community_id": electors.community_id, "poll_id": poll_id, "many": many}
    for statement in (_ENTRIES, _VOTERS, _OPENED):
        await session.execute(text(statement), here)
    for table in ("polls", "poll_entries", "poll_voters"):
        await session.execute(text(f"ANALYZE {table}"))
    return poll_id


async def cast_all(session: AsyncSession, poll_id: UUID, choices: Sequence[str]) -> None:
    """Ballots of a recorded poll, one for each line of its roll."""
    await session.execute(text(_BALLOTS), {"poll_id": poll_id, "choices": list(choices)})
    await session.execute(text("ANALYZE poll_ballots"))
