"""Lists that are heard in a group, kept and merged."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.facts import Fact
from app.groups.chains import hearing, queries, service
from app.groups.chains.hearing import Outcome
from app.groups.models import Chain, ChainEntry, Group, GroupMember, Title
from app.groups.problems import ChainIsClosed, NotAManager
from app.people import access
from app.people.access import Actor, system
from tests.groups.builders import a_group, a_member
from tests.service_requests.conftest import People


async def hear(
    session: AsyncSession, group: Group, member: GroupMember, text: str, by: Actor | None = None
) -> Outcome:
    by = by or system(group.community_id)
    outcome = await hearing.hear(session, group, member, f"#接龙\n{text}", by=by)
    assert outcome is not None
    return outcome


async def on(session: AsyncSession, chain: Chain) -> list[str]:
    """The names on the list, those who wait in brackets."""
    lines = await queries.standings(session, chain)
    return [f"({line.row.name})" if line.waits else line.row.name for line in lines]


async def kinds(session: AsyncSession) -> list[str]:
    chains = select(Fact.kind).where(Fact.kind.startswith("chain.")).order_by(Fact.id)
    return list(await session.scalars(chains))


async def test_the_first_list_opens_a_sign_up(session: AsyncSession, group: Group) -> None:
    member = await a_member(session, group, "1")

    outcome = await hear(
        session, group, member, "书法课 限20人\n例 3-1-502 张三\n\n1. 张三 3-1-502"
    )

    assert outcome.opened
    assert outcome.chain.title == "书法课 限20人\n例 3-1-502 张三"
    assert (outcome.chain.capacity, outcome.chain.opened_by) == (20, "1")
    assert await on(session, outcome.chain) == ["张三"]
    assert await kinds(session) == ["chain.opened", "chain.changed"]


async def test_the_next_list_is_merged_into_it(session: AsyncSession, group: Group) -> None:
    one, other = await a_member(session, group, "1"), await a_member(session, group, "2")
    first = await hear(session, group, one, "书法课\n1. 张三")

    second = await hear(session, group, other, "书法课\n1. 张三\n2. 李四")
    third = await hear(session, group, other, "書法課\n1. 张三\n2. 李四")

    assert first.chain.id == second.chain.id == third.chain.id
    assert (second.opened, second.added, third.added) == (False, 1, 0)
    assert await on(session, first.chain) == ["张三", "李四"]


async def test_another_title_and_another_group_have_lists_of_their_own(
    session: AsyncSession, group: Group, town: object
) -> None:
    member = await a_member(session, group, "1")
    elsewhere = await a_group(session, town)  # type: ignore[arg-type]
    stranger = await a_member(session, elsewhere, "1")

    outcomes = [
        await hear(session, group, member, "书法课\n1. 张三"),
        await hear(session, group, member, "合唱队\n1. 张三"),
        await hear(session, elsewhere, stranger, "书法课\n1. 张三"),
    ]

    assert len({outcome.chain.id for outcome in outcomes}) == 3


async def test_what_is_no_list_or_a_quoted_one_is_not_kept(
    session: AsyncSession, group: Group
) -> None:
    member, by = await a_member(session, group), system(group.community_id)
    quoted = "「#接龙\n书法课\n1. 张三」\n- - - - - - -\n收到"

    for text in ("大家好", quoted):
        assert await hearing.hear(session, group, member, text, by=by) is None
    assert not list(await session.scalars(select(Chain)))


async def test_a_telephone_number_is_masked_before_it_is_kept(
    session: AsyncSession, group: Group
) -> None:
    member = await a_member(session, group)

    await hear(session, group, member, "书法课 13800138000\n1. 张三 13812345678 带小孩")

    (row,) = await session.scalars(select(ChainEntry))
    assert row.note == "138****5678 带小孩"
    assert "138****8000" in (await session.scalars(select(Chain.title))).one()


async def test_those_for_whom_there_is_no_place_wait_and_move_up(
    session: AsyncSession, group: Group
) -> None:
    one, other = await a_member(session, group, "1"), await a_member(session, group, "2")
    await hear(session, group, one, "书法课 限2人\n1. 张三")
    outcome = await hear(session, group, other, "书法课 限2人\n1. 张三\n2. 李四\n3. 王五")
    assert await on(session, outcome.chain) == ["张三", "李四", "(王五)"]

    await hear(session, group, one, "书法课 限2人\n1. 李四\n2. 王五")

    assert await on(session, outcome.chain) == ["李四", "王五"]


async def test_nobody_brings_more_people_at_the_cost_of_another(
    session: AsyncSession, group: Group
) -> None:
    one, other = await a_member(session, group, "1"), await a_member(session, group, "2")
    await hear(session, group, one, "书法课 限2人\n1. 张三")
    await hear(session, group, other, "书法课 限2人\n1. 张三\n2. 李四")

    outcome = await hear(session, group, one, "书法课 限2人\n1. 张三 2人\n2. 李四")

    assert outcome.full == ("张三",)
    assert await on(session, outcome.chain) == ["张三", "李四"]


async def test_who_opened_it_may_describe_it_otherwise(session: AsyncSession, group: Group) -> None:
    one, other = await a_member(session, group, "1"), await a_member(session, group, "2")
    await hear(session, group, one, "书法课 限2人\n1. 张三")

    await hear(session, group, other, "书法课 限9人\n1. 张三")
    outcome = await hear(session, group, one, "书法课 限3人\n1. 张三")

    assert (outcome.chain.title, outcome.chain.capacity) == ("书法课 限3人", 3)
    assert outcome.retitled


async def test_the_member_who_signs_up_themselves_is_known(
    session: AsyncSession, group: Group, people: People
) -> None:
    member = await a_member(session, group, "1", "李桂兰", person=people.resident)

    await hear(session, group, member, "书法课\n1. 李桂兰\n2. 小宝")

    rows = await session.scalars(select(ChainEntry).order_by(ChainEntry.id))
    assert [row.person_id for row in rows] == [people.resident.id, None]


async def test_who_runs_the_group_and_staff_of_its_place_take_others_off(
    session: AsyncSession, group: Group, people: People
) -> None:
    member = await a_member(session, group, "1")
    head = await a_member(session, group, "2", title=Title.BUILDING_HEAD)
    staff = await a_member(session, group, "3", person=people.worker)
    far = await a_member(session, group, "4", person=people.elsewhere)
    await hear(session, group, member, "书法课\n1. 张三\n2. 李四\n3. 王五")

    await hear(session, group, head, "书法课\n1. 张三\n2. 李四")
    by = await access.person(session, group.community_id, people.elsewhere.id)
    await hear(session, group, far, "书法课\n1. 张三", by)
    by = await access.person(session, group.community_id, people.worker.id)
    outcome = await hear(session, group, staff, "书法课\n1. 张三", by)

    assert await on(session, outcome.chain) == ["张三"]
    assert outcome.cancelled == 1


async def test_somebody_unknown_runs_nothing(session: AsyncSession, group: Group) -> None:
    one, other = await a_member(session, group, "1"), await a_member(session, group, "2")
    await hear(session, group, one, "书法课\n1. 张三\n2. 李四")

    outcome = await hear(session, group, other, "书法课\n1. 张三")

    assert await on(session, outcome.chain) == ["张三", "李四"]


async def test_whom_staff_removed_does_not_come_back(
    session: AsyncSession, group: Group, people: People
) -> None:
    member = await a_member(session, group, "1")
    outcome = await hear(session, group, member, "书法课\n1. 张三\n2. 李四")
    by = await access.person(session, group.community_id, people.worker.id)
    seen = queries.visible_to(by).where(Chain.id == outcome.chain.id)
    chain = (await session.scalars(seen.execution_options(populate_existing=True))).one()
    row = (await queries.standings(session, chain))[0].row

    await service.remove(session, chain, row, by=by)
    again = await hear(session, group, member, "书法课\n1. 张三\n2. 李四")

    assert await on(session, chain) == ["李四"]
    assert again.barred == ("张三",)
    assert "chain.entry_removed" in await kinds(session)


async def test_who_withdraws_may_sign_up_again_with_the_same_list(
    session: AsyncSession, group: Group
) -> None:
    member, by = await a_member(session, group, "1"), system(group.community_id)
    outcome = await hear(session, group, member, "书法课\n1. 张三")
    sender = await service.sender_in(session, group, member, by=by)

    gone = await service.withdraw(session, outcome.chain, sender, by=by)
    assert [row.name for row in gone] == ["张三"]
    assert await on(session, outcome.chain) == []

    await hear(session, group, member, "书法课\n1. 张三")
    assert await on(session, outcome.chain) == ["张三"]


async def test_only_who_runs_it_withdraws_others_and_closes(
    session: AsyncSession, group: Group
) -> None:
    one, other = await a_member(session, group, "1"), await a_member(session, group, "2")
    by = system(group.community_id)
    outcome = await hear(session, group, one, "书法课\n1. 张三")
    stranger = await service.sender_in(session, group, other, by=by)
    opener = await service.sender_in(session, group, one, by=by)

    with pytest.raises(NotAManager):
        await service.withdraw(session, outcome.chain, stranger, "张三", by=by)
    with pytest.raises(NotAManager):
        await service.close(session, outcome.chain, sender=stranger, by=by)
    await service.close(session, outcome.chain, sender=opener, by=by)

    assert outcome.chain.closed_at
    assert await on(session, outcome.chain) == ["张三"]


async def test_a_list_whose_sign_up_is_over_is_refused(session: AsyncSession, group: Group) -> None:
    one, other = await a_member(session, group, "1"), await a_member(session, group, "2")
    by = system(group.community_id)
    outcome = await hear(session, group, one, "书法课\n1. 张三")
    opener = await service.sender_in(session, group, one, by=by)
    await service.close(session, outcome.chain, sender=opener, by=by)
    with pytest.raises(ChainIsClosed):
        await service.close(session, outcome.chain, sender=opener, by=by)

    with pytest.raises(ChainIsClosed):
        await hear(session, group, other, "书法课\n1. 李四")
    clock.shift(timedelta(days=7))
    with pytest.raises(ChainIsClosed):
        await hear(session, group, other, "书法课\n1. 张三\n2. 李四")
    again = await hear(session, group, other, "书法课\n1. 李四")

    assert again.opened
    assert again.chain.id != outcome.chain.id
