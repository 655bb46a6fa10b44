"""Sign-ups in a group, as its members see them."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.groups.models import ChainEntry, Group, GroupMember, Title
from tests.chat.groups.builders import Chat

LIST = "#接龙\n周六书法课 限3人\n\n"


async def on(sessions: Sessions) -> list[str]:
    live = select(ChainEntry.name).where(ChainEntry.cancelled_at.is_(None))
    async with sessions() as session:
        return list(await session.scalars(live.order_by(ChainEntry.id)))


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


async def test_a_list_is_merged_and_answered_without_being_asked(chat: Chat) -> None:
    await chat.says(LIST + "1. 王秀英 3-1-502")

    answer = await chat.says(LIST + "1. 王秀英 3-1-502\n2. 李桂兰 2人", by="20002", name="李桂兰")

    assert answer == (
        "#接龙\n周六书法课 限3人\n\n1. 王秀英 3-1-502 1人\n2. 李桂兰 2人\n—— 已报 3 人，限 3 人"
    )


async def test_two_who_answer_at_once_are_both_in_the_answer(chat: Chat) -> None:
    await chat.says(LIST + "1. 王秀英")
    await chat.says(LIST + "1. 王秀英\n2. 李桂兰 2人", by="20002", name="李桂兰")

    answer = await chat.says(LIST + "1. 王秀英\n2. 赵敏", by="20003", name="赵敏")

    assert "2. 李桂兰 2人\n3. 赵敏 1人（候补）" in answer


async def test_the_answer_can_be_copied_and_sent_on(chat: Chat, sessions: Sessions) -> None:
    await chat.says(LIST + "1. 王秀英")
    answer = await chat.says(LIST + "1. 王秀英\n2. 李桂兰 4人", by="20002", name="李桂兰")

    await chat.says(answer + "\n3. 赵敏", by="20003", name="赵敏")

    assert await on(sessions) == ["王秀英", "李桂兰", "赵敏"]


async def test_a_word_begins_one_and_says_how_it_ends(chat: Chat) -> None:
    answer = await chat.asks("接龙 周六书法课 限3人")

    assert "王秀英 回复“接龙结束”" in answer
    assert answer.endswith("#接龙\n周六书法课 限3人\n\n—— 已报 0 人，限 3 人")


async def test_the_word_alone_shows_the_list(chat: Chat) -> None:
    assert "没有进行中的接龙" in await chat.asks("接龙")
    await chat.says("#接龙\n合唱队\n1. 王秀英")
    await chat.says(LIST + "1. 王秀英")

    answer = await chat.asks("接龙")

    assert answer.startswith("还有：合唱队\n\n#接龙\n周六书法课")


async def test_a_quoted_list_is_left_alone(chat: Chat, sessions: Sessions) -> None:
    answer = await chat.says(f"{LIST}1. 王秀英\n- - - - - - - -\n收到")

    assert answer == ""
    assert await on(sessions) == []


async def test_who_began_it_ends_it(chat: Chat, sessions: Sessions) -> None:
    await chat.says(LIST + "1. 王秀英")

    assert "由发起人" in await chat.says("接龙结束", by="20002", name="李桂兰")
    answer = await chat.says("接龙结束")
    assert answer.startswith("接龙结束，最后的名单：")
    assert answer.endswith("—— 已结束")

    late = await chat.says(LIST + "1. 王秀英\n2. 李桂兰", by="20002", name="李桂兰")
    assert late == "这个接龙已经结束了，没有再登记。"
    assert await on(sessions) == ["王秀英"]


async def test_who_runs_the_group_ends_it_by_its_title(chat: Chat, head: str) -> None:
    await chat.says(LIST + "1. 王秀英")
    await chat.says("#接龙\n合唱队\n1. 王秀英")

    assert "有好几个接龙：合唱队、周六书法课 限3人" in await chat.says("接龙结束", by=head)
    answer = await chat.asks("接龙结束 合唱队", by=head)

    assert "#接龙\n合唱队" in answer
    assert "由发起人" in await chat.asks("接龙结束 书法", by="20002")


async def test_whoever_signed_up_cancels(chat: Chat, sessions: Sessions) -> None:
    await chat.says(LIST + "1. 王秀英")
    await chat.says(LIST + "1. 王秀英\n2. 李桂兰\n3. 小宝", by="20002", name="李桂兰")

    answer = await chat.says("取消接龙", by="20002", name="李桂兰")

    assert answer.startswith("已取消：李桂兰、小宝")
    assert await on(sessions) == ["王秀英"]


async def test_somebody_else_is_cancelled_by_who_runs_it_alone(
    chat: Chat, sessions: Sessions, head: str
) -> None:
    await chat.says(LIST + "1. 王秀英\n2. 小宝")

    refused = await chat.asks("取消接龙 小宝", by="20002", name="李桂兰")
    assert "别人登记的" in refused
    assert await on(sessions) == ["王秀英", "小宝"]

    await chat.asks("取消接龙 小宝", by=head, name="楼栋长")
    assert await on(sessions) == ["王秀英"]


async def test_of_several_lists_the_one_is_named(chat: Chat, sessions: Sessions) -> None:
    await chat.says("#接龙\n合唱队\n1. 王秀英")
    await chat.says(LIST + "1. 王秀英")

    assert "有好几个接龙" in await chat.says("取消接龙")
    await chat.asks("取消接龙 合唱队")

    assert await on(sessions) == ["王秀英"]


@pytest.mark.parametrize("word", ["取消接龙", "接龙结束", "举手结束", "举手", "投票"])
async def test_a_word_that_means_nothing_now_is_left_alone(chat: Chat, word: str) -> None:
    assert await chat.says(word) == ""
    assert await chat.asks(word) != ""


async def test_whom_there_is_no_room_for_is_told(chat: Chat) -> None:
    await chat.says(LIST + "1. 王秀英")
    await chat.says(LIST + "1. 王秀英\n2. 李桂兰 2人", by="20002", name="李桂兰")

    answer = await chat.says(LIST + "1. 王秀英 2人\n2. 李桂兰 2人")

    assert answer.startswith("王秀英 要加的人数已经没有名额")


async def test_a_list_that_may_have_lost_its_end_takes_nobody_off(
    chat: Chat, sessions: Sessions
) -> None:
    await chat.says("#接龙\n书法课\n1. 王秀英\n2. 小宝")

    long = "\n".join(f"{number}. 张{number} 带小孩来学书法" for number in range(2, 400))
    await chat.says(f"#接龙\n书法课\n1. 王秀英\n{long}")

    names = await on(sessions)
    assert "小宝" in names
    assert "张2" in names
