"""What was promised when a poll was announced or opened: the database itself keeps to it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.polls.models import Objection, ObjectionKind, PollState, ResultsShown, Secrecy
from tests.polls.builders import OpenPoll, a_grid, a_poll, an_open_poll

KEPT = "polls_keep_their_word"
FROZEN = "poll_roll_is_frozen"
FORM = """form = jsonb_set(form, '{questions,0,options,0,text}', '"别的"')"""
CLOSED = "state = 'closed', closed_at = clock_timestamp() - interval '1 second'"
BROKEN_WORDS = [
    "secrecy = 'recorded'",
    "secrecy = 'recorded', results_shown = 'always'",
    FORM,
    "electorate = '{}'",
    "rules = jsonb_build_object('sits', 'adults')",
    "title = '别的'",
    "kind = 'survey'",
    "number = 4711",
    "closes_at = closes_at - interval '1 second'",
    "opened_at = opened_at - interval '1 day'",
    "opened_at = NULL",
    "head = decode('00', 'hex')",
    "state = 'draft'",
    "state = 'announced'",
    "state = 'published'",
]
CHANGED_ROLLS = [
    "UPDATE poll_entries SET area = area + 1 WHERE poll_id = :poll",
    "UPDATE poll_entries SET key = 'person:x' WHERE poll_id = :poll",
    "UPDATE poll_entries SET struck_by_id = :objection, area = 1 WHERE poll_id = :poll",
    "DELETE FROM poll_entries WHERE poll_id = :poll",
    "UPDATE poll_voters SET basis = 'proxy' WHERE poll_id = :poll",
    "UPDATE poll_voters SET person_id = :person WHERE poll_id = :poll",
    "DELETE FROM poll_voters WHERE poll_id = :poll",
    """INSERT INTO poll_entries (community_id, id, poll_id, key, code, label, area, homes)
       SELECT community_id, gen_random_uuid(), id, 'person:x', 'X', '', 0, 1
         FROM polls WHERE id = :poll""",
    """INSERT INTO poll_voters (community_id, id, poll_id, entry_id, person_id, basis)
       SELECT community_id, gen_random_uuid(), poll_id, id, :person, 'proxy'
         FROM poll_entries WHERE poll_id = :poll LIMIT 1""",
]
STRIKE = "UPDATE poll_entries SET struck_by_id = :objection WHERE id = :entry"
UNSTRIKE = "UPDATE poll_entries SET struck_by_id = NULL WHERE id = :entry"
ADD = """
INSERT INTO poll_entries
       (community_id, id, poll_id, key, code, label, area, homes, objection_id)
SELECT community_id, gen_random_uuid(), poll_id, 'person:x', 'X', '', 0, 1, :objection
  FROM poll_entries WHERE id = :entry
"""


async def refuser(session: AsyncSession, statement: str, **known: Any) -> str | None:
    """The name of what refuses this statement; None where nothing does, and it took effect."""
    values = {name: value for name, value in known.items() if f":{name}" in statement}
    try:
        async with session.begin_nested():
            done = await session.execute(text(statement), values)
    except IntegrityError as error:
        return str(getattr(getattr(error.orig, "diag", None), "constraint_name", None))
    assert done.rowcount, statement  # type: ignore[attr-defined]
    return None


async def refuser_of(session: AsyncSession, poll_id: UUID, what: str) -> str | None:
    statement = f"UPDATE polls SET {what} WHERE id = :poll"  # noqa: S608 - a constant
    return await refuser(session, statement, poll=poll_id)


async def _taken(session: AsyncSession, poll_id: UUID, changes: list[str]) -> list[str]:
    """Which of these changes of a poll were not refused."""
    return [each for each in changes if await refuser_of(session, poll_id, each) != KEPT]


async def test_an_open_poll_stays_what_was_said(session: AsyncSession) -> None:
    opened = await an_open_poll(session, secrecy=Secrecy.SECRET)
    assert not await _taken(session, opened.poll.id, BROKEN_WORDS)


async def test_what_is_shown_only_gets_less_and_the_term_only_longer(
    session: AsyncSession,
) -> None:
    opened = await an_open_poll(session, results_shown=ResultsShown.AFTER_VOTING, names_shown=True)
    poll_id = opened.poll.id
    less = [
        "closes_at = closes_at + interval '1 day'",
        "names_shown = false",
        "results_shown = 'at_close'",
    ]
    more = [
        "closes_at = closes_at - interval '1 day'",
        "names_shown = true",
        "results_shown = 'after_voting'",
        "results_shown = 'always'",
    ]
    assert await _taken(session, poll_id, ["results_shown = 'always'"]) == []
    assert await _taken(session, poll_id, less) == less
    assert await _taken(session, poll_id, more) == []


async def test_what_is_over_is_not_begun_again(session: AsyncSession) -> None:
    place = await a_grid(session)
    over = {
        "cancelled": ["state = 'cancelled'"],
        "closed": [CLOSED],
        "published": [CLOSED, "state = 'published'"],
    }
    for state, way in over.items():
        poll_id = (await an_open_poll(session, place)).poll.id
        assert await _taken(session, poll_id, way) == way
        again = ["state = 'open'", "state = 'draft'", FORM, "results_shown = 'always'"]
        assert not await _taken(session, poll_id, again), state
        if state != "cancelled":
            later = ["closed_at = clock_timestamp()", "closed_at = NULL", "closes_at = now()"]
            assert not await _taken(session, poll_id, later), state


async def test_an_agenda_that_was_announced_is_locked(session: AsyncSession) -> None:
    poll = await a_poll(
        session,
        opens_at=now() + timedelta(days=1),
        state=PollState.ANNOUNCED,
        announced_at=now(),
    )
    changes = [FORM, "state = 'draft'", "electorate = '{}'", "announced_at = NULL"]
    assert not await _taken(session, poll.id, changes)


async def test_a_draft_may_still_change_and_go(session: AsyncSession) -> None:
    poll = await a_poll(session)
    assert await _taken(session, poll.id, [FORM]) == [FORM]
    assert await refuser(session, "DELETE FROM polls WHERE id = :poll", poll=poll.id) is None


async def test_a_poll_that_was_opened_is_never_deleted(session: AsyncSession) -> None:
    opened = await an_open_poll(session)
    gone = await refuser(session, "DELETE FROM polls WHERE id = :poll", poll=opened.poll.id)
    assert gone == KEPT


async def _an_objection(session: AsyncSession, opened: OpenPoll) -> UUID:
    objection = Objection(
        community_id=opened.poll.community_id,
        id=new_id(),
        poll_id=opened.poll.id,
        person_id=opened.people[0].id,
        kind=ObjectionKind.NOT_ENTITLED,
        text="已搬走",
    )
    session.add(objection)
    await session.flush()
    return objection.id


async def test_the_roll_of_an_open_poll_is_frozen(session: AsyncSession) -> None:
    opened = await an_open_poll(session)
    known = {
        "poll": opened.poll.id,
        "person": opened.people[1].id,
        "objection": await _an_objection(session, opened),
    }
    taken = [each for each in CHANGED_ROLLS if await refuser(session, each, **known) != FROZEN]
    assert not taken


async def test_only_an_objection_changes_the_roll_and_only_while_the_poll_is_open(
    session: AsyncSession,
) -> None:
    opened = await an_open_poll(session)
    known = {"objection": await _an_objection(session, opened)}
    struck, other = opened.entries[0].id, opened.entries[1].id

    assert await refuser(session, STRIKE, entry=struck, **known) is None
    assert await refuser(session, UNSTRIKE, entry=struck) == FROZEN
    assert await refuser(session, ADD, entry=struck, **known) is None

    assert await refuser_of(session, opened.poll.id, CLOSED) is None
    assert await refuser(session, STRIKE, entry=other, **known) == FROZEN
    assert await refuser(session, ADD, entry=other, **known) == FROZEN


async def test_without_the_triggers_every_word_could_be_broken(session: AsyncSession) -> None:
    opened = await an_open_poll(session, secrecy=Secrecy.SECRET)
    await session.commit()
    for table in ("polls", "poll_entries"):
        await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    assert await _taken(session, opened.poll.id, BROKEN_WORDS[:3]) == BROKEN_WORDS[:3]
    assert await refuser(session, CHANGED_ROLLS[0], poll=opened.poll.id) is None
