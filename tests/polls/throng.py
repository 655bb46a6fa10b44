"""Open polls with many voters, made by a few statements rather than by many objects."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.casting import Vote
from app.polls.models import Secrecy
from tests.polls.builders import a_poll
from tests.polls.votes import says

_COPIES = """
INSERT INTO polls (community_id, id, number, kind, purpose, state, place_id, title, form,
       electorate, rules, secrecy, names_shown, results_shown, public, closes_at, created_at,
       version)
SELECT community_id, gen_random_uuid(), number + made, kind, purpose, state, place_id, title, form,
       electorate, rules, secrecy, names_shown, results_shown, public, closes_at, created_at,
       version
  FROM polls, generate_series(1, :more) AS made WHERE id = :poll_id
"""
_PEOPLE = """
INSERT INTO people (community_id, id, name, created_at)
SELECT :community_id, gen_random_uuid(), 'voter ' || made, now()
  FROM generate_series(1, :voters) AS made
RETURNING id
"""
_ENTRIES = """
INSERT INTO poll_entries (community_id, id, poll_id, key, code, label, area, homes)
SELECT polls.community_id, gen_random_uuid(), polls.id, 'person:' || people.id,
       upper(left(md5(people.id::text), 10)), people.name, 0, 1
  FROM polls JOIN people ON people.community_id = polls.community_id
 WHERE polls.community_id = :community_id
"""
_VOTERS = """
INSERT INTO poll_voters (community_id, id, poll_id, entry_id, person_id, basis)
SELECT community_id, gen_random_uuid(), poll_id, id, CAST(right(key, 36) AS uuid), 'self'
  FROM poll_entries WHERE community_id = :community_id
"""
_OPENED = r"""
UPDATE polls SET state = 'open', opened_at = now(), head = '\x00'
 WHERE community_id = :community_id
"""


@dataclass(frozen=True)
class Throng:
    """Polls of one community, all open to the same people."""

    community_id: UUID
    polls: list[UUID]
    people: list[UUID]

    def vote(self, poll: int, person: int, answer: str = "A", **more: Any) -> Vote:
        """The vote of one of them in one of the polls."""
        return Vote(
            community_id=self.community_id,
            poll_id=self.polls[poll],
            person_id=self.people[person],
            choice=says(answer),
            **more,
        )


async def a_throng(
    session: AsyncSession, *, polls: int = 1, voters: int, secrecy: Secrecy = Secrecy.RECORDED
) -> Throng:
    """So many polls, each open to so many people; committed, and its tables analyzed."""
    first = await a_poll(session, secrecy=secrecy, lasts=timedelta(hours=1))
    here: dict[str, Any] = {"community_id": first.community_id}
    await session.execute(text(_COPIES), {"poll_id": first.id, "more": polls - 1})
    people = list(await session.scalars(text(_PEOPLE), here | {"voters": voters}))
    for statement in (_ENTRIES, _VOTERS, _OPENED):
        await session.execute(text(statement), here)
    for table in ("polls", "poll_entries", "poll_voters"):
        await session.execute(text(f"ANALYZE {table}"))
    found = await session.scalars(
        text("SELECT id FROM polls WHERE community_id = :community_id ORDER BY number"), here
    )
    throng = Throng(first.community_id, list(found), people)
    await session.commit()
    return throng
