"""Votes at the same moment on connections of their own, and what they would be without the guard.

Fifty at a time, two hundred rounds. Each race is run again with its guard cut out of the statement
or dropped from this test's own database, and has to go wrong then.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.core.database import connect
from app.polls.booth import BallotIn, Booth
from app.polls.casting import Cast, Vote, keep_secret, record_votes
from app.polls.casting.statements import KEEP, RECORD
from app.polls.links import VotingLink
from app.polls.models import Secrecy
from app.polls.problems import HasVoted
from tests.polls.throng import Throng, a_throng

PARALLEL = 50
ROUNDS = 200
AT_BOOTHS = 5
"""Of the votes of a round, how many come through the booth of each of two processes."""

GUARDED = {Secrecy.RECORDED: RECORD, Secrecy.SECRET: KEEP}
STORED = {Secrecy.RECORDED: "poll_ballots", Secrecy.SECRET: "poll_participations"}


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same at every run


class Line:
    """Connections on which everybody votes at the same moment."""

    def __init__(self, connections: list[AsyncConnection], booths: list[Booth]) -> None:
        self.connections, self.booths = connections, booths

    async def run(self, statement: str, **parameters: Any) -> Any:
        """Run something on the first of them, and give its first value, if any."""
        found = await self.connections[0].execute(text(statement), parameters)
        return found.scalar() if found.returns_rows else None

    async def cast(self, votes: Sequence[Vote], secrecy: Secrecy, sql: str) -> list[Cast]:
        """Each vote on a connection of its own."""
        kept = record_votes if secrecy is Secrecy.RECORDED else keep_secret
        keep = partial(kept, statement=text(sql))
        pairs = zip(self.connections, votes, strict=False)
        return [one for (one,) in await asyncio.gather(*(keep(on, [vote]) for on, vote in pairs))]


@asynccontextmanager
async def lined_up(database: str) -> AsyncIterator[Line]:
    engine = connect(database, pool_size=PARALLEL).execution_options(isolation_level="AUTOCOMMIT")
    offices = [connect(database, pool_size=2) for _ in range(2)]
    connections = await asyncio.gather(*(engine.connect() for _ in range(PARALLEL)))
    booths = [Booth(each) for each in offices]
    yield Line(list(connections), booths)
    await asyncio.gather(*(each.close() for each in connections))
    await asyncio.gather(*(each.close() for each in booths))
    await asyncio.gather(*(each.dispose() for each in (engine, *offices)))


@pytest.fixture
async def line(database: str) -> AsyncIterator[Line]:
    async with lined_up(database) as made:
        yield made


async def _at_booth(booth: Booth, throng: Throng, person: int, answer: str) -> str:
    link = VotingLink(throng.community_id, throng.polls[0], throng.people[person])
    try:
        return (await booth.take(link, BallotIn(choice={"q1": answer}))).outcome
    except HasVoted:
        return "has_voted"


async def _everybody_casts(
    line: Line, throng: Throng, person: int, secrecy: Secrecy, sql: str, *, at_booths: int
) -> Counter[str]:
    """One person's vote fifty times at once; what became of each."""
    draw = _chance(person)
    direct = PARALLEL - 2 * at_booths
    votes = [throng.vote(0, person, draw.choice("ABC")) for _ in range(direct)]
    come = [
        _at_booth(booth, throng, person, draw.choice("ABC"))
        for booth in line.booths
        for _ in range(at_booths)
    ]
    done, others = await asyncio.gather(line.cast(votes, secrecy, sql), asyncio.gather(*come))
    return Counter([*(each.outcome for each in done), *others])


async def _is_one(
    line: Line, throng: Throng, person: int, secrecy: Secrecy, came: Counter[str]
) -> bool:
    """Whether the person has one ballot, and everybody was told the truth about it."""
    entry = "SELECT id FROM poll_entries WHERE poll_id = :poll AND key = 'person:' || :person"
    own = f"FROM {STORED[secrecy]} WHERE poll_id = :poll AND entry_id = ({entry})"
    who = {"poll": throng.polls[0], "person": str(throng.people[person])}
    if secrecy is Secrecy.SECRET:
        rows = await line.run(f"SELECT count(*) {own}", **who)
        return bool(rows == 1 and came == {"cast": 1, "has_voted": PARALLEL - 1})
    rows = await line.run(f"SELECT string_agg(times::text, ',') {own}", **who)
    told = came["cast"] + came["changed"]
    return rows == str(told) and came["cast"] == 1 and told + came["unchanged"] == PARALLEL


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_a_vote_cast_fifty_times_at_once_is_one_ballot(
    session: AsyncSession, line: Line, secrecy: Secrecy
) -> None:
    throng = await a_throng(session, voters=ROUNDS, secrecy=secrecy)
    violations = 0
    for person in range(ROUNDS):
        came = await _everybody_casts(
            line, throng, person, secrecy, GUARDED[secrecy], at_booths=AT_BOOTHS
        )
        violations += not await _is_one(line, throng, person, secrecy, came)
    assert violations == 0
    kept = "poll_ballots" if secrecy is Secrecy.RECORDED else "poll_intake"
    assert await line.run(f"SELECT count(*) FROM {kept}") == ROUNDS  # noqa: S608
    facts = await line.run("SELECT count(*) FROM facts WHERE kind = 'polls.ballot_cast'")
    assert facts == await line.run("SELECT coalesce(sum(times), 0) FROM poll_ballots")


def _looking_first(secrecy: Secrecy) -> str:
    """The statement that looks whether there is a ballot and writes it then, as one would."""
    head, found, rest = GUARDED[secrecy].partition("  ON CONFLICT")
    tail = "  RETURNING" + rest.partition("  RETURNING")[2]
    unless = (
        f"FROM chosen WHERE NOT EXISTS (SELECT FROM {STORED[secrecy]} AS there"
        " WHERE there.community_id = c AND there.poll_id = p"
        " AND there.entry_id = chosen.entry_id) ORDER BY c, p, entry_id"
    )
    assert found
    assert "FROM chosen ORDER BY c, p, entry_id" in head
    return head.replace("FROM chosen ORDER BY c, p, entry_id", unless) + tail


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_without_the_key_it_would_be_several(
    session: AsyncSession, line: Line, secrecy: Secrecy
) -> None:
    throng = await a_throng(session, voters=20, secrecy=secrecy)
    await line.run(f"ALTER TABLE {STORED[secrecy]} DROP CONSTRAINT {STORED[secrecy]}_pkey")
    naive = _looking_first(secrecy)
    for person in range(20):
        votes = [throng.vote(0, person) for _ in range(PARALLEL)]
        done = await line.cast(votes, secrecy, naive)
        if sum(each.outcome == "cast" for each in done) > 1:
            break
    assert await line.run(f"SELECT count(*) FROM {STORED[secrecy]}") > person + 1  # noqa: S608


async def test_a_choice_changed_fifty_times_at_once_is_one_choice(
    session: AsyncSession, line: Line
) -> None:
    throng, secrecy = await a_throng(session, voters=1), Secrecy.RECORDED
    times = violations = 0
    for round_ in range(ROUNDS):
        draw = _chance(round_)
        votes = [throng.vote(0, 0, draw.choice("ABC")) for _ in range(PARALLEL)]
        done = await line.cast(votes, secrecy, RECORD)
        times += sum(each.outcome in {"cast", "changed"} for each in done)
        kept = await line.run("SELECT array_agg(times::text || choice) FROM poll_ballots")
        single = len(kept) == 1 and kept[0] in {f'{times}{{"q1":"{each}"}}' for each in "ABC"}
        violations += not single
    assert violations == 0
    assert times > ROUNDS
    assert await line.run("SELECT count(*) FROM facts WHERE kind = 'polls.ballot_cast'") == times


async def test_without_the_key_it_would_be_several_choices(
    session: AsyncSession, line: Line
) -> None:
    throng = await a_throng(session, voters=1)
    await line.cast([throng.vote(0, 0, "A")], Secrecy.RECORDED, RECORD)
    await line.run("ALTER TABLE poll_ballots DROP CONSTRAINT poll_ballots_pkey")
    head, _, rest = RECORD.partition("  ON CONFLICT")
    added = head + "  RETURNING" + rest.partition("  RETURNING")[2]
    await line.cast([throng.vote(0, 0, each) for each in "BC"], Secrecy.RECORDED, added)
    assert await line.run("SELECT count(DISTINCT choice) FROM poll_ballots") == 3


_SHUT = "UPDATE polls SET state = 'closed', closed_at = clock_timestamp() WHERE id = :poll"
_COUNT = {
    Secrecy.RECORDED: "SELECT count(*) FROM poll_ballots WHERE poll_id = :poll",
    Secrecy.SECRET: "SELECT count(*) FROM poll_intake WHERE poll_id = :poll",
}


async def _closes(line: Line, poll: Any, secrecy: Secrecy, *, after: float) -> int:
    """Close the poll on the last connection as the service does: write its row, count, commit."""
    await asyncio.sleep(after)
    connection = line.connections[-1]
    here = {"poll": poll}
    await connection.execute(text("BEGIN"))
    await connection.execute(text(_SHUT), here)
    announced = await connection.scalar(text(_COUNT[secrecy]), here)
    await asyncio.sleep(0.002)
    await connection.execute(text("COMMIT"))
    return int(announced or 0)


async def _closing(line: Line, throng: Throng, round_: int, secrecy: Secrecy, sql: str) -> bool:
    """Everybody votes while the poll is closed; whether all of it goes together."""
    poll = throng.polls[round_]
    votes = [throng.vote(round_, person) for person in range(PARALLEL - 1)]
    announced, done = await asyncio.gather(
        _closes(line, poll, secrecy, after=_chance(round_).uniform(0, 0.02)),
        line.cast(votes, secrecy, sql),
    )
    told = sum(each.outcome == "cast" for each in done)
    late = await line.cast(votes[:1], secrecy, sql)
    stored = await line.run(_COUNT[secrecy], poll=poll)
    refused = all(each.outcome in {"cast", "closed"} for each in done)
    return bool(announced == stored == told and refused and late[0].outcome == "closed")


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_at_the_close_no_vote_is_lost_and_none_comes_after(
    session: AsyncSession, line: Line, secrecy: Secrecy
) -> None:
    throng = await a_throng(session, polls=ROUNDS, voters=PARALLEL - 1, secrecy=secrecy)
    violations = 0
    for round_ in range(ROUNDS):
        violations += not await _closing(line, throng, round_, secrecy, GUARDED[secrecy])
    assert violations == 0
    total = await line.run(f"SELECT count(*) FROM {STORED[secrecy]}")  # noqa: S608
    assert 0 < total < ROUNDS * (PARALLEL - 1), "some came in time and some did not"


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_without_the_shared_lock_votes_would_be_lost_at_the_close(
    session: AsyncSession, line: Line, secrecy: Secrecy
) -> None:
    throng = await a_throng(session, polls=ROUNDS, voters=PARALLEL - 1, secrecy=secrecy)
    loose = GUARDED[secrecy].replace(" FOR SHARE\n", "\n")
    assert loose != GUARDED[secrecy]
    for round_ in range(ROUNDS):
        if not await _closing(line, throng, round_, secrecy, loose):
            return
    pytest.fail("nothing was lost")


async def _strikes(
    line: Line, throng: Throng, person: int, held: asyncio.Event, *, after: float
) -> bool:
    """Strike a vote on the last connection as an objection does; False where it was cast."""
    await asyncio.sleep(after)
    connection = line.connections[-1]
    here = {"poll": throng.polls[0], "person": throng.people[person], "by": throng.community_id}
    await connection.execute(text("BEGIN"))
    await connection.execute(
        text("SELECT FROM polls WHERE id = :poll FOR NO KEY UPDATE"), {"poll": throng.polls[0]}
    )
    held.set()
    cast = await connection.scalar(
        text(
            "SELECT count(*) FROM poll_ballots JOIN poll_voters USING (entry_id)"
            " WHERE poll_voters.poll_id = :poll AND poll_voters.person_id = :person"
        ),
        here,
    )
    await asyncio.sleep(0.002)
    if not cast:
        await connection.execute(
            text("UPDATE poll_voters SET struck_by_id = :by WHERE person_id = :person"), here
        )
    await connection.execute(text("COMMIT"))
    return not cast


async def _striking(line: Line, throng: Throng, person: int, sql: str) -> tuple[bool, bool]:
    """Whether a vote was struck, and whether it was cast, at the same moment.

    Every other time it is cast while the poll is held for the striking.
    """
    votes, held = [throng.vote(0, person) for _ in range(5)], asyncio.Event()

    async def cast() -> list[Cast]:
        if person % 2:
            await held.wait()
        return await line.cast(votes, Secrecy.RECORDED, sql)

    after = _chance(person).uniform(0, 0.004)
    struck, done = await asyncio.gather(_strikes(line, throng, person, held, after=after), cast())
    return struck, any(each.outcome == "cast" for each in done)


async def test_a_vote_that_is_struck_at_the_same_moment_is_struck_or_cast(
    session: AsyncSession, line: Line
) -> None:
    throng = await a_throng(session, voters=ROUNDS)
    await line.run(
        "ALTER TABLE poll_voters DROP CONSTRAINT poll_voters_community_id_struck_by_id_fkey"
    )
    ends = Counter([await _striking(line, throng, person, RECORD) for person in range(ROUNDS)])
    assert ends[True, True] == ends[False, False] == 0
    assert ends[True, False]
    assert ends[False, True]


async def test_without_sharing_the_roll_it_would_be_both(session: AsyncSession, line: Line) -> None:
    throng = await a_throng(session, voters=ROUNDS)
    await line.run(
        "ALTER TABLE poll_voters DROP CONSTRAINT poll_voters_community_id_struck_by_id_fkey"
    )
    loose = RECORD.replace("FOR SHARE OF voter, entry", "")
    assert loose != RECORD
    for person in range(ROUNDS):
        if await _striking(line, throng, person, loose) == (True, True):
            return
    pytest.fail("nothing was struck that was cast")
