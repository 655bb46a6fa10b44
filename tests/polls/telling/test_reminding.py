"""Who has not voted is reminded once before the close, and by hand once a day."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.database import Sessions
from app.core.facts import Fact
from app.notices.models import Delivery
from app.people.access import person
from app.people.models import Person
from app.polls import casting
from app.polls.events import RemindersSent
from app.polls.models import Basis, Channel, Poll, Secrecy
from app.polls.service import policies
from app.polls.telling import announcing, reminding
from tests.chat.builders import Phone, Street
from tests.conftest import Client, Worker
from tests.people.builders import token_of
from tests.polls.builders import open_to
from tests.polls.telling.test_people import Phones, told
from tests.polls.voting import a_draft, a_vote, voting

SOON = timedelta(hours=25)
"""A term whose last day has an hour to go."""


async def vote(session: AsyncSession, poll: Poll, phone: Phone) -> None:
    by = await person(session, poll.community_id, phone.person_id)
    nonce = "0" * 32 if poll.secrecy is Secrecy.SECRET else None
    await casting.cast(
        session,
        poll,
        person_id=phone.person_id,
        choice={"q1": "A"},
        channel=Channel.REST,
        nonce=nonce,
        by=by,
    )
    await session.commit()


async def later(sessions: Sessions, worker: Worker, hours: int) -> None:
    """Let so many hours go by, and the job look at it twice."""
    clock.shift(timedelta(hours=hours))
    for _ in range(2):
        await reminding.remind_all_due(sessions)
    await worker.catch_up()


async def reminded(session: AsyncSession) -> list[Delivery]:
    return await told(session, announcing.REMINDER)


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_who_has_not_voted_is_reminded_once(
    session: AsyncSession,
    sessions: Sessions,
    street: Street,
    phone: Phones,
    resident: Phone,
    worker: Worker,
    secrecy: Secrecy,
) -> None:
    other = await phone("王秀英")
    poll = await voting(session, street, resident, other, secrecy=secrecy, lasts=SOON)
    await vote(session, poll, other)

    await later(sessions, worker, 0)
    assert not await reminded(session)

    await later(sessions, worker, 2)
    [delivery] = await reminded(session)
    assert delivery.person_id == resident.person_id
    assert delivery.title == f"您还没有投票：{poll.title}"
    assert "/v/" in str(delivery.link)

    await later(sessions, worker, 20)
    assert len(await reminded(session)) == 1
    [fact] = await session.scalars(select(Fact).where(Fact.kind == RemindersSent.kind))
    assert fact.payload == {"poll_id": str(poll.id), "people": 1}


async def test_who_votes_for_several_is_reminded_once_until_all_are_cast(
    session: AsyncSession, sessions: Sessions, street: Street, resident: Phone, worker: Worker
) -> None:
    poll = await a_draft(session, street, lasts=SOON)
    for key, basis in (("a", Basis.SELF), ("b", Basis.PROXY), ("c", Basis.PROXY)):
        await a_vote(session, poll, resident, key=key, basis=basis)
    await open_to(session, poll)
    await session.commit()

    await later(sessions, worker, 2)

    [delivery] = await reminded(session)
    assert delivery.lines[-1][1].endswith("您有 3 票可以投")


async def test_nobody_is_reminded_where_the_community_wants_none(
    session: AsyncSession, sessions: Sessions, street: Street, resident: Phone, worker: Worker
) -> None:
    await voting(session, street, resident, lasts=SOON)
    policy = await policies.of(session, street.community.id)
    policy.remind_hours = 0
    await session.commit()

    await later(sessions, worker, 2)

    assert not await reminded(session)


async def test_a_poll_that_opens_within_its_last_day_reminds_nobody_at_once(
    session: AsyncSession, sessions: Sessions, street: Street, resident: Phone, worker: Worker
) -> None:
    await voting(session, street, resident, lasts=timedelta(hours=20))

    await later(sessions, worker, 1)

    assert not await reminded(session)


async def test_after_an_extension_the_new_close_is_reminded_of(
    session: AsyncSession, sessions: Sessions, street: Street, resident: Phone, worker: Worker
) -> None:
    poll = await voting(session, street, resident, lasts=SOON)
    await later(sessions, worker, 2)
    await session.refresh(poll, ["closes_at", "reminded_at", "version"])
    assert poll.closes_at
    poll.closes_at += timedelta(days=3)
    await session.commit()

    await later(sessions, worker, 26)
    assert len(await reminded(session)) == 1
    await later(sessions, worker, 2 + 3 * 24)
    assert len(await reminded(session)) == 2


async def test_staff_remind_by_hand_once_a_day(
    session: AsyncSession,
    street: Street,
    phone: Phones,
    resident: Phone,
    manager_phone: Phone,
    worker: Worker,
    client: Client,
) -> None:
    poll = await voting(session, street, resident, await phone("王秀英"))
    path = f"/api/v1/polls/{poll.id}/reminders"
    theirs, managers = [await _token(session, poll, each) for each in (resident, manager_phone)]

    assert (await client.with_token(theirs).post(path)).status_code == 403
    first = await client.with_token(managers).post(path)
    second = await client.post(path)

    assert (first.status_code, first.json()) == (200, {"people": 2})
    assert (second.status_code, second.json()["type"]) == (409, "/problems/reminded-today")
    await session.commit()
    await worker.catch_up()
    assert len(await reminded(session)) == 2

    clock.shift(timedelta(hours=25))
    assert (await client.post(path)).json() == {"people": 2}


async def test_of_a_poll_that_is_over_nobody_is_reminded(
    session: AsyncSession, street: Street, resident: Phone, manager_phone: Phone, client: Client
) -> None:
    poll = await voting(session, street, resident, lasts=timedelta(microseconds=1))
    token = await _token(session, poll, manager_phone)

    answer = await client.with_token(token).post(f"/api/v1/polls/{poll.id}/reminders")

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/poll-not-open")


async def _token(session: AsyncSession, poll: Poll, phone: Phone) -> str:
    """A token with which this person calls."""
    holder = await session.get_one(Person, (poll.community_id, phone.person_id))
    token = token_of(session, holder)
    await session.commit()
    return token
