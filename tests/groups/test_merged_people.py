"""What becomes of members, bindings, sign-ups and hands of who was in the register twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.groups.models import (
    Binding,
    Bot,
    Chain,
    ChainEntry,
    Group,
    GroupMember,
    Hand,
    Show,
    Title,
)
from app.groups.queries import named, runs
from app.people.access import system
from app.people.events import PeopleMerged
from app.people.models import Person
from tests.conftest import Worker
from tests.groups.builders import a_binding, a_member
from tests.service_requests.conftest import People


async def merged(session: AsyncSession, gone: Person, kept: Person) -> None:
    event = PeopleMerged(kept_id=kept.id, gone_id=gone.id)
    await record(session, event, by=system(gone.community_id))
    gone.merged_into_id, gone.name = kept.id, None
    await session.commit()


async def a_show(session: AsyncSession, group: Group, *, closed: bool = False) -> Show:
    show = Show(
        community_id=group.community_id,
        group_id=group.id,
        question="几点",
        options=["八点", "九点"],
        opened_by="20001",
        closes_at=now() + timedelta(hours=1),
        closed_at=now() if closed else None,
    )
    session.add(show)
    await session.flush()
    return show


async def raises(
    session: AsyncSession, show: Show, sender_id: str, person: Person, option: int
) -> None:
    hand = Hand(
        community_id=show.community_id,
        show_id=show.id,
        sender_id=sender_id,
        person_id=person.id,
        option=option,
    )
    session.add(hand)
    await session.flush()


async def test_accounts_bindings_and_sign_ups_are_the_one_entrys_that_stays(
    session: AsyncSession, people: People, worker: Worker, *, bot: Bot, group: Group
) -> None:
    gone, kept = people.resident, people.neighbour
    await a_member(session, group, "20001", person=gone)
    await a_member(session, group, "20002", person=kept)
    await a_binding(session, bot, gone, "20001")
    chain = Chain(
        community_id=group.community_id,
        group_id=group.id,
        fingerprint=b"x",
        title="书法课",
        opened_by="20001",
    )
    session.add(chain)
    await session.flush()
    entry = ChainEntry(
        community_id=group.community_id,
        chain_id=chain.id,
        name="李桂兰",
        name_key="李桂兰",
        sender_id="20001",
        person_id=gone.id,
    )
    session.add(entry)
    await merged(session, gone, kept)

    await worker.catch_up()

    for table in (GroupMember, Binding, ChainEntry):
        assert set(await session.scalars(select(table.person_id))) == {kept.id}


@pytest.mark.parametrize("of", ["owner_id", "proposed_by_id"])
async def test_groups_are_answered_for_by_the_entry_that_stays(
    session: AsyncSession, people: People, worker: Worker, *, group: Group, of: str
) -> None:
    setattr(group, of, people.resident.id)
    await merged(session, people.resident, people.neighbour)
    await worker.catch_up()
    await session.refresh(group)
    assert getattr(group, of) == people.neighbour.id


@pytest.mark.parametrize(
    ("gone_is", "kept_is", "left"),
    [
        (Title.BUILDING_HEAD, None, Title.BUILDING_HEAD),
        (Title.BUILDING_HEAD, Title.MEMBER, Title.BUILDING_HEAD),
        (Title.BUILDING_HEAD, Title.REPRESENTATIVE, Title.REPRESENTATIVE),
        (None, Title.REPRESENTATIVE, Title.REPRESENTATIVE),
    ],
)
async def test_what_either_was_in_a_group_the_entry_that_stays_is(
    session: AsyncSession,
    people: People,
    worker: Worker,
    *,
    group: Group,
    gone_is: Title | None,
    kept_is: Title | None,
    left: Title,
) -> None:
    gone, kept = people.resident, people.neighbour
    for person, title in ((gone, gone_is), (kept, kept_is)):
        if title:
            await a_member(session, group, named(person.id), person=person, title=title)
    await a_member(session, group, "20001", person=gone)
    await merged(session, gone, kept)

    await worker.catch_up()

    own = select(GroupMember).where(GroupMember.sender_id.startswith("person:"))
    [entry] = list(await session.scalars(own.execution_options(populate_existing=True)))
    assert (entry.sender_id, entry.person_id, entry.title) == (named(kept.id), kept.id, left)
    assert await runs(session, group, "20001")


async def test_of_two_hands_in_one_open_question_one_stays(
    session: AsyncSession, people: People, worker: Worker, group: Group
) -> None:
    gone, kept = people.resident, people.neighbour
    show = await a_show(session, group)
    await raises(session, show, "20001", gone, 1)
    await raises(session, show, "20002", kept, 2)
    await merged(session, gone, kept)

    await worker.catch_up()

    hands = select(Hand.sender_id, Hand.person_id, Hand.option)
    assert [tuple(row) for row in await session.execute(hands)] == [("20002", kept.id, 2)]


async def test_hands_that_were_counted_stay_counted(
    session: AsyncSession, people: People, worker: Worker, group: Group
) -> None:
    gone, kept = people.resident, people.neighbour
    both, alone = [await a_show(session, group, closed=True) for _ in range(2)]
    await raises(session, both, "20001", gone, 1)
    await raises(session, both, "20002", kept, 2)
    await raises(session, alone, "20001", gone, 1)
    await merged(session, gone, kept)

    await worker.catch_up()

    hands = select(Hand.show_id, Hand.sender_id, Hand.person_id).order_by(Hand.id)
    assert [tuple(row) for row in await session.execute(hands)] == [
        (both.id, "20001", None),
        (both.id, "20002", kept.id),
        (alone.id, "20001", kept.id),
    ]


async def test_of_two_merges_one_after_the_other_the_last_entry_has_it_all(
    session: AsyncSession, people: People, worker: Worker, group: Group
) -> None:
    first, second, last = people.resident, people.neighbour, people.elsewhere
    await a_member(session, group, "20001", person=first)
    await merged(session, first, second)
    first.merged_into_id = last.id
    await merged(session, second, last)

    await worker.catch_up()

    assert list(await session.scalars(select(GroupMember.person_id))) == [last.id]
