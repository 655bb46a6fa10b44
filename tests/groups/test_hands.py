"""Shows of hands: asked, raised, moved, counted."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.database import Sessions
from app.core.facts import Fact
from app.core.problems import Invalid
from app.core.sending import Failed
from app.groups import hands
from app.groups.chains.merge import Sender
from app.groups.models import Group, Hand, Show
from app.groups.platforms import Address, Words, platforms
from app.groups.problems import NotAManager, ShowIsClosed, ShowIsOpen
from app.people.access import Actor, system
from tests.conftest import Worker
from tests.locks import somebody_waits
from tests.service_requests.conftest import People

HEAD = Sender("head", runs=True)


async def ask(
    session: AsyncSession, group: Group, *, minutes: int = 60, sender: Sender = HEAD
) -> Show:
    show = await hands.ask(
        session,
        group,
        "周六还是周日团建？",
        ["周六", "周日"],
        lasts=timedelta(minutes=minutes),
        sender=sender,
        by=system(group.community_id),
    )
    await session.commit()
    return show


async def up(
    sessions: Sessions, show: Show, option: int, sender_id: str, by: Actor | None = None
) -> None:
    by = by or system(show.community_id)
    async with sessions.begin() as session:
        await hands.raise_hand(session, show, option, sender_id=sender_id, by=by)


class Loud:
    """A platform that takes everything it is given, or what it is told to do."""

    needs = ()
    dedupes = False

    def __init__(self) -> None:
        self.said: list[str] = []
        self.failures: list[Failed] = []

    async def send(self, _to: Address, words: Words) -> str | None:
        self.said.append(words.text)
        if self.failures:
            raise self.failures.pop()
        return None


@pytest.fixture
def loud(group: Group, monkeypatch: pytest.MonkeyPatch) -> Loud:
    platform = Loud()
    monkeypatch.setattr(platforms, "get", lambda _name: platform)
    return platform


async def test_hands_are_counted_by_option(
    sessions: Sessions, session: AsyncSession, group: Group
) -> None:
    show = await ask(session, group)

    for option, sender in [(1, "a"), (2, "b"), (2, "c")]:
        await up(sessions, show, option, sender)

    assert await hands.counts(session, show) == [1, 2]
    kinds = list(await session.scalars(select(Fact.kind).order_by(Fact.id)))[-4:]
    assert kinds == ["hands.opened", *["hands.raised"] * 3]


async def test_only_who_runs_the_group_asks(session: AsyncSession, group: Group) -> None:
    with pytest.raises(NotAManager):
        await ask(session, group, sender=Sender("a"))


async def test_there_is_one_question_at_a_time(session: AsyncSession, group: Group) -> None:
    await ask(session, group)

    with pytest.raises(ShowIsOpen):
        await ask(session, group)


@pytest.mark.parametrize("options", [["周六"], ["周六", "周六"], [str(n) for n in range(10)]])
async def test_a_question_has_a_few_different_options(
    session: AsyncSession, group: Group, options: list[str]
) -> None:
    with pytest.raises(Invalid):
        await hands.ask(
            session, group, "好吗？", options, sender=HEAD, by=system(group.community_id)
        )


async def test_a_hand_may_be_moved(sessions: Sessions, session: AsyncSession, group: Group) -> None:
    show = await ask(session, group)

    await up(sessions, show, 1, "a")
    await up(sessions, show, 2, "a")

    assert await hands.counts(session, show) == [0, 1]


@pytest.mark.parametrize("option", [0, 3, -1])
async def test_there_is_no_other_option(session: AsyncSession, group: Group, option: int) -> None:
    show = await ask(session, group)

    with pytest.raises(Invalid):
        await hands.raise_hand(session, show, option, sender_id="a", by=system(group.community_id))


async def test_a_person_has_one_hand_whatever_account_it_is_from(
    sessions: Sessions, session: AsyncSession, group: Group, people: People
) -> None:
    show = await ask(session, group)
    person = Actor(group.community_id, "person", people.resident.id)

    await up(sessions, show, 1, "a")
    await up(sessions, show, 1, "a", person)
    await up(sessions, show, 2, "b", person)

    assert await hands.counts(session, show) == [0, 1]


async def test_raised_at_once_by_one_sender_it_is_one_hand(
    sessions: Sessions, session: AsyncSession, group: Group
) -> None:
    show = await ask(session, group)

    await asyncio.gather(*(up(sessions, show, 1 + n % 2, "a") for n in range(6)))

    assert sum(await hands.counts(session, show)) == 1


async def test_raised_at_once_from_several_accounts_a_person_has_one_hand(
    sessions: Sessions, session: AsyncSession, group: Group, people: People
) -> None:
    show = await ask(session, group)
    person = Actor(group.community_id, "person", people.resident.id)

    await asyncio.gather(*(up(sessions, show, 1 + n % 2, f"{n}", person) for n in range(3)))

    assert sum(await hands.counts(session, show)) == 1


async def test_without_the_constraint_they_would_have_several(
    sessions: Sessions, session: AsyncSession, group: Group, people: People
) -> None:
    show = await ask(session, group)
    name = "hands_community_id_show_id_person_id_key"
    await session.execute(text(f"ALTER TABLE hands DROP CONSTRAINT {name}"))
    await session.commit()
    person = Actor(group.community_id, "person", people.resident.id)
    async with sessions.begin() as one, sessions.begin() as other:
        for own, sender in ((one, "a"), (other, "b")):
            await hands.raise_hand(own, show, 1, sender_id=sender, by=person)

    assert await session.scalar(select(func.count(Hand.id))) == 2


async def test_when_time_is_up_no_hand_counts_and_the_group_is_told_once(
    sessions: Sessions, session: AsyncSession, group: Group, worker: Worker, loud: Loud
) -> None:
    show = await ask(session, group, minutes=30)
    await up(sessions, show, 2, "a")
    await worker.catch_up()
    assert not loud.said

    clock.shift(timedelta(minutes=30))
    with pytest.raises(ShowIsClosed):
        await up(sessions, show, 1, "b")
    await worker.catch_up(later=True)
    await worker.catch_up(later=True)

    assert loud.said == [
        (
            "举手结果：周六还是周日团建？\n1. 周六：0 人\n2. 周日：1 人\n"
            "共 1 人举手。这是群里的举手意向，供参考，不是业主共同决定等正式表决。"
        )
    ]
    await session.refresh(show)
    assert show.closed_at


async def test_it_is_counted_when_it_was_said_to_be(session: AsyncSession, group: Group) -> None:
    show = await ask(session, group, minutes=30)

    due = text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'groups.close_show'")
    assert await session.scalar(due) == show.closes_at


@pytest.mark.parametrize(("minutes", "lasts"), [(1, hands.SHORTEST), (99_999, hands.LONGEST)])
async def test_it_lasts_neither_no_time_nor_for_ever(
    session: AsyncSession, group: Group, minutes: int, lasts: timedelta
) -> None:
    show = await ask(session, group, minutes=minutes)

    assert abs(show.closes_at - clock.now() - lasts) < timedelta(minutes=1)


async def test_who_asked_may_have_it_counted_early_and_the_clock_is_silent_then(
    sessions: Sessions, session: AsyncSession, group: Group, worker: Worker, loud: Loud
) -> None:
    show, by = await ask(session, group), system(group.community_id)

    with pytest.raises(NotAManager):
        await hands.close(session, show, sender=Sender("a"), by=by)
    await hands.close(session, show, sender=Sender("head"), by=by)
    with pytest.raises(ShowIsClosed):
        await hands.close(session, show, sender=HEAD, by=by)
    await session.commit()
    await worker.catch_up(later=True)

    assert not loud.said
    with pytest.raises(ShowIsClosed):
        await up(sessions, show, 1, "a")


@pytest.mark.parametrize(("sent", "times"), [(True, 1), (False, 2)])
async def test_what_the_group_may_have_heard_already_is_not_said_twice(
    session: AsyncSession, group: Group, worker: Worker, loud: Loud, *, sent: bool, times: int
) -> None:
    await ask(session, group)
    loud.failures = [Failed("timeout", sent=sent)]

    await worker.catch_up(later=True)

    assert len(loud.said) == times


async def test_hands_are_not_counted_while_one_is_being_raised(
    sessions: Sessions, session: AsyncSession, group: Group
) -> None:
    show, by = await ask(session, group), system(group.community_id)

    async with sessions.begin() as raising:
        await hands.raise_hand(raising, show, 1, sender_id="a", by=by)
        await session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await hands.close(session, show, sender=HEAD, by=by)
        await session.rollback()
    await session.refresh(show)
    await hands.close(session, show, sender=HEAD, by=by)

    assert await hands.counts(session, show) == [1, 0]


async def test_who_raises_a_hand_while_they_are_counted_is_too_late(
    sessions: Sessions, session: AsyncSession, group: Group
) -> None:
    show, by = await ask(session, group), system(group.community_id)
    await hands.close(session, show, sender=HEAD, by=by)

    late = asyncio.create_task(up(sessions, show, 1, "a"))
    await somebody_waits(sessions)
    await session.commit()

    with pytest.raises(ShowIsClosed):
        await late
    assert await hands.counts(session, show) == [0, 0]
