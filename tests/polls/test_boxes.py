"""Secret votes on paper: by the box, twice the same, never paired."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.problems import Problem
from app.people.access import Actor, person
from app.people.models import Person
from app.polls import boxes, casting
from app.polls.models import (
    Channel,
    Intake,
    PaperBox,
    Participation,
    PollState,
    Secrecy,
)
from app.polls.problems import HasVoted
from app.polls.queries import whole
from app.polls.recount import leaf_of
from tests.people.builders import Caller, facts
from tests.people.conftest import Town
from tests.polls.builders import OpenPoll, an_open_poll

A, B = {"q1": "A"}, {"q1": "B"}


@pytest.fixture
async def opened(session: AsyncSession, town: Town) -> OpenPoll:
    made = await an_open_poll(session, town.root, voters=12, secrecy=Secrecy.SECRET)
    await session.commit()
    return made


def box_of(opened: OpenPoll, *, a: int = 7, b: int = 3, skip: int = 0) -> dict[str, Any]:
    entries = opened.entries[skip : skip + a + b]
    return {
        "entries": [entry.code for entry in entries],
        "choices": [{"choice": A, "count": a}, {"choice": B, "count": b}],
    }


async def taken(session: AsyncSession) -> tuple[int, Counter[str]]:
    """How many took part, and what was voted."""
    took_part = (await session.scalars(select(Participation))).all()
    return len(took_part), Counter(await session.scalars(select(Intake.choice)))


async def test_a_box_counts_when_a_second_person_enters_the_same(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/boxes"
    asked = box_of(opened)
    turned = {
        "entries": asked["entries"][::-1],
        "choices": [{"choice": B, "count": 3}, *[{"choice": A, "count": 1}] * 7],
    }

    entered = await first.post(path, json=asked)
    before = await taken(session)
    read = await second.post(f"{path}/{entered.json()['id']}/reading", json=turned)

    assert (entered.status_code, before) == (201, (0, Counter())), entered.text
    assert (read.status_code, read.json()["state"]) == (200, "counted"), read.text
    assert await taken(session) == (10, Counter({'{"q1":"A"}': 7, '{"q1":"B"}': 3}))
    for each in await session.scalars(select(Intake)):
        assert each.leaf == leaf_of(str(opened.poll.id), each.nonce, each.choice)
        assert len(each.nonce) == 32
    assert [f["paper_id"] for f in await facts(session, "polls.paper_counted")] == [
        read.json()["id"]
    ]
    assert await facts(session, "polls.ballot_cast") == []


async def test_of_a_box_only_a_digest_is_kept_and_nothing_is_told(
    session: AsyncSession, first: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/boxes"

    entered = await first.post(path, json=box_of(opened))

    listed = await first.get(path)
    assert [each["size"] for each in listed.json()["items"]] == [10]
    assert "q1" not in entered.text + listed.text
    (box,) = await session.scalars(select(PaperBox))
    assert len(box.digest) == 32


async def test_what_was_in_the_box_does_not_stand_in_the_order_of_who_took_part(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/boxes"
    entered = (await first.post(path, json=box_of(opened))).json()
    await second.post(f"{path}/{entered['id']}/reading", json=box_of(opened))

    took_part = await session.execute(
        text("SELECT entry_id FROM poll_participations ORDER BY ctid")
    )
    leaves = await session.execute(text("SELECT leaf FROM poll_intake ORDER BY ctid"))

    for found in (took_part.scalars().all(), leaves.scalars().all()):
        assert found == sorted(found)


async def test_two_who_enter_different_boxes_count_nothing(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/boxes"
    entered = (await first.post(path, json=box_of(opened))).json()

    alone = await first.post(f"{path}/{entered['id']}/reading", json=box_of(opened))
    differs = await second.post(f"{path}/{entered['id']}/reading", json=box_of(opened, a=6, b=4))
    again = await second.post(f"{path}/{entered['id']}/reading", json=box_of(opened))
    aside = await second.post(f"{path}/{entered['id']}/discarding")
    others = (await first.post(path, json=box_of(opened))).json()
    voters = await second.post(f"{path}/{others['id']}/reading", json=box_of(opened, skip=1))

    assert alone.json()["type"] == "/problems/same-person"
    assert (differs.status_code, differs.json()["state"]) == (200, "differs")
    assert again.json()["type"] == "/problems/paper-done"
    assert aside.json()["state"] == "discarded"
    assert voters.json()["state"] == "differs"
    assert await taken(session) == (0, Counter())


async def test_a_box_of_fewer_than_ten_is_refused_with_the_reason(
    session: AsyncSession, first: Caller, opened: OpenPoll
) -> None:
    answer = await first.post(f"/polls/{opened.poll.id}/boxes", json=box_of(opened, a=6))

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/box-too-small")
    assert answer.json()["title"]
    assert (await session.scalars(select(PaperBox))).all() == []


async def test_a_box_that_makes_no_sense_is_refused(
    session: AsyncSession, first: Caller, opened: OpenPoll
) -> None:
    asked = box_of(opened)
    wrong = [
        {**asked, "choices": [{"choice": A, "count": 9}]},
        {**asked, "entries": [*asked["entries"][:9], asked["entries"][0]]},
        {**asked, "entries": [*asked["entries"][:9], "NOBODY"]},
        {**asked, "choices": [{"choice": {"q1": "Z"}, "count": 10}]},
        {**asked, "choices": [{"choice": A, "count": 0}]},
    ]

    answers = [await first.post(f"/polls/{opened.poll.id}/boxes", json=each) for each in wrong]

    assert [each.status_code for each in answers] == [422] * 5
    paths = [each.json()["errors"][0]["path"] for each in answers]
    assert paths[:3] == ["body.choices", "body.entries", "body.entries.9"]


async def test_a_box_with_somebody_who_has_voted_is_refused_whole(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/boxes"
    entered = (await first.post(path, json=box_of(opened))).json()
    await _online(session, opened, 4)
    await session.commit()

    read = await second.post(f"{path}/{entered['id']}/reading", json=box_of(opened))
    late = await first.post(path, json=box_of(opened))

    for answer in (read, late):
        assert answer.status_code == 422
        assert [each["path"] for each in answer.json()["errors"]] == ["body.entries.4"]
    assert await taken(session) == (1, Counter({'{"q1":"A"}': 1}))
    assert await session.scalar(select(PaperBox.state)) == "entered"


async def test_who_was_in_a_box_does_not_vote_again(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/boxes"
    entered = (await first.post(path, json=box_of(opened))).json()
    await second.post(f"{path}/{entered['id']}/reading", json=box_of(opened))

    with pytest.raises(HasVoted):
        await _online(session, opened, 0)


async def test_recorded_votes_have_no_box_and_secret_ones_no_single_papers(
    session: AsyncSession, town: Town, first: Caller, opened: OpenPoll
) -> None:
    recorded = await an_open_poll(session, town.root, voters=10)
    await session.commit()

    box = await first.post(f"/polls/{recorded.poll.id}/boxes", json=box_of(recorded))
    single = await first.post(
        f"/polls/{opened.poll.id}/papers", json={"code": opened.entries[0].code, "choice": A}
    )

    assert [each.json()["type"] for each in (box, single)] == ["/problems/poll-step"] * 2


async def test_a_box_that_comes_too_late_is_not_counted(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/boxes"
    entered = (await first.post(path, json=box_of(opened))).json()
    late = "UPDATE polls SET state = 'closed', closed_at = now() WHERE id = :id"
    await session.execute(text(late), {"id": opened.poll.id})
    await session.commit()

    read = await second.post(f"{path}/{entered['id']}/reading", json=box_of(opened))

    assert (read.status_code, read.json()["type"]) == (409, "/problems/poll-not-open")
    assert opened.poll.state is PollState.OPEN
    assert await taken(session) == (0, Counter())


async def test_a_box_that_comes_after_the_time_is_not_counted_before_anybody_closes_the_poll(
    session: AsyncSession, town: Town, first: Caller, second: Caller
) -> None:
    gone = timedelta(seconds=-1)
    over = await an_open_poll(session, town.root, voters=10, secrecy=Secrecy.SECRET, lasts=gone)
    await session.commit()
    path = f"/polls/{over.poll.id}/boxes"
    entered = (await first.post(path, json=box_of(over))).json()

    read = await second.post(f"{path}/{entered['id']}/reading", json=box_of(over))

    assert (read.status_code, read.json()["type"]) == (409, "/problems/poll-not-open")
    assert await taken(session) == (0, Counter())


async def _online(session: AsyncSession, opened: OpenPoll, which: int) -> str:
    who = opened.people[which]
    receipt = await casting.cast(
        session,
        opened.poll,
        person_id=who.id,
        choice=A,
        channel=Channel.REST,
        by=Actor(who.community_id, "person", who.id),
    )
    return receipt.outcome


async def _read_at_once(sessions: Sessions, opened: OpenPoll, box: PaperBox, by: Person) -> str:
    async with sessions() as mine:
        poll = await whole(mine, opened.poll.community_id, opened.poll.id)
        assert poll is not None
        seen = await mine.get_one(PaperBox, (box.community_id, box.id))
        actor = await person(mine, by.community_id, by.id)
        codes = [entry.code for entry in opened.entries[:10]]
        try:
            await boxes.read(mine, poll, seen, entries=codes, choices=[(A, 10)], by=actor)
            await mine.commit()
        except Problem as refused:
            return type(refused).__name__
        return "counted"


async def _entered(session: AsyncSession, opened: OpenPoll, by: Person) -> PaperBox:
    actor = await person(session, by.community_id, by.id)
    codes = [entry.code for entry in opened.entries[:10]]
    box = await boxes.enter(session, opened.poll, entries=codes, choices=[(A, 10)], by=actor)
    await session.commit()
    return box


@pytest.mark.parametrize("_turn", range(3))
async def test_a_box_and_a_vote_online_at_once_count_once(
    session: AsyncSession, sessions: Sessions, clerks: list[Person], opened: OpenPoll, _turn: int
) -> None:
    box = await _entered(session, opened, clerks[0])

    async def online() -> str:
        async with sessions() as mine:
            try:
                outcome = await _online(mine, opened, 9)
                await mine.commit()
            except HasVoted:
                return "HasVoted"
            return outcome

    answers = await asyncio.gather(_read_at_once(sessions, opened, box, clerks[1]), online())

    assert list(answers) in (["counted", "HasVoted"], ["Invalid", "cast"])
    took_part, papers = await taken(session)
    assert took_part == papers.total() == (10 if answers[0] == "counted" else 1)


async def test_two_second_readers_of_a_box_at_once_count_it_once(
    session: AsyncSession, sessions: Sessions, clerks: list[Person], opened: OpenPoll
) -> None:
    box = await _entered(session, opened, clerks[0])

    answers = await asyncio.gather(
        *[_read_at_once(sessions, opened, box, each) for each in clerks[1:] * 2]
    )

    assert sorted(answers) == ["PaperDone"] * 3 + ["counted"]
    assert await taken(session) == (10, Counter({'{"q1":"A"}': 10}))


async def test_without_its_key_a_box_counts_who_has_voted(
    session: AsyncSession, sessions: Sessions, clerks: list[Person], opened: OpenPoll
) -> None:
    box = await _entered(session, opened, clerks[0])
    await _online(session, opened, 9)
    drop = "ALTER TABLE poll_participations DROP CONSTRAINT poll_participations_pkey"
    await session.execute(text(drop))
    await session.commit()

    assert await _read_at_once(sessions, opened, box, clerks[1]) == "counted"

    assert await taken(session) == (11, Counter({'{"q1":"A"}': 11}))
