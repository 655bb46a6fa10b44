"""What a superuser rewrites in the database after the close, the bundle made then shows."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.polls import queries, recount
from app.polls.models import Poll
from tests.polls.closed import (
    a_closed_assembly,
    a_closed_poll,
    a_closed_secret_poll,
    bundle_of,
)

EVERYWHERE = {
    "UPDATE polls SET form = jsonb_set(form, '{questions,0,text}', '\"别的\"')": "asked",
    "UPDATE polls SET title = '别的'": "asked",
    "UPDATE polls SET closed_at = closed_at + interval '1 hour'": "closed_at",
    "UPDATE poll_entries SET area = area + 100": "roll",
    "UPDATE poll_entries SET key = 'person:' || id WHERE struck_by_id IS NULL": "roll",
    "UPDATE poll_entries SET struck_by_id = NULL, key = 'x' WHERE struck_by_id IS NOT NULL": (
        "roll_change"
    ),
    "UPDATE poll_entries SET struck_by_id = gen_random_uuid() WHERE struck_by_id IS NULL": (
        "roll_change"
    ),
    "DELETE FROM poll_entries WHERE objection_id IS NOT NULL": "roll_change",
    "INSERT INTO poll_entries (community_id, id, poll_id, key, code, label, area, homes)"
    " SELECT community_id, gen_random_uuid(), poll_id, 'person:new', 'NEW', '新', 0, 1"
    " FROM poll_entries LIMIT 1": "roll_size",
    "UPDATE poll_results SET result = jsonb_set(result, '{ballots}', '99')": "result",
    "UPDATE poll_links SET head = sha256(head) WHERE number = 1": "roll_change",
    "DELETE FROM poll_links WHERE number = 1": "chain",
}
RECORDED = EVERYWHERE | {
    "UPDATE poll_ballots SET choice = CASE choice"
    """ WHEN '{"q1":"A"}' THEN '{"q1":"B"}' WHEN '{"q1":"yes"}' THEN '{"q1":"no"}'"""
    " ELSE choice END": "result",
    "DELETE FROM poll_ballots WHERE entry_id = (SELECT min(entry_id::text)::uuid"
    " FROM poll_ballots)": "close",
    "INSERT INTO poll_ballots (community_id, poll_id, entry_id, choice, channel, cast_at, times)"
    " SELECT e.community_id, e.poll_id, e.id, b.choice, 'page', b.cast_at, 1"
    " FROM poll_entries e, poll_ballots b WHERE e.objection_id IS NOT NULL LIMIT 1": "close",
}
SECRET = EVERYWHERE | {
    """UPDATE poll_sealed_ballots SET choice = '{"q1":"A"}'""": "batch",
    "UPDATE poll_sealed_ballots SET batch = (SELECT max(batch) FROM poll_sealed_ballots)": (
        "batch_size"
    ),
    "DELETE FROM poll_sealed_ballots WHERE leaf = (SELECT leaf FROM poll_sealed_ballots LIMIT 1)": (
        "turnout"
    ),
    "INSERT INTO poll_sealed_ballots (community_id, poll_id, leaf, batch, nonce, choice)"
    " SELECT community_id, poll_id, sha256(leaf), batch, 'stuffed', choice"
    " FROM poll_sealed_ballots LIMIT 1": "batch_size",
    "DELETE FROM poll_participations WHERE entry_id = (SELECT entry_id FROM poll_participations"
    " LIMIT 1)": "turnout",
    "INSERT INTO poll_participations (community_id, poll_id, entry_id)"
    " SELECT community_id, poll_id, id FROM poll_entries WHERE objection_id IS NOT NULL": "turnout",
}
KINDS: list[Any] = [
    pytest.param(a_closed_poll, RECORDED, id="recorded"),
    pytest.param(a_closed_assembly, RECORDED, id="assembly"),
    pytest.param(a_closed_secret_poll, SECRET, id="secret"),
]
Made = Callable[[AsyncSession], Awaitable[Poll]]


async def found_after(sessions: Sessions, poll: Poll, statement: str) -> set[str]:
    """What the recount finds after this, done with every trigger and foreign key switched off."""
    async with sessions() as session:
        await session.execute(text("SET session_replication_role = replica"))
        done: Any = await session.execute(text(statement.replace(":", "\\:")))
        assert done.rowcount > 0
        rewritten = await queries.whole(session, poll.community_id, poll.id)
        assert rewritten is not None
        bundle = await bundle_of(session, rewritten)
        await session.rollback()
        await session.execute(text("SET session_replication_role = origin"))
    return {each.name for each in recount.check(bundle)}


@pytest.mark.parametrize(("made", "statements"), KINDS)
async def test_what_a_superuser_rewrites_is_found_in_the_bundle(
    sessions: Sessions, session: AsyncSession, made: Made, statements: dict[str, str]
) -> None:
    poll = await made(session)
    assert await found_after(sessions, poll, "UPDATE polls SET reminded_at = now()") == set()

    missed = {
        statement: (name, found)
        for statement, name in statements.items()
        if name not in (found := await found_after(sessions, poll, statement))
    }

    assert not missed


@pytest.mark.parametrize(("made", "statements"), KINDS)
async def test_with_the_triggers_on_the_database_refuses_to_rewrite_what_was_cast_and_counted(
    sessions: Sessions, session: AsyncSession, made: Made, statements: dict[str, str]
) -> None:
    await made(session)
    kept = [each for each in statements if not each.startswith("INSERT")]

    taken = []
    for statement in kept:
        async with sessions() as other:
            try:
                await other.execute(text(statement.replace(":", "\\:")))
            except DBAPIError:
                continue
            taken.append(statement)

    assert taken == []
