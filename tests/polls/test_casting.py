"""One vote at a time: who may cast it, what is kept of it, and what the voter is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import shift
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people import service as people
from app.people.access import Actor, system
from app.people.models import Person, Role
from app.polls import casting
from app.polls.casting import Receipt, record_votes
from app.polls.models import Basis, Channel, Objection, ObjectionKind, Poll, Secrecy
from app.polls.problems import BallotInvalid, NotOnRoll, PollNotOpen
from tests.people.builders import a_worker, facts
from tests.polls.builders import (
    a_grid,
    a_poll,
    a_voter,
    an_open_poll,
    open_to,
    put_on_roll,
    some_voters,
)
from tests.polls.votes import a_vote, rows, says, shut


async def votes(
    session: AsyncSession, poll: Poll, person: Person, answer: str = "A", **more: Any
) -> Receipt:
    by = Actor(poll.community_id, "person", person.id)
    usual: dict[str, Any] = {"person_id": person.id, "choice": {"q1": answer}, "by": by}
    usual["channel"] = Channel.PAGE
    return await casting.cast(session, poll, **usual | more)


async def test_a_vote_is_kept_with_who_cast_it_and_is_a_fact(session: AsyncSession) -> None:
    opened = await an_open_poll(session)
    poll, voter, entry = opened.poll, opened.people[1], opened.entries[1]

    receipt = await votes(session, poll, voter, "B")

    assert receipt == Receipt("cast", entry.id, None, None, None)
    (kept,) = await rows(session, "poll_ballots", poll)
    assert (kept["entry_id"], kept["choice"], kept["times"]) == (entry.id, says("B"), 1)
    assert (kept["person_id"], kept["channel"]) == (voter.id, "page")
    assert await facts(session, "polls.ballot_cast") == [
        {"poll_id": str(poll.id), "entry_id": str(entry.id), "channel": "page"}
    ]


async def test_a_fact_names_who_cast_the_vote(session: AsyncSession) -> None:
    opened = await an_open_poll(session)
    await votes(session, opened.poll, opened.people[0])
    read = "SELECT subject_id, actor_kind, actor_id FROM facts WHERE kind = 'polls.ballot_cast'"
    fact = (await session.execute(text(read))).one()
    assert tuple(fact) == (opened.poll.id, "person", opened.people[0].id)


async def test_the_same_choice_again_leaves_no_trace(session: AsyncSession) -> None:
    opened = await an_open_poll(session)
    await votes(session, opened.poll, opened.people[0])
    before = await rows(session, "poll_ballots", opened.poll)

    assert (await votes(session, opened.poll, opened.people[0])).outcome == "unchanged"

    assert await rows(session, "poll_ballots", opened.poll) == before
    assert len(await facts(session, "polls.ballot_cast")) == 1


async def test_a_recorded_vote_can_be_changed_and_counts_once(session: AsyncSession) -> None:
    opened = await an_open_poll(session)
    answers = ["A", "B", "A"]
    outcomes = [
        (await votes(session, opened.poll, opened.people[0], each)).outcome for each in answers
    ]
    assert outcomes == ["cast", "changed", "changed"]
    (kept,) = await rows(session, "poll_ballots", opened.poll)
    assert (kept["choice"], kept["times"]) == (says("A"), 3)
    assert len(await facts(session, "polls.ballot_cast")) == 3


async def test_who_is_not_on_the_roll_has_no_vote(session: AsyncSession) -> None:
    grid = await a_grid(session)
    opened = await an_open_poll(session, grid)
    with pytest.raises(NotOnRoll):
        await votes(session, opened.poll, await a_voter(session, grid))
    with pytest.raises(NotOnRoll):
        await votes(session, opened.poll, opened.people[0], entry_id=opened.entries[1].id)
    assert not await rows(session, "poll_ballots", opened.poll)


async def test_a_vote_in_another_poll_is_none_in_this_one(session: AsyncSession) -> None:
    grid = await a_grid(session)
    one, other = await an_open_poll(session, grid), await an_open_poll(session, grid)
    with pytest.raises(NotOnRoll):
        await votes(session, one.poll, other.people[0])
    with pytest.raises(NotOnRoll):
        await votes(session, one.poll, one.people[0], entry_id=other.entries[0].id)


@pytest.mark.parametrize("table", ["poll_entries", "poll_voters"])
@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_what_an_objection_struck_does_not_vote(
    session: AsyncSession, table: str, secrecy: Secrecy
) -> None:
    opened = await an_open_poll(session, secrecy=secrecy)
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
    column = "id" if table == "poll_entries" else "entry_id"
    await session.execute(
        text(f"UPDATE {table} SET struck_by_id = :by WHERE {column} = :entry"),  # noqa: S608
        {"by": objection.id, "entry": opened.entries[0].id},
    )
    with pytest.raises(NotOnRoll):
        await votes(session, opened.poll, opened.people[0])
    assert (await votes(session, opened.poll, opened.people[1])).outcome == "cast"


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_no_vote_is_taken_before_the_opening_or_after_the_close(
    session: AsyncSession, secrecy: Secrecy
) -> None:
    grid = await a_grid(session)
    (voter,) = await some_voters(session, grid, 1)
    poll = await a_poll(session, grid, secrecy=secrecy)
    await put_on_roll(session, poll, voter)
    with pytest.raises(PollNotOpen):
        await votes(session, poll, voter)
    await open_to(session, poll)
    await shut(session, poll)
    with pytest.raises(PollNotOpen):
        await votes(session, poll, voter)


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_the_clock_of_the_database_decides_whether_it_is_in_time(
    session: AsyncSession, secrecy: Secrecy
) -> None:
    over = await an_open_poll(session, secrecy=secrecy, lasts=timedelta(seconds=-1))
    running = await an_open_poll(session, secrecy=secrecy, lasts=timedelta(minutes=1))
    with pytest.raises(PollNotOpen):
        await votes(session, over.poll, over.people[0])
    shift(timedelta(days=2))
    assert (await votes(session, running.poll, running.people[0])).outcome == "cast"
    shift(timedelta(days=-2))
    with pytest.raises(PollNotOpen):
        await votes(session, over.poll, over.people[0])


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_who_may_cast_several_votes_says_which(
    session: AsyncSession, secrecy: Secrecy
) -> None:
    grid = await a_grid(session)
    mother, son = await some_voters(session, grid, 2)
    poll = await a_poll(session, grid, secrecy=secrecy)
    hers = await put_on_roll(session, poll, mother, label="王桂花")
    his = await put_on_roll(session, poll, son, label="王小明")
    third = await put_on_roll(session, poll, son, basis=Basis.PROXY, key="owner:9", label="3-502")
    await open_to(session, poll)

    with pytest.raises(Invalid) as refused:
        await votes(session, poll, son)

    assert refused.value.errors == [
        {"path": "entry_id", "message": f"{his.id} 王小明"},
        {"path": "entry_id", "message": f"{third.id} 3-502"},
    ]
    assert (await votes(session, poll, son, entry_id=third.id)).entry == third.id
    assert (await votes(session, poll, son, "B", entry_id=his.id)).entry == his.id
    assert (await votes(session, poll, mother)).entry == hers.id


async def test_a_household_has_one_vote_whoever_casts_it(session: AsyncSession) -> None:
    grid = await a_grid(session)
    one, other = await some_voters(session, grid, 2)
    poll = await a_poll(session, grid)
    entry = await put_on_roll(session, poll, one, other, basis=Basis.HOUSEHOLD)
    await open_to(session, poll)

    await votes(session, poll, one, "A")
    assert (await votes(session, poll, other, "B")).outcome == "changed"

    (kept,) = await rows(session, "poll_ballots", poll)
    assert (kept["entry_id"], kept["person_id"]) == (entry.id, other.id)
    assert kept["choice"] == says("B")


async def test_a_vote_on_paper_is_the_entrys_and_put_down_to_who_counted_it(
    session: AsyncSession,
) -> None:
    grid = await a_grid(session)
    opened = await an_open_poll(session, grid)
    worker = await a_worker(session, grid, Role.STAFF)
    by = Actor(grid.community_id, "person", worker.id)
    receipt = await casting.cast(
        session,
        opened.poll,
        person_id=None,
        entry_id=opened.entries[0].id,
        choice={"q1": "C"},
        channel=Channel.PAPER,
        by=by,
    )
    assert (receipt.outcome, receipt.entry) == ("cast", opened.entries[0].id)
    (kept,) = await rows(session, "poll_ballots", opened.poll)
    assert (kept["person_id"], kept["channel"]) == (None, "paper")
    read = "SELECT actor_id FROM facts WHERE kind = 'polls.ballot_cast'"
    assert await session.scalar(text(read)) == worker.id


def test_a_vote_is_somebodys_or_one_of_the_rolls() -> None:
    with pytest.raises(ValueError, match="somebody's"):
        casting.Vote(community_id=new_id(), poll_id=new_id(), person_id=None, choice=says())


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_who_was_twice_on_the_register_votes_as_either(
    session: AsyncSession, secrecy: Secrecy
) -> None:
    opened = await an_open_poll(session, secrecy=secrecy)
    was, other = opened.people[:2]
    now_is = await a_voter(session, opened.poll.place)
    await people.merge(session, was, into=now_is, by=system(opened.poll.community_id))

    assert (await votes(session, opened.poll, now_is)).entry == opened.entries[0].id
    assert (await votes(session, opened.poll, other)).entry == opened.entries[1].id


async def test_a_ballot_that_does_not_fit_counts_nothing(session: AsyncSession) -> None:
    opened = await an_open_poll(session)
    for choice in ({"q1": "Z"}, {"q1": ["A"]}, {"q2": "A"}, {}):
        with pytest.raises(BallotInvalid):
            await votes(session, opened.poll, opened.people[0], choice=choice)
    assert not await rows(session, "poll_ballots", opened.poll)
    assert not await facts(session, "polls.ballot_cast")


async def test_of_a_vote_that_comes_twice_together_the_last_one_stays(
    session: AsyncSession,
) -> None:
    opened = await an_open_poll(session)
    together = [a_vote(opened, 0, each) for each in "ABBC"] + [a_vote(opened, 1, "B")]

    done = await record_votes(await session.connection(), together)

    assert [(each.outcome, each.times) for each in done] == [
        *(("cast", 1), ("changed", 2), ("unchanged", 2), ("changed", 3)),
        ("cast", 1),
    ]
    kept = await rows(session, "poll_ballots", opened.poll)
    assert sorted(each["choice"] for each in kept) == [says("B"), says("C")]


async def test_votes_of_several_polls_that_arrive_together_keep_their_own_answers(
    session: AsyncSession,
) -> None:
    grid = await a_grid(session)
    one, other = await an_open_poll(session, grid), await an_open_poll(session, grid)
    secret = await an_open_poll(session, grid, secrecy=Secrecy.SECRET)
    stranger = a_vote(one, 0, person_id=other.people[0].id)
    await shut(session, other.poll)

    done = await record_votes(
        await session.connection(), [a_vote(other), a_vote(one), a_vote(secret), stranger]
    )

    assert [each.outcome for each in done] == ["closed", "cast", "closed", "not_on_roll"]
