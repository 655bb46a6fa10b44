"""Who may vote is told: each once, with their own link, however many they are."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import Event, record
from app.notices.models import Delivery
from app.people.access import system
from app.people.models import Person
from app.polls import links
from app.polls.events import PollCancelled, PollExtended, PollOpened, PollPublished
from app.polls.models import Poll, PollResult, PollState
from app.polls.telling import announcing
from tests.chat.builders import Phone, Street
from tests.conftest import Worker
from tests.polls.voting import a_draft, a_vote, voting

Phones = Callable[..., Awaitable[Phone]]


async def happened(session: AsyncSession, worker: Worker, poll: Poll, event: Event) -> None:
    """What follows from this for the poll."""
    await record(session, event, by=system(poll.community_id))
    await session.commit()
    await worker.catch_up()


async def told(session: AsyncSession, purpose: str) -> list[Delivery]:
    rows = select(Delivery).where(Delivery.purpose == purpose).order_by(Delivery.id)
    return list(await session.scalars(rows.execution_options(populate_existing=True)))


async def test_who_may_vote_gets_their_own_link_when_it_opens(
    session: AsyncSession, street: Street, phone: Phones, resident: Phone, worker: Worker
) -> None:
    await phone("没有票的")
    poll = await voting(session, street, resident)

    await happened(session, worker, poll, PollOpened(poll_id=poll.id, entries=1))

    [delivery] = await told(session, announcing.OPENED)
    assert delivery.person_id == resident.person_id
    assert delivery.title == f"请您投票：{poll.title}"
    assert delivery.lines[0] == ["投票", f"{poll.number}号"]
    link = links.opened(str(delivery.link).rpartition("/")[2])
    assert link == links.VotingLink(poll.community_id, poll.id, resident.person_id)


async def test_a_big_roll_is_told_page_by_page_and_nobody_twice(
    session: AsyncSession,
    street: Street,
    phone: Phones,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(announcing, "PAGE", 2)
    phones = [await phone(f"居民{number}") for number in range(5)]
    poll = await voting(session, street, *phones)

    for _ in range(2):
        await happened(session, worker, poll, PollOpened(poll_id=poll.id, entries=5))

    told_people = [each.person_id for each in await told(session, announcing.OPENED)]
    assert len(told_people) == 5
    assert set(told_people) == {each.person_id for each in phones}


async def test_of_two_entries_of_the_register_that_are_one_person_the_kept_one_is_told(
    session: AsyncSession, street: Street, phone: Phones, worker: Worker
) -> None:
    gone, kept = await phone("桂兰"), await phone("李桂兰")
    poll = await voting(session, street, gone)
    await session.execute(
        update(Person).where(Person.id == gone.person_id).values(merged_into_id=kept.person_id)
    )

    await happened(session, worker, poll, PollOpened(poll_id=poll.id, entries=1))

    [delivery] = await told(session, announcing.OPENED)
    assert delivery.person_id == kept.person_id


async def test_what_holds_no_more_is_not_told(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker
) -> None:
    poll = await voting(session, street, resident)
    await announcing.begin(session, poll, announcing.OPENED, once="late")
    poll.state = PollState.CANCELLED
    await session.commit()

    await worker.catch_up()

    assert not await told(session, announcing.OPENED)


async def test_each_extension_is_told(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker
) -> None:
    poll = await voting(session, street, resident)

    for days in (8, 9):
        poll.closes_at = now() + timedelta(days=days)
        await happened(session, worker, poll, PollExtended(poll_id=poll.id))

    assert len(await told(session, announcing.EXTENDED)) == 2


async def test_a_poll_that_nobody_heard_of_is_cancelled_without_a_word(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker
) -> None:
    draft = await a_draft(session, street, state=PollState.CANCELLED)
    await a_vote(session, draft, resident)
    opened = await voting(session, street, resident)
    opened.state, opened.reason = PollState.CANCELLED, "写错了"

    for poll in (draft, opened):
        await happened(session, worker, poll, PollCancelled(poll_id=poll.id))

    [delivery] = await told(session, announcing.CANCELLED)
    assert delivery.about_id == opened.id
    assert delivery.lines[-1] == ["说明", "写错了"]


@pytest.mark.parametrize("public", [True, False])
async def test_the_result_is_told_with_a_page_that_the_reader_may_see(
    session: AsyncSession,
    street: Street,
    resident: Phone,
    worker: Worker,
    *,
    public: bool,
) -> None:
    poll = await voting(session, street, resident, public=public)
    result = {
        "ballots": 1,
        "electorate": {"entries": 1, "area": 0, "attended": None},
        "questions": {"q1": {"answered": 1, "counts": {"A": 0, "B": 1, "C": 0}, "leading": ["B"]}},
    }
    session.add(
        PollResult(community_id=poll.community_id, poll_id=poll.id, ballots=1, result=result)
    )
    poll.state, poll.closed_at = PollState.CLOSED, now()
    await session.flush()
    poll.state, poll.published_at = PollState.PUBLISHED, now()

    await happened(session, worker, poll, PollPublished(poll_id=poll.id))

    [delivery] = await told(session, announcing.RESULT)
    assert delivery.lines[-1][1] == "1 票（名册上共 1 票）\n方案B 1，方案A 0，方案C 0"
    assert (f"/c/yiyi/polls/{poll.number}" in str(delivery.link)) is public
    assert ("/v/" in str(delivery.link)) is not public
