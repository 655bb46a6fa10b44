"""Lists that are sent at the same moment, on connections of their own."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.ids import new_id
from app.groups.chains import hearing, queries, service
from app.groups.models import Chain, ChainEntry, Group, GroupMember
from app.groups.problems import ChainIsClosed
from app.people.access import system
from tests.groups.builders import a_member

TITLE = "#接龙\n书法课 限6人\n"


async def say(sessions: Sessions, group: Group, member: GroupMember, names: Sequence[str]) -> None:
    lines = [f"{number}. {name}" for number, name in enumerate(names, start=1)]
    async with sessions.begin() as session:
        by = system(group.community_id)
        await hearing.hear(session, group, member, TITLE + "\n".join(lines), by=by)


async def members(session: AsyncSession, group: Group, many: int) -> list[GroupMember]:
    made = [await a_member(session, group, f"{number}") for number in range(many)]
    await session.commit()
    return made


async def names(session: AsyncSession) -> list[str]:
    live = select(ChainEntry.name).where(ChainEntry.cancelled_at.is_(None))
    return list(await session.scalars(live.order_by(ChainEntry.id)))


async def test_of_lists_sent_at_once_nobody_is_lost_and_nobody_there_twice(
    sessions: Sessions, session: AsyncSession, group: Group
) -> None:
    senders = await members(session, group, 6)

    await asyncio.gather(
        *(
            say(sessions, group, sender, ["张三", "李四", f"王{number}"])
            for number, sender in enumerate(senders)
        )
    )

    found = await names(session)
    assert sorted(found) == sorted(["张三", "李四", *(f"王{number}" for number in range(6))])
    assert await session.scalar(select(func.count(Chain.id))) == 1
    chain = (await session.scalars(select(Chain))).one()
    waits = [line.waits for line in await queries.standings(session, chain)]
    assert waits == [False] * 6 + [True] * 2


async def test_without_the_index_two_could_open_the_same_one(
    session: AsyncSession, group: Group
) -> None:
    one = _a_chain(group)
    session.add(one)
    await session.flush()

    with pytest.raises(IntegrityError, match="chains_open_key"):
        async with session.begin_nested():
            session.add(_a_chain(group))
    await session.execute(text("DROP INDEX chains_open_key"))
    session.add(_a_chain(group))
    await session.flush()


def _a_chain(group: Group) -> Chain:
    return Chain(
        community_id=group.community_id,
        id=new_id(),
        group_id=group.id,
        fingerprint=b"1",
        title="书法课",
        opened_by="1",
    )


async def test_the_database_itself_refuses_the_same_line_twice(
    session: AsyncSession, group: Group
) -> None:
    chain = _a_chain(group)
    session.add(chain)
    await session.flush()
    line = {
        "community_id": group.community_id,
        "chain_id": chain.id,
        "name": "张三",
        "name_key": "张三",
        "sender_id": "1",
    }
    session.add(ChainEntry(id=new_id(), **line))
    await session.flush()

    with pytest.raises(IntegrityError, match="chain_entries_once_key"):
        async with session.begin_nested():
            session.add(ChainEntry(id=new_id(), **line))


async def test_who_signs_up_while_it_is_closed_is_on_it_or_told(
    sessions: Sessions, session: AsyncSession, group: Group
) -> None:
    opener, *others = await members(session, group, 5)
    await say(sessions, group, opener, ["张三"])
    chain = (await session.scalars(select(Chain))).one()
    sender = await service.sender_in(session, group, opener, by=system(group.community_id))
    await session.commit()

    async def close() -> None:
        async with sessions.begin() as own:
            mine = await own.get_one(Chain, (chain.community_id, chain.id))
            await service.close(own, mine, sender=sender, by=system(group.community_id))

    told = await asyncio.gather(
        close(),
        *(say(sessions, group, other, ["张三", f"王{n}"]) for n, other in enumerate(others)),
        return_exceptions=True,
    )

    refused = [number - 1 for number, each in enumerate(told) if isinstance(each, ChainIsClosed)]
    signed = [f"王{number}" for number in range(4) if number not in refused]
    assert all(each is None or isinstance(each, ChainIsClosed) for each in told)
    assert sorted(await names(session)) == sorted(["张三", *signed])
    assert await session.scalar(select(func.count(Chain.id))) == 1


async def test_who_withdraws_while_others_sign_up_is_off_the_list(
    sessions: Sessions, session: AsyncSession, group: Group
) -> None:
    first, *others = await members(session, group, 5)
    await say(sessions, group, first, ["张三"])
    chain = (await session.scalars(select(Chain))).one()
    sender = await service.sender_in(session, group, first, by=system(group.community_id))
    await session.commit()

    async def withdraw() -> None:
        async with sessions.begin() as own:
            mine = await own.get_one(Chain, (chain.community_id, chain.id))
            await service.withdraw(own, mine, sender, by=system(group.community_id))

    await asyncio.gather(
        withdraw(),
        *(say(sessions, group, other, ["张三", f"王{n}"]) for n, other in enumerate(others)),
    )

    assert sorted(await names(session)) == [f"王{number}" for number in range(4)]
