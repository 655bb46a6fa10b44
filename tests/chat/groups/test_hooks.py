"""The hook by its real door: what is taken, what is refused, and what has its effect once."""

import asyncio
import base64
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.groups.models import Bot, Group, GroupMember, GroupMessage
from app.groups.platforms import LARGEST_BODY
from app.service_requests.models import ServiceRequest
from tests.chat.builders import Phone, Street
from tests.chat.groups.builders import GROUP, Chat, Loopback, a_bot, a_group, heard
from tests.conftest import Client


async def count(sessions: Sessions, what: type[Any]) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(what)) or 0


async def messages(sessions: Sessions) -> list[GroupMessage]:
    async with sessions() as session:
        return list(await session.scalars(select(GroupMessage).order_by(GroupMessage.id)))


async def test_ordinary_talk_is_kept_and_not_answered(
    chat: Chat, group: Group, sessions: Sessions
) -> None:
    answer = await chat.post(chat.report("大家好，我的电话是 138 1234 5678"))

    (kept,) = await messages(sessions)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (kept.text, kept.group_id) == ("大家好，我的电话是 138****5678", group.id)
    assert (kept.sender_id, kept.sender_name, kept.kind) == ("20001", "王秀英", "text")
    assert kept.grams
    assert (kept.reply, kept.late) == (None, False)


async def test_whoever_speaks_is_a_member_from_then_on(chat: Chat, sessions: Sessions) -> None:
    await chat.says("大家好")
    await chat.says("我又来了")
    await chat.says("改名了", name="秀英姐")
    await chat.says("我也在", by="20002", name="老陈")

    async with sessions() as session:
        rows = await session.scalars(select(GroupMember).order_by(GroupMember.sender_id))
        assert [(each.sender_id, each.name) for each in rows] == [
            ("20001", "秀英姐"),
            ("20002", "老陈"),
        ]


async def test_an_unknown_bot_is_not_found(chat: Chat) -> None:
    chat.slug = "nobody"
    assert (await chat.post(chat.report("你好"))).status_code == 404


async def test_a_silent_bot_is_not_found(
    client: Client, session: AsyncSession, bot: Bot, group: Group
) -> None:
    bot.active = False
    session.add(bot)
    await session.commit()

    assert (await Chat(client).post(b"{}")).status_code == 404


async def test_a_wrong_signature_is_refused_and_nothing_is_kept(
    chat: Chat, sessions: Sessions
) -> None:
    answer = await chat.post(chat.report("你好"), **{"X-Signature": "sha1=" + "0" * 40})

    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/not-from-platform"
    assert await messages(sessions) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"[" * 9000])
async def test_what_cannot_be_read_is_a_bad_request(chat: Chat, body: bytes) -> None:
    assert (await chat.post(body)).status_code == 400


async def test_a_body_too_large_is_refused_before_it_is_read(chat: Chat) -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 65536

    told = await chat.post(b" " * (LARGEST_BODY + 1))
    untold = await chat.client.post(f"/hooks/{chat.slug}", content=endless())

    assert (told.status_code, untold.status_code) == (413, 413)


async def test_a_method_that_is_no_platforms_is_left_to_the_application(chat: Chat) -> None:
    assert (await chat.client.delete(f"/hooks/{chat.slug}")).status_code == 404


async def test_a_new_secret_is_taken_up_at_once(
    chat: Chat, session: AsyncSession, bot: Bot
) -> None:
    assert await chat.asks("帮助")
    bot.keys = json.dumps({"secret": "another", "token": "another"})
    session.add(bot)
    await session.commit()
    chat.secret = "another"

    assert await chat.asks("帮助")


async def test_a_message_that_comes_again_is_answered_the_same_and_acts_once(
    chat: Chat, sessions: Sessions, bound: Phone
) -> None:
    report = chat.report("报修 楼道灯坏了", at=True)

    first, second = await chat.post(report), await chat.post(report)

    assert first.json() == second.json()
    assert "编号" in first.json()["reply"]
    assert (await count(sessions, ServiceRequest), await count(sessions, GroupMessage)) == (1, 1)


async def test_deliveries_that_arrive_together_act_once(
    chat: Chat, sessions: Sessions, bound: Phone
) -> None:
    report, talk = chat.report("报修 楼道灯坏了", at=True), chat.report("大家好")

    answers = await asyncio.gather(*(chat.post(each) for each in [report, talk] * 12))

    assert {each.status_code for each in answers} == {200, 204}
    assert len({each.content for each in answers}) == 2
    assert (await count(sessions, ServiceRequest), await count(sessions, GroupMessage)) == (1, 2)


async def test_the_same_id_from_two_bots_is_two_messages(
    chat: Chat, loopback: Loopback, sessions: Sessions
) -> None:
    await chat.says("大家好", message_id=77)
    await chat.client.post("/hooks/echo", json=[heard("大家好", message_id="77")])

    assert await count(sessions, GroupMessage) == 2


async def test_a_call_may_carry_several_messages(
    chat: Chat, loopback: Loopback, sessions: Sessions
) -> None:
    said = [heard("你好"), heard("帮助", to_bot=True), heard("再见"), heard("你好")]
    answer = await chat.client.post("/hooks/echo", json=said)

    assert "报修" in answer.json()["reply"]
    assert len(await messages(sessions)) == 4


async def test_a_bot_that_somebody_wrote_is_heard_and_answered(
    client: Client, session: AsyncSession, street: Street, sessions: Sessions
) -> None:
    secret = base64.b64encode(b"s" * 24).decode()
    bot = await a_bot(session, street, "own", "signed")
    bot.keys = json.dumps({"secret": f"whsec_{secret}"})
    await session.commit()
    await a_group(session, street, bot)
    said = {"group": GROUP, "sender": {"id": "20001"}, "text": "/帮助"}
    body, stamp = json.dumps(said).encode(), str(int(time.time()))
    signed = hmac.digest(b"s" * 24, b"msg_1." + stamp.encode() + b"." + body, "sha256")
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }

    answers = [await client.post("/hooks/own", content=body, headers=headers) for _ in range(2)]
    forged = await client.post("/hooks/own", content=body + b" ", headers=headers)

    assert "报修" in answers[0].json()["reply"]
    assert answers[0].json() == answers[1].json()
    assert forged.status_code == 401
    assert len(await messages(sessions)) == 1


async def test_in_a_strange_group_nothing_is_kept(
    chat: Chat, sessions: Sessions, bound: Phone
) -> None:
    chat.group = "90002"

    assert await chat.says("大家好") == ""
    assert "90002" in await chat.asks("报修 楼道灯坏了")
    assert await count(sessions, GroupMessage) == await count(sessions, ServiceRequest) == 0


async def test_a_closed_group_is_a_strange_one(
    chat: Chat, group: Group, session: AsyncSession, sessions: Sessions
) -> None:
    await session.execute(text("UPDATE chat_groups SET state = 'closed'"))
    await session.commit()

    assert await chat.says("大家好") == ""
    assert await messages(sessions) == []


async def test_a_group_is_known_from_the_moment_it_is_added(
    client: Client, session: AsyncSession, street: Street, bot: Bot, sessions: Sessions
) -> None:
    chat = Chat(client)
    await chat.says("早了一点")
    await a_group(session, street, bot)
    await chat.says("正好")

    assert [each.text for each in await messages(sessions)] == ["正好"]


@pytest.mark.parametrize(
    "said",
    ["\ud83d\ude00 好", "a\u202eb", "\u200b", "x" * 20_000, "''); DROP TABLE people; --", '\\"'],
)
async def test_whatever_is_written_can_be_kept(chat: Chat, sessions: Sessions, said: str) -> None:
    await chat.post(json_bytes(chat.report(""), said))

    assert len(await messages(sessions)) == 1


def json_bytes(report: bytes, said: str) -> bytes:
    fields = json.loads(report)
    fields["message"] = [{"type": "text", "data": {"text": said}}]
    fields["sender"]["nickname"] = said
    return json.dumps(fields).encode()


async def test_who_was_seen_a_while_ago_is_seen_again(
    chat: Chat, session: AsyncSession, sessions: Sessions
) -> None:
    await chat.says("大家好")
    await session.execute(
        text("UPDATE group_members SET last_seen_at = last_seen_at - interval '1 day'")
    )
    await session.commit()
    await chat.says("又来了")

    async with sessions() as fresh:
        member = (await fresh.scalars(select(GroupMember))).one()
        assert member.last_seen_at
        assert member.last_seen_at > member.first_seen_at - timedelta(minutes=1)


async def test_what_is_said_stands_in_no_log_and_every_message_is_counted(
    chat: Chat, capsys: pytest.CaptureFixture[str], bound: Phone
) -> None:
    async def counted() -> float:
        lines = (await chat.client.get("/metrics")).text.splitlines()
        found = [each for each in lines if each.startswith("palm_group_messages_total{")]
        return sum(float(each.rpartition(" ")[2]) for each in found)

    before = await counted()
    await chat.says("悄悄话 13812345678")
    await chat.asks("报修 悄悄话")
    await chat.post(chat.report("悄悄话"), **{"X-Signature": "sha1=0"})

    logged = capsys.readouterr()
    assert await counted() == before + 2
    assert "/hooks/{bot}" in logged.out
    assert "悄悄话" not in logged.out + logged.err
    assert "1381234" not in logged.out + logged.err
