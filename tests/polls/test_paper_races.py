"""A vote counts once, on paper or online, whoever comes at the same time."""

import asyncio
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.ids import new_id
from app.core.problems import Problem
from app.people.access import Actor, person
from app.people.models import Person
from app.polls import casting, paper
from app.polls.casting import receipts
from app.polls.casting.statements import RECORD
from app.polls.models import Ballot, Channel, PaperBallot, PaperState, Poll
from app.polls.problems import HasVoted
from app.polls.queries import whole
from tests.people.builders import Caller, facts
from tests.people.conftest import Town
from tests.polls.builders import OpenPoll, an_open_poll

A, B = {"q1": "A"}, {"q1": "B"}


@pytest.fixture
async def opened(session: AsyncSession, town: Town) -> OpenPoll:
    made = await an_open_poll(session, town.root)
    await session.commit()
    return made


async def kept(session: AsyncSession) -> list[tuple[str, str, int]]:
    rows = await session.execute(select(Ballot.choice, Ballot.channel, Ballot.times))
    return [(choice, channel.value, times) for choice, channel, times in rows]


async def test_the_database_wants_two_people_until_its_constraint_is_dropped(
    session: AsyncSession, clerks: list[Person], opened: OpenPoll
) -> None:
    made = await _entered(session, opened, clerks[0])
    alone = (
        "UPDATE poll_paper_ballots SET state = 'counted', read_by_id = entered_by_id WHERE id = :id"
    )
    with pytest.raises(IntegrityError, match="two_people"):
        async with session.begin_nested():
            await session.execute(text(alone), {"id": made.id})

    drop = "ALTER TABLE poll_paper_ballots DROP CONSTRAINT poll_paper_ballots_two_people_check"
    await session.execute(text(drop))

    await session.execute(text(alone), {"id": made.id})
    await session.refresh(made)
    assert made.state is PaperState.COUNTED


async def _entered(
    session: AsyncSession, opened: OpenPoll, by: Person, choice: dict[str, Any] | None = None
) -> PaperBallot:
    actor = await person(session, by.community_id, by.id)
    made = await paper.enter(
        session, opened.poll, opened.entries[0], choice=choice or A, channel=Channel.PAPER, by=actor
    )
    await session.commit()
    return made


async def _online(session: AsyncSession, opened: OpenPoll, choice: dict[str, Any]) -> str:
    who = opened.people[0]
    receipt = await casting.cast(
        session,
        opened.poll,
        person_id=who.id,
        choice=choice,
        channel=Channel.REST,
        by=Actor(who.community_id, "person", who.id),
    )
    return receipt.outcome


@pytest.mark.parametrize("choice", [A, B])
async def test_who_voted_online_votes_on_no_paper(
    session: AsyncSession,
    first: Caller,
    second: Caller,
    clerks: list[Person],
    opened: OpenPoll,
    choice: dict[str, Any],
) -> None:
    waiting = await _entered(session, opened, clerks[0])
    await _online(session, opened, choice)
    await session.commit()
    path = f"/polls/{opened.poll.id}/papers"

    read = await second.post(f"{path}/{waiting.id}/reading", json={"choice": A})
    aside = await second.post(f"{path}/{waiting.id}/discarding")
    late = await first.post(path, json={"code": opened.entries[0].code, "choice": A})

    assert [each.json()["type"] for each in (read, late)] == ["/problems/has-voted"] * 2
    assert aside.json()["state"] == "discarded"
    assert [(row[1], row[2]) for row in await kept(session)] == [("rest", 1)]


@pytest.mark.parametrize("choice", [A, B])
async def test_what_was_counted_on_paper_is_not_changed_online(
    session: AsyncSession,
    second: Caller,
    clerks: list[Person],
    opened: OpenPoll,
    choice: dict[str, Any],
) -> None:
    waiting = await _entered(session, opened, clerks[0])
    path = f"/polls/{opened.poll.id}/papers/{waiting.id}/reading"
    await second.post(path, json={"choice": A})

    with pytest.raises(HasVoted):
        await _online(session, opened, choice)

    assert await kept(session) == [('{"q1":"A"}', "paper", 1)]


async def test_without_its_clause_a_counted_paper_is_changed_online(
    session: AsyncSession,
    second: Caller,
    clerks: list[Person],
    opened: OpenPoll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = await _entered(session, opened, clerks[0])
    path = f"/polls/{opened.poll.id}/papers/{waiting.id}/reading"
    await second.post(path, json={"choice": A})
    clause = "AND before.channel NOT IN ('paper', 'door')"
    assert clause in RECORD
    loose = partial(casting.record_votes, statement=text(RECORD.replace(clause, "")))
    monkeypatch.setattr(receipts, "record_votes", loose)

    assert await _online(session, opened, B) == "changed"

    assert await kept(session) == [('{"q1":"B"}', "rest", 2)]


async def _at_once(sessions: Sessions, opened: OpenPoll, waiting: PaperBallot, by: Person) -> str:
    """Read the paper as the second of two, in a transaction of one's own."""
    async with sessions() as mine:
        poll = await whole(mine, opened.poll.community_id, opened.poll.id)
        assert poll is not None
        seen = await mine.get_one(PaperBallot, (waiting.community_id, waiting.id))
        actor = await person(mine, by.community_id, by.id)
        try:
            await paper.read(mine, poll, seen, choice=A, by=actor)
            await mine.commit()
        except Problem as refused:
            return type(refused).__name__
        return "counted"


@pytest.mark.parametrize("_turn", range(5))
async def test_paper_and_page_at_once_count_once(
    session: AsyncSession, sessions: Sessions, clerks: list[Person], opened: OpenPoll, _turn: int
) -> None:
    waiting = await _entered(session, opened, clerks[0])

    async def online() -> str:
        async with sessions() as mine:
            try:
                outcome = await _online(mine, opened, B)
                await mine.commit()
            except HasVoted:
                return "HasVoted"
            return outcome

    answers = await asyncio.gather(_at_once(sessions, opened, waiting, clerks[1]), online())

    assert list(answers) in (["counted", "HasVoted"], ["HasVoted", "cast"])
    ((_, channel, times),) = await kept(session)
    assert (channel, times) == ("paper" if answers[0] == "counted" else "rest", 1)


async def _two_readers(
    session: AsyncSession, sessions: Sessions, clerks: list[Person], opened: OpenPoll
) -> list[str]:
    waiting = await _entered(session, opened, clerks[0])
    return sorted(
        await asyncio.gather(
            *[_at_once(sessions, opened, waiting, each) for each in clerks[1:] * 2]
        )
    )


async def test_two_second_readers_at_once_count_once(
    session: AsyncSession, sessions: Sessions, clerks: list[Person], opened: OpenPoll
) -> None:
    answers = await _two_readers(session, sessions, clerks, opened)

    assert answers == ["PaperDone"] * 3 + ["counted"]
    assert await kept(session) == [('{"q1":"A"}', "paper", 1)]
    assert len(await facts(session, "polls.paper_counted")) == 1


async def test_without_their_guards_two_second_readers_count_twice(
    session: AsyncSession,
    sessions: Sessions,
    clerks: list[Person],
    opened: OpenPoll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unguarded = paper.READ.replace(" AND state = 'entered'", "")
    assert unguarded != paper.READ
    monkeypatch.setattr(paper, "READ", unguarded)

    async def careless(session: AsyncSession, poll: Poll, seen: PaperBallot, *_: object) -> None:
        values = {"c": poll.community_id, "p": poll.id, "e": seen.entry_id, "x": new_id()}
        await session.execute(
            text(
                "INSERT INTO poll_ballots (community_id, poll_id, entry_id, choice, channel,"
                " cast_at, times) VALUES (:c, :p, :e, CAST(:x AS text), 'paper', now(), 1)"
            ),
            values,
        )

    monkeypatch.setattr(paper, "_count", careless)
    await session.execute(text("ALTER TABLE poll_ballots DROP CONSTRAINT poll_ballots_pkey"))
    await session.commit()

    answers = await _two_readers(session, sessions, clerks, opened)

    assert answers == ["counted"] * 4
    assert await session.scalar(select(func.count()).select_from(Ballot)) == 4
