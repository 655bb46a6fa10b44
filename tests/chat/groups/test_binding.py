"""Somebody in the group becomes known: by a code that is given out once, and said once."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.database import Sessions
from app.core.facts import Fact
from app.groups.models import Binding, Bot, Group, GroupMember
from app.people.access import system
from app.people.models import Person
from app.people.service.merging import merge
from tests.chat.builders import Phone, Street
from tests.chat.conftest import Phones
from tests.chat.groups.builders import Chat, Loopback, a_group, heard
from tests.conftest import Client, Worker


def code_in(answer: str) -> str:
    found = re.search(r"绑定群 (\d{6})", answer)
    assert found, answer
    return found[1]


async def bindings(sessions: Sessions) -> dict[str, object]:
    async with sessions() as session:
        rows = await session.scalars(select(Binding))
        return {each.sender_id: each.person_id for each in rows}


async def kinds(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        bound = select(Fact.kind).where(Fact.kind.startswith("bot.")).order_by(Fact.id)
        return list(await session.scalars(bound))


async def test_a_code_makes_a_neighbour_known_in_every_group_of_the_bot(
    chat: Chat,
    session: AsyncSession,
    street: Street,
    bot: Bot,
    sessions: Sessions,
    resident: Phone,
) -> None:
    await a_group(session, street, bot, external_id="90009")
    await chat.says("大家好")
    chat.group = "90009"
    await chat.says("这里也好")
    code = code_in(await chat.asks("绑定"))

    told = await resident.says(f"绑定群 {code}")

    assert "“王秀英”就是您" in told
    assert await bindings(sessions) == {"20001": resident.person_id}
    members = (await session.scalars(select(GroupMember.person_id))).all()
    assert members == [resident.person_id] * 2
    assert await kinds(sessions) == ["bot.sender_bound"]
    assert "编号" in await chat.asks("报修 厨房水管漏水")


async def test_who_is_bound_is_known_in_a_group_they_come_to_later(
    chat: Chat, session: AsyncSession, street: Street, bot: Bot, bound: Phone
) -> None:
    await a_group(session, street, bot, external_id="90009")
    chat.group = "90009"
    await chat.says("我来了")

    member = (await session.scalars(select(GroupMember))).one()
    assert member.person_id == bound.person_id


async def test_a_code_works_once(
    chat: Chat, sessions: Sessions, resident: Phone, newcomer: Phone
) -> None:
    code = code_in(await chat.asks("绑定"))
    await resident.says(f"绑定群 {code}")

    assert "就是您" not in await newcomer.says(f"绑定群 {code}")
    assert await bindings(sessions) == {"20001": resident.person_id}


async def test_of_two_who_say_a_code_at_once_one_is_bound(
    chat: Chat, sessions: Sessions, resident: Phone, newcomer: Phone
) -> None:
    code = code_in(await chat.asks("绑定"))

    told = await asyncio.gather(*(each.says(f"绑定群{code}") for each in (resident, newcomer)))

    assert ["就是您" in each for each in told].count(True) == 1
    assert len(await bindings(sessions)) == 1


async def test_a_code_binds_whoever_asked_for_it_and_nobody_else(
    chat: Chat, sessions: Sessions, resident: Phone
) -> None:
    code = code_in(await chat.asks("绑定", by="20001"))
    code_in(await chat.asks("绑定", by="20002", name="老陈"))

    await resident.says(f"绑定群 {code}")

    assert list(await bindings(sessions)) == ["20001"]


async def test_a_newer_code_replaces_the_one_before(
    chat: Chat, sessions: Sessions, resident: Phone
) -> None:
    old, new = [code_in(await chat.asks("绑定")) for _ in range(2)]

    await resident.says(f"绑定群 {old}")
    assert await bindings(sessions) == {}
    await resident.says(f"绑定群 {new}")
    assert len(await bindings(sessions)) == 1


async def test_a_code_is_good_for_ten_minutes(
    chat: Chat, sessions: Sessions, resident: Phone
) -> None:
    code = code_in(await chat.asks("绑定"))
    clock.shift(timedelta(minutes=11))

    await resident.says(f"绑定群 {code}")

    assert await bindings(sessions) == {}


async def test_codes_cannot_be_guessed(chat: Chat, sessions: Sessions, resident: Phone) -> None:
    code = code_in(await chat.asks("绑定"))
    for wrong in range(5):
        await resident.says(f"绑定群 {(int(code) + wrong + 1) % 10**6:06}")

    await resident.says(f"绑定群 {code}")

    assert await bindings(sessions) == {}


async def test_no_code_stands_in_the_database(chat: Chat, session: AsyncSession) -> None:
    code = code_in(await chat.asks("绑定"))

    rows = await session.execute(text("SELECT t::text FROM bot_binding_codes AS t"))

    assert code not in str(rows.all())


async def test_codes_are_not_given_out_without_end(chat: Chat) -> None:
    for _ in range(5):
        code_in(await chat.asks("绑定"))

    assert "过十分钟" in await chat.asks("绑定")


async def test_the_group_is_told_that_a_code_was_used(
    client: Client,
    loopback: Loopback,
    worker: Worker,
    resident: Phone,
) -> None:
    asked = await client.post("/hooks/echo", json=[heard("绑定", to_bot=True)])
    await resident.says(f"绑定群 {code_in(asked.json()['reply'])}")

    await worker.catch_up()

    (told,) = loopback.sent
    assert "王秀英" in told.text
    assert "解绑" in told.text


async def test_either_end_can_undo_it(
    chat: Chat, sessions: Sessions, session: AsyncSession, resident: Phone
) -> None:
    await resident.says(f"绑定群 {code_in(await chat.asks('绑定'))}")
    assert "已经绑定" in await chat.asks("绑定")
    assert "已经解除" in await chat.asks("解绑")
    assert await bindings(sessions) == {}
    assert "绑定群" in await chat.asks("报修 厨房水管漏水")

    await resident.says(f"绑定群 {code_in(await chat.asks('绑定'))}")
    assert "已经解除" in await resident.says("解绑群")
    assert "没有绑定过" in await resident.says("解绑群")
    assert await bindings(sessions) == {}
    assert set(await session.scalars(select(GroupMember.person_id))) == {None}
    assert await kinds(sessions) == ["bot.sender_bound", "bot.sender_unbound"] * 2


async def test_nobody_can_undo_it_for_another(chat: Chat, sessions: Sessions, bound: Phone) -> None:
    assert "还没有绑定" in await chat.asks("解绑", by="20002")
    assert len(await bindings(sessions)) == 1


async def test_the_code_word_without_a_code_says_where_to_get_one(resident: Phone) -> None:
    assert "发送“绑定”" in await resident.says("绑定群")


async def test_who_turned_out_to_be_somebody_else_is_them_in_the_group_too(
    chat: Chat, session: AsyncSession, street: Street, bound: Phone, phone: Phones
) -> None:
    other = await phone("李桂兰", home=street.home)
    gone = await session.get_one(Person, (street.community.id, bound.person_id))
    into = await session.get_one(Person, (street.community.id, other.person_id))
    await merge(session, gone, into=into, by=system(street.community.id))
    await session.commit()

    assert "编号" in await chat.asks("报修 厨房水管漏水")


@pytest.mark.parametrize("code", ["000000", "abc", "１２３４５６", "9" * 400])
async def test_what_is_no_code_binds_nobody(
    resident: Phone, group: Group, sessions: Sessions, code: str
) -> None:
    assert await resident.says(f"绑定群 {code}")
    assert await bindings(sessions) == {}
