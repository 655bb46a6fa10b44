"""When the bot speaks, and when it holds its tongue."""

from collections.abc import Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import aloud, alouds
from app.chat.groups.hearing import choose
from app.chat.groups.spoken import Reply, Spoken
from app.chat.words import Takes
from tests.chat.groups.builders import Chat

TALK = [
    "报修电话是多少",
    "报修 水管漏水",
    "帮助",
    "帮助老人搬东西",
    "进度怎么样了",
    "通知",
    "点歌",
    "今天天气真好",
    "/shrug",
    "/",
    "@老陈 报修 水管漏水",
    "他说 @小掌 报修",
    "小掌 报修 水管漏水",
]
MEANT = [
    "/帮助",
    "／帮助",
    "/ help",
    "@小掌 帮助",
    "＠小掌帮助",
    "@小掌",
    "@小掌 你是谁呀",
    "/菜單",
]


@pytest.mark.parametrize("said", TALK)
async def test_talk_among_neighbours_is_not_answered(chat: Chat, said: str) -> None:
    assert await chat.says(said) == ""


@pytest.mark.parametrize("said", MEANT)
async def test_who_speaks_to_the_bot_is_answered(chat: Chat, said: str) -> None:
    assert "报修" in await chat.says(said)


@pytest.mark.parametrize("said", ["", "帮助", "今天天气真好", "帮助老人搬东西"])
async def test_whoever_mentions_it_without_a_word_is_told_what_it_can_do(
    chat: Chat, said: str
) -> None:
    answer = await chat.asks(said)

    assert answer.startswith("叫我“@小掌”")
    assert all(f"· {word}" in answer for word in ("报修", "进度", "今日通知", "点歌", "绑定"))


@pytest.fixture
def counting() -> Iterator[None]:
    """A command that is heard without being asked, and one that hears sign-ups."""

    @aloud("数数", takes=Takes.NUMBER, unasked=True)
    async def _count(_session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
        return Reply(f"数到{rest or 0}，{spoken.called}，{spoken.asked}")

    kinds = [name for name, each in alouds if "chain" in each.hears]
    if not kinds:

        @aloud("串", hears=["chain"])
        async def _chain(_session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
            return Reply(rest)

    yield
    alouds.remove("数数")
    if not kinds:
        alouds.remove("串")


async def test_a_word_that_may_stand_alone_is_heard_alone_and_with_a_number(
    chat: Chat, counting: None
) -> None:
    assert await chat.says("数数 3") == "数到3，王秀英，False"
    assert await chat.says("数数") == "数到0，王秀英，False"
    assert await chat.asks("数数 第3") == "数到第3，王秀英，True"
    assert await chat.says("数数 3 个人去") == ""
    assert await chat.says("数数 大家") == ""


@pytest.mark.parametrize("head", ["#接龙", "＃接龍", " # 接龙", "#Group Note", "#\u200b接龙"])
def test_a_sign_up_needs_no_mention(counting: None, head: str) -> None:
    text = f"{head}\n周六书法课\n\n1. 张三"
    chosen = choose("chain", text, asked=False)

    assert chosen is not None
    assert (chosen.rest, chosen.unbidden) == (text, True)


@pytest.mark.parametrize("head", ["#接龙", "＃接龍", "# 接龙", "#Group Note"])
async def test_a_sign_up_is_known_by_its_first_line(chat: Chat, counting: None, head: str) -> None:
    assert "张三" in await chat.says(f"{head}\n周六书法课\n\n1. 张三")


async def test_what_is_said_to_the_bot_alone_is_sent_to_the_service_account(chat: Chat) -> None:
    assert "绑定群" in await chat.says("报修 水管漏水", alone=True)


async def test_a_sign_up_as_wechat_itself_sends_it_is_one(chat: Chat) -> None:
    words = "#接龙\n周六书法课\n\n1. 清川 3-1-502"
    native = f"<msg><appmsg><title>{words}</title><type>53</type></appmsg></msg>"
    assert "1. 清川" in await chat.says(native)
