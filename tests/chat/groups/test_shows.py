"""Shows of hands in a group, as its members see them."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands.hands import Wish, option_in, wish_in
from app.core.database import Sessions
from app.groups import hands
from app.groups.models import Group, GroupMember, Show, Title
from tests.chat.builders import Phone
from tests.chat.groups.builders import Chat

QUESTION = "举手 周六还是周日团建？ 周六/周日 [24小时]"
DAY = timedelta(hours=24)


@pytest.fixture
async def head(session: AsyncSession, group: Group) -> str:
    """The head of the building, by the platform's id."""
    member = GroupMember(
        community_id=group.community_id,
        group_id=group.id,
        sender_id="30001",
        name="楼栋长",
        title=Title.BUILDING_HEAD,
    )
    session.add(member)
    await session.commit()
    return "30001"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("周六还是周日？ 周六/周日 [24小时]", Wish("周六还是周日？", ["周六", "周日"], DAY)),
        ("周六还是周日？ 周六／周日", Wish("周六还是周日？", ["周六", "周日"], DAY)),
        ("哪天 好？ 一 / 二 / 三 2天", Wish("哪天 好？", ["一", "二", "三"], timedelta(days=2))),
        ("去吗\n去|不去 30分钟", Wish("去吗", ["去", "不去"], timedelta(minutes=30))),
        ("周六还是周日", None),
        ("周六/周日", None),
        ("好吗？ 好/好", None),
        ("", None),
        ("哪个？ 1/2/3/4/5/6/7/8/9/10", None),
    ],
)
def test_a_question_names_its_options_and_how_long(said: str, meant: Wish | None) -> None:
    assert wish_in(said) == meant


@pytest.mark.parametrize(
    ("said", "option"),
    [("1", 1), ("2号", 2), ("周日", 2), (" 周六 ", 1), ("3", None), ("0", None), ("周一", None)],
)
def test_an_option_is_named_by_its_number_or_its_word(said: str, option: int | None) -> None:
    assert option_in(said, ["周六", "周日"]) == option


async def test_who_runs_the_group_asks_and_members_raise_hands(chat: Chat, head: str) -> None:
    asked = await chat.asks(QUESTION, by=head, name="楼栋长")
    assert asked.startswith("举手：周六还是周日团建？\n1. 周六：0 人\n2. 周日：0 人")
    assert "不是业主共同决定等正式表决" in asked

    answer = await chat.says("举手 1")
    assert answer == "王秀英 举手：周六。现在 周六 1，周日 0。"
    answer = await chat.asks("举手 周日", by="20002", name="李桂兰")
    assert answer == "李桂兰 举手：周日。现在 周六 1，周日 1。"
    answer = await chat.says("举手2")
    assert answer == "王秀英 举手：周日。现在 周六 0，周日 2。"

    assert "2. 周日：2 人" in await chat.says("举手")


async def test_a_member_does_not_ask(chat: Chat, sessions: Sessions) -> None:
    answer = await chat.asks(QUESTION)

    assert answer.startswith("举手由群主")
    async with sessions() as session:
        assert not list(await session.scalars(select(Show)))


async def test_there_is_one_question_at_a_time(chat: Chat, head: str) -> None:
    await chat.asks(QUESTION, by=head)

    assert "没有结束" in await chat.asks("举手 还去吗？ 去/不去", by=head)


async def test_one_who_speaks_from_two_accounts_has_one_hand(
    chat: Chat, head: str, bound: Phone, session: AsyncSession, group: Group
) -> None:
    await chat.asks(QUESTION, by=head)
    other = GroupMember(
        community_id=group.community_id,
        group_id=group.id,
        sender_id="20009",
        name="桂兰小号",
        person_id=bound.person_id,
    )
    session.add(other)
    await session.commit()

    await chat.says("举手 1")
    await chat.says("举手 2", by="20009", name="桂兰小号")

    show = (await session.scalars(select(Show))).one()
    assert await hands.counts(session, show) == [0, 1]


async def test_it_is_counted_when_who_asked_says_so(chat: Chat, head: str) -> None:
    await chat.asks(QUESTION, by=head)
    await chat.says("举手 1")

    assert "由发起人" in await chat.says("举手结束")
    answer = await chat.says("举手结束", by=head)

    assert answer.startswith("举手结果：周六还是周日团建？\n1. 周六：1 人")
    assert await chat.says("举手 1") == ""
