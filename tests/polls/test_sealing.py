"""Secret ballots leave the intake among others, by chance, for links of a chain."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import shift
from app.core.database import Sessions
from app.polls import chain
from app.polls.casting import keep_secret
from app.polls.jobs.sealing import seal_what_is_due
from app.polls.models import Link, Poll, PollPolicy, Secrecy
from app.polls.recount import ballots_head, leaf_of
from app.polls.sealing import FEWEST, seal
from tests.conftest import Worker
from tests.people.builders import facts
from tests.polls.builders import OpenPoll, an_open_poll
from tests.polls.votes import a_vote, rows, says, shut


async def a_full_one(session: AsyncSession, votes: int, *, voters: int = 0) -> OpenPoll:
    """A secret poll in which so many have voted."""
    opened = await an_open_poll(session, secrecy=Secrecy.SECRET, voters=voters or votes)
    await vote(session, opened, range(votes))
    await session.commit()
    return opened


async def vote(session: AsyncSession, opened: OpenPoll, people: range) -> None:
    votes = [a_vote(opened, each, "ABC"[each % 3]) for each in people]
    if votes:
        done = await keep_secret(await session.connection(), votes)
        assert {each.outcome for each in done} == {"cast"}


async def links(session: AsyncSession, poll: Poll) -> list[Link]:
    return list(await session.scalars(select(Link).where(Link.poll_id == poll.id, Link.number > 0)))


@pytest.mark.parametrize("votes", [0, 1, 9, 10, 19])
async def test_too_few_wait_for_others(session: AsyncSession, votes: int) -> None:
    opened = await a_full_one(session, votes, voters=20)
    assert await seal(session, opened.poll) is None
    assert len(await rows(session, "poll_intake", opened.poll)) == votes
    assert not await links(session, opened.poll)


@pytest.mark.parametrize("votes", [20, 21, 45])
async def test_a_batch_leaves_ten_behind(session: AsyncSession, votes: int) -> None:
    opened = await a_full_one(session, votes)
    before = {each["leaf"]: each for each in await rows(session, "poll_intake", opened.poll)}

    link = await seal(session, opened.poll)

    assert link is not None
    sealed = await rows(session, "poll_sealed_ballots", opened.poll)
    waiting = await rows(session, "poll_intake", opened.poll)
    assert (len(sealed), len(waiting), link.size) == (votes - FEWEST, FEWEST, votes - FEWEST)
    for each in (*sealed, *waiting):
        was = before.pop(each["leaf"])
        assert (each["nonce"], each["choice"]) == (was["nonce"], was["choice"])
    assert not before
    assert {each["batch"] for each in sealed} == {link.number} == {1}
    leaves = [each["leaf"] for each in sealed]
    assert link.head == ballots_head(opened.poll.head or b"", 1, leaves)
    *_, told = await facts(session, "polls.head_published")
    assert told == {"poll_id": str(opened.poll.id), "number": 1, "head": link.head.hex()}


async def test_who_stays_behind_is_drawn_by_lot(session: AsyncSession) -> None:
    opened = await a_full_one(session, 20)
    stayed: Counter[bytes] = Counter()
    for _ in range(30):
        nested = await session.begin_nested()
        await seal(session, opened.poll)
        stayed.update(each["leaf"] for each in await rows(session, "poll_intake", opened.poll))
        await nested.rollback()
    assert len(stayed) == 20, "with thirty draws of ten among twenty, everybody stays at some time"
    assert max(stayed.values()) < 30


async def test_sealed_ballots_lie_in_the_order_of_chance(session: AsyncSession) -> None:
    opened = await a_full_one(session, 40)
    await seal(session, opened.poll)
    laid = await session.scalars(text("SELECT leaf FROM poll_sealed_ballots ORDER BY ctid"))
    leaves = list(laid)
    assert leaves == sorted(leaves)


async def test_at_the_close_everything_is_sealed(session: AsyncSession) -> None:
    opened = await a_full_one(session, 25)
    await seal(session, opened.poll)
    await shut(session, opened.poll)
    link = await seal(session, opened.poll, all=True)
    assert link is not None
    assert (link.size, link.payload) == (10, {})
    assert not await rows(session, "poll_intake", opened.poll)
    sealed = await rows(session, "poll_sealed_ballots", opened.poll)
    assert len(sealed) == len(await rows(session, "poll_participations", opened.poll)) == 25
    for each in sealed:
        assert leaf_of(str(opened.poll.id), each["nonce"], each["choice"]) == each["leaf"]
    first, last = await links(session, opened.poll)
    of_last = [each["leaf"] for each in sealed if each["batch"] == 2]
    assert last.head == ballots_head(first.head, 2, of_last)


async def test_a_last_batch_that_is_small_says_so(session: AsyncSession) -> None:
    opened = await a_full_one(session, 3)
    link = await seal(session, opened.poll, all=True)
    assert link is not None
    assert (link.size, link.payload) == (3, {"fewer_than": 10})


async def test_where_nobody_voted_and_where_votes_are_recorded_there_is_nothing_to_seal(
    session: AsyncSession,
) -> None:
    nobody = await a_full_one(session, 0, voters=2)
    recorded = await an_open_poll(session)
    for opened in (nobody, recorded):
        assert await seal(session, opened.poll, all=True) is None
        assert not await links(session, opened.poll)


async def test_a_closed_poll_is_sealed_by_its_close_alone(session: AsyncSession) -> None:
    opened = await a_full_one(session, 30)
    await shut(session, opened.poll)
    assert await seal(session, opened.poll) is None


async def test_two_who_agreed_on_a_nonce_both_count(session: AsyncSession) -> None:
    opened = await a_full_one(session, 0, voters=2)
    twins = [a_vote(opened, each, nonce="f" * 32) for each in (0, 1)]
    await keep_secret(await session.connection(), twins[:1])
    await seal(session, opened.poll, all=True)
    leaf = leaf_of(str(opened.poll.id), "f" * 32, says())
    # The second came while the first was being sealed, and saw it neither here nor there.
    key = {"community_id": opened.poll.community_id, "poll_id": opened.poll.id}
    await session.execute(
        text("INSERT INTO poll_intake VALUES (:community_id, :poll_id, :leaf, :nonce, :choice)"),
        {**key, "leaf": leaf, "nonce": "f" * 32, "choice": says()},
    )

    await seal(session, opened.poll, all=True)

    first, second = sorted(
        await rows(session, "poll_sealed_ballots", opened.poll), key=lambda each: each["batch"]
    )
    assert first["leaf"] == leaf != second["leaf"]
    assert second["choice"] == says()
    assert leaf_of(str(opened.poll.id), second["nonce"], says()) == second["leaf"]


async def _seals(sessions: Sessions, opened: OpenPoll) -> int:
    async with sessions.begin() as session:
        poll = await session.get_one(Poll, (opened.poll.community_id, opened.poll.id))
        link = await seal(session, poll)
        return link.size if link else 0


async def test_two_who_seal_at_once_make_one_batch(
    session: AsyncSession, sessions: Sessions
) -> None:
    opened = await a_full_one(session, 35)
    sizes = await asyncio.gather(*(_seals(sessions, opened) for _ in range(5)))
    assert sorted(sizes) == [0, 0, 0, 0, 25]
    (link,) = await links(session, opened.poll)
    assert link.number == 1


async def test_without_the_lock_of_the_chain_two_would_collide(
    session: AsyncSession, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await a_full_one(session, 35)
    together = asyncio.Barrier(2)

    async def unlocked(session: AsyncSession, poll: Poll) -> Link:
        found = select(Link).where(Link.poll_id == poll.id).order_by(Link.number.desc()).limit(1)
        last = (await session.scalars(found)).one()
        if last.number == 0 and together.n_waiting + 1 <= together.parties:
            await asyncio.wait_for(together.wait(), 5)
        return last

    monkeypatch.setattr(chain, "latest", unlocked)
    done = await asyncio.gather(
        *(_seals(sessions, opened) for _ in range(2)), return_exceptions=True
    )
    assert any(isinstance(each, Exception) for each in done)


async def test_votes_are_taken_while_a_batch_is_sealed(
    session: AsyncSession, sessions: Sessions
) -> None:
    opened = await a_full_one(session, 25, voters=26)
    await seal(session, opened.poll)
    async with sessions.begin() as other:
        await other.execute(text("SET LOCAL lock_timeout = '1s'"))
        await vote(other, opened, range(25, 26))
    await session.commit()
    assert len(await rows(session, "poll_intake", opened.poll)) == 11


async def test_batches_keep_the_distance_that_the_community_wants(
    session: AsyncSession, sessions: Sessions
) -> None:
    opened = await a_full_one(session, 25, voters=60)
    policy = PollPolicy(community_id=opened.poll.community_id, seal_minutes=30)
    session.add(policy)
    await session.commit()

    async def after(minutes: int, people: range) -> int:
        async with sessions.begin() as other:
            await vote(other, opened, people)
        shift(timedelta(minutes=minutes))
        await seal_what_is_due.func(_Context(sessions), 0)
        return len(await links(session, opened.poll))

    assert await after(29, range(0)) == 0
    assert await after(31, range(0)) == 1
    assert await after(59, range(25, 60)) == 1
    assert await after(62, range(0)) == 2
    assert await after(200, range(0)) == 2, "ten stay behind"


class _Context:
    def __init__(self, sessions: Sessions) -> None:
        self.additional_context = {"sessions": sessions}


async def test_a_poll_that_cannot_be_sealed_does_not_keep_the_others(
    session: AsyncSession, worker: Worker
) -> None:
    one, other = await a_full_one(session, 25), await a_full_one(session, 25)
    await session.execute(
        text(f"ALTER TABLE poll_sealed_ballots ADD CHECK (poll_id <> '{one.poll.id}')")
    )
    await session.commit()
    shift(timedelta(minutes=11))
    await seal_what_is_due.func(_Context(worker.sessions), 0)
    assert [len(await links(session, each.poll)) for each in (one, other)] == [0, 1]
