"""Counting a poll where its ballots lie."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.polls import recount
from app.polls.counting import checked, result_of
from app.polls.forms import Form, Matter, Method
from app.polls.models import (
    Attendance,
    Ballot,
    Channel,
    Entry,
    Intake,
    Objection,
    ObjectionKind,
    ObjectionState,
    Participation,
    Poll,
    PollKind,
    SealedBallot,
    Secrecy,
    Voter,
)
from tests.polls.builders import a_form, a_question, an_open_poll

YES_NO = a_form(a_question(method=Method.YES_NO))


async def vote(session: AsyncSession, poll: Poll, entry: Entry, answer: str) -> None:
    session.add(
        Ballot(
            community_id=poll.community_id,
            poll_id=poll.id,
            entry_id=entry.id,
            choice=checked(Form.model_validate(poll.form), {"q1": answer}),
            channel=Channel.PAGE,
            cast_at=now(),
        )
    )
    await session.flush()


async def strike(session: AsyncSession, poll: Poll, entry: Entry) -> None:
    voter = select(Voter.person_id).where(Voter.entry_id == entry.id)
    objection = Objection(
        community_id=poll.community_id,
        poll_id=poll.id,
        person_id=(await session.scalars(voter)).one(),
        kind=ObjectionKind.NOT_ENTITLED,
        text="已搬走",
        state=ObjectionState.UPHELD,
        decided_at=now(),
    )
    session.add(objection)
    await session.flush()
    entry.struck_by_id = objection.id
    await session.flush()


async def test_recorded_ballots_are_grouped_with_their_areas(session: AsyncSession) -> None:
    form = a_form(a_question(method=Method.YES_NO, matter=Matter.PROPERTY_COMPANY))
    held = await an_open_poll(
        session, kind=PollKind.ASSEMBLY, form=form, areas=[9_000, 8_001, 12_000, 7_000]
    )
    for entry, answer in zip(held.entries, ["yes", "yes", "no"], strict=False):
        await vote(session, held.poll, entry, answer)

    result = await result_of(session, held.poll)

    assert result["ballots"] == 3
    assert result["electorate"] == {"entries": 4, "area": 36_001, "attended": None}
    decision = result["questions"]["q1"]["decision"]
    assert decision["agree"] == {"heads": 2, "area": 17_001}
    assert decision["participating"] == {"heads": 3, "area": 29_001}
    assert decision["total"] == {"heads": 4, "area": 36_001}
    assert decision["passed"]


async def test_what_was_struck_from_the_roll_counts_nowhere(session: AsyncSession) -> None:
    held = await an_open_poll(session, kind=PollKind.MEETING, form=YES_NO, areas=[1, 10, 100])
    for entry in held.entries:
        await vote(session, held.poll, entry, "yes")
        await attend(session, held.poll, entry)

    await strike(session, held.poll, held.entries[2])

    result = await result_of(session, held.poll)
    assert result["ballots"] == 2
    assert result["electorate"] == {"entries": 2, "area": 11, "attended": 2}


async def attend(session: AsyncSession, poll: Poll, entry: Entry) -> None:
    session.add(Attendance(community_id=poll.community_id, poll_id=poll.id, entry_id=entry.id))
    await session.flush()


async def test_who_came_and_who_voted_attended_once(session: AsyncSession) -> None:
    held = await an_open_poll(session, kind=PollKind.MEETING, form=YES_NO, voters=5)
    await attend(session, held.poll, held.entries[0])
    await attend(session, held.poll, held.entries[1])
    await vote(session, held.poll, held.entries[1], "yes")
    await vote(session, held.poll, held.entries[2], "yes")

    result = await result_of(session, held.poll)

    assert result["electorate"]["attended"] == 3
    assert result["questions"]["q1"]["decision"] == {
        "electorate": 5,
        "attended": 3,
        "quorum": True,
        "carried": "yes",
    }


async def test_secret_ballots_are_counted_as_they_are_sealed_and_weigh_nothing(
    session: AsyncSession,
) -> None:
    held = await an_open_poll(
        session, kind=PollKind.MEETING, form=YES_NO, secrecy=Secrecy.SECRET, areas=[5, 5, 5]
    )
    poll = held.poll
    for number, (entry, answer) in enumerate(zip(held.entries, ["yes", "yes", "no"], strict=True)):
        choice = checked(YES_NO, {"q1": answer})
        leaf = recount.leaf_of(str(poll.id), str(number), choice)
        ours = {"community_id": poll.community_id, "poll_id": poll.id}
        ballot = {"leaf": leaf, "nonce": str(number), "choice": choice}
        session.add(Participation(**ours, entry_id=entry.id))
        sealed = number < 2
        session.add(SealedBallot(**ours, **ballot, batch=1) if sealed else Intake(**ours, **ballot))
    await session.flush()

    result = await result_of(session, poll)

    assert result["ballots"] == 2
    assert result["electorate"]["attended"] == 3
    assert result["questions"]["q1"]["counts"] == {"yes": 2, "no": 0, "abstain": 0}


async def test_another_polls_ballots_are_its_own(session: AsyncSession) -> None:
    held = await an_open_poll(session, form=YES_NO)
    other = await an_open_poll(session, held.poll.place, form=YES_NO)
    await vote(session, held.poll, held.entries[0], "yes")
    await vote(session, other.poll, other.entries[0], "no")

    result = await result_of(session, held.poll)

    assert result["questions"]["q1"]["counts"] == {"yes": 1, "no": 0, "abstain": 0}
    assert result["electorate"]["entries"] == 3


async def test_the_recount_of_the_stored_ballots_is_the_same(session: AsyncSession) -> None:
    form = a_form(a_question(method=Method.YES_NO, matter=Matter.REBUILDING))
    held = await an_open_poll(
        session, kind=PollKind.ASSEMBLY, form=form, areas=[100, 200, 300, 400]
    )
    votes = [("yes", 100), ("no", 200), ("yes", 300)]
    for entry, (answer, _) in zip(held.entries, votes, strict=False):
        await vote(session, held.poll, entry, answer)

    result = await result_of(session, held.poll)

    one_by_one = [(checked(form, {"q1": answer}), 1, area) for answer, area in votes]
    definition = {"kind": "assembly", "form": held.poll.form}
    total = {"entries": 4, "area": 1_000, "attended": None}
    assert result == recount.tally(definition, one_by_one, total)
