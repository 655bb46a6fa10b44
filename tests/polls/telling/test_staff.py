"""Staff are told what waits for them, and people what was decided about them."""

from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.people.models import Role
from app.polls.events import (
    ObjectionDecided,
    ObjectionRaised,
    PaperDisputed,
    PollProposed,
    PollRefused,
)
from app.polls.models import (
    Channel,
    Objection,
    ObjectionKind,
    ObjectionState,
    PaperBallot,
    PaperBox,
    PaperState,
    Poll,
    PollState,
    Secrecy,
)
from app.polls.telling import staff
from tests.chat.builders import Phone, Street
from tests.conftest import Worker
from tests.polls.telling.test_people import Phones, happened, told
from tests.polls.voting import a_draft, a_vote, voting


async def an_objection(session: AsyncSession, poll: Poll, about: Phone) -> Objection:
    objection = Objection(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        person_id=about.person_id,
        kind=ObjectionKind.MISSING,
        text="我家也在这里",
    )
    session.add(objection)
    await session.commit()
    return objection


async def test_who_runs_polls_there_is_told_of_a_proposal_and_nobody_else(
    session: AsyncSession,
    street: Street,
    resident: Phone,
    phone: Phones,
    manager_phone: Phone,
    worker: Worker,
) -> None:
    here = await phone("包片", role=Role.LEADER, at="/G1/")
    await phone("别处", role=Role.LEADER, at="/G1/7/")
    poll = await a_draft(
        session, street, state=PollState.PROPOSED, proposed_by_id=resident.person_id
    )

    for _ in range(2):
        await happened(session, worker, poll, PollProposed(poll_id=poll.id))

    who = {each.person_id for each in await told(session, staff.ATTENTION)}
    assert who == {here.person_id, manager_phone.person_id}
    assert len(await told(session, staff.ATTENTION)) == 2


async def test_whoever_proposed_it_is_told_why_it_is_refused(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker
) -> None:
    poll = await a_draft(
        session,
        street,
        state=PollState.REFUSED,
        proposed_by_id=resident.person_id,
        reason="已经有一个了",
    )

    await happened(session, worker, poll, PollRefused(poll_id=poll.id))

    [delivery] = await told(session, staff.REFUSED)
    assert delivery.person_id == resident.person_id
    assert delivery.lines[-1] == ["说明", "已经有一个了"]


async def test_an_objection_is_told_to_who_decides_and_its_outcome_to_whom_it_is_about(
    session: AsyncSession,
    street: Street,
    resident: Phone,
    phone: Phones,
    manager_phone: Phone,
    worker: Worker,
) -> None:
    await phone("社工", role=Role.STAFF)
    poll = await voting(session, street, resident)
    objection = await an_objection(session, poll, resident)
    ids = {"poll_id": poll.id, "objection_id": objection.id}

    await happened(session, worker, poll, ObjectionRaised(**ids))
    objection.state, objection.answer = ObjectionState.UPHELD, "查到了"
    objection.decided_at = now()
    await happened(session, worker, poll, ObjectionDecided(**ids, upheld=True))

    [raised] = await told(session, staff.ATTENTION)
    assert raised.person_id == manager_phone.person_id
    [decided] = await told(session, staff.OBJECTION)
    assert decided.person_id == resident.person_id
    assert decided.title == "您对名册的异议成立，名册已更改，可以投票了"
    assert decided.lines[-1] == ["说明", "查到了"]


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_both_readers_are_told_that_they_read_different_things_and_not_what(
    session: AsyncSession,
    street: Street,
    resident: Phone,
    phone: Phones,
    worker: Worker,
    secrecy: Secrecy,
) -> None:
    readers = [await phone(name, role=Role.STAFF) for name in ("甲", "乙")]
    poll = await a_draft(session, street, secrecy=secrecy)
    entry = await a_vote(session, poll, resident)
    both = [each.person_id for each in readers]
    paper = _paper(poll, entry.id, both) if secrecy is Secrecy.RECORDED else _box(poll, both)
    session.add(paper)
    await session.flush()

    await happened(session, worker, poll, PaperDisputed(poll_id=poll.id, paper_id=paper.id))

    found = await told(session, staff.ATTENTION)
    assert {each.person_id for each in found} == set(both)
    assert "q1" not in str([each.lines for each in found])


def _paper(poll: Poll, entry_id: UUID, both: list[UUID]) -> PaperBallot:
    return PaperBallot(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        entry_id=entry_id,
        channel=Channel.PAPER,
        choice='{"q1":"A"}',
        second_choice='{"q1":"B"}',
        state=PaperState.DIFFERS,
        entered_by_id=both[0],
        read_by_id=both[1],
    )


def _box(poll: Poll, both: list[UUID]) -> PaperBox:
    return PaperBox(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        digest=b"\0" * 32,
        size=10,
        state=PaperState.DIFFERS,
        entered_by_id=both[0],
        read_by_id=both[1],
    )
