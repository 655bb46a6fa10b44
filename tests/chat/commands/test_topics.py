"""Topics in the service account and in the building chat: what is talked of, and seconding it."""

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.ids import new_id
from app.polls.models import PollPolicy, Topic, TopicState, TopicSupport
from app.polls.topics import links
from tests.chat.builders import Phone, Street, read, taps
from tests.chat.conftest import Phones
from tests.chat.groups.builders import Chat
from tests.chat.groups.conftest import bot, bound, chat, group, patient

__all__ = ["bot", "bound", "chat", "group", "patient"]


async def a_topic(
    session: AsyncSession, street: Street, number: int, title: str = "装充电桩", **columns: object
) -> Topic:
    topic = Topic(
        community_id=street.community.id,
        id=new_id(),
        number=number,
        place_id=street.places["/G1/3/"].id,
        title=title,
        body="楼下没有地方充电",
        **columns,
    )
    session.add(topic)
    await session.commit()
    return topic


async def supports(sessions: Sessions) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(TopicSupport)) or 0


async def test_what_is_talked_of_is_listed(
    session: AsyncSession, street: Street, resident: Phone
) -> None:
    assert await resident.says("议题") == "现在没有正在议的事。"
    await a_topic(session, street, 4)
    await a_topic(session, street, 5, "停车费", state=TopicState.DISCUSSED)
    await a_topic(session, street, 6, "不议的", state=TopicState.REFUSED)

    said = await resident.gets("议题")

    assert read(said).splitlines()[:3] == [
        "大家在议的事：",
        "· 5 停车费（讨论中，0 人附议）",
        "· 4 装充电桩（征集附议，0 人附议）",
    ]
    assert "不议的" not in said
    assert taps(said)["4"] == "议题4"


async def test_one_topic_has_its_words_and_ones_own_link(
    session: AsyncSession, street: Street, resident: Phone
) -> None:
    topic = await a_topic(session, street, 4)

    said = await resident.gets("议题4")

    assert "议题4：装充电桩\n楼下没有地方充电\n征集附议，0 人附议，满 5 人开始讨论" in said
    assert taps(said)["附议"] == "附议4"
    token = re.search(r"/t/([\w-]+)", said)
    assert token
    assert links.opened(token[1]) == links.TopicLink(
        topic.community_id, topic.id, resident.person_id
    )


@pytest.mark.parametrize("said", ["附议4", "附议 ４", "附议 第4号"])
async def test_a_topic_is_seconded_once(
    session: AsyncSession, street: Street, resident: Phone, sessions: Sessions, said: str
) -> None:
    await a_topic(session, street, 4)

    for _ in range(2):
        assert (await resident.says(said)).startswith("已附议4号议题，现在 1 人支持。\n")

    assert await supports(sessions) == 1


async def test_whoever_makes_the_number_full_hears_that_it_is_discussed(
    session: AsyncSession, street: Street, resident: Phone
) -> None:
    session.add(PollPolicy(community_id=street.community.id, seconds_needed=1))
    await a_topic(session, street, 4)

    assert "可以讨论了" in await resident.says("附议4")


async def test_what_cannot_be_seconded_is_said_plainly(
    session: AsyncSession, street: Street, resident: Phone, phone: Phones, sessions: Sessions
) -> None:
    await a_topic(session, street, 4, raised_by_id=resident.person_id)
    await a_topic(session, street, 5, state=TopicState.VOTED)
    await a_topic(session, street, 6, state=TopicState.DISCUSSED)
    stranger = await phone("王五")

    assert "您自己提的" in await resident.says("附议4")
    assert "过了附议的时候" in await resident.says("附议5")
    assert "先登记住址" in await stranger.says("附议6")
    assert (await stranger.says("附议4")).startswith("没有找到4号议题。")
    assert (await resident.says("附议99")).startswith("没有找到99号议题。\n大家在议的事：")
    assert await supports(sessions) == 0


async def test_in_the_group_who_is_known_seconds_aloud(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions
) -> None:
    assert bound.person_id
    await a_topic(session, street, 4)

    assert "我还不认识您" in await chat.says("附议 4", by="20002")
    assert await supports(sessions) == 0
    assert await chat.says("附议 4") == "王秀英，已附议4号议题，现在 1 人支持。"
    assert await supports(sessions) == 1


async def test_in_the_group_only_what_everybody_may_read_is_listed(
    session: AsyncSession, street: Street, chat: Chat
) -> None:
    await a_topic(session, street, 4)
    talked_over = {"state": TopicState.DISCUSSED}
    await a_topic(session, street, 5, "停车费", **talked_over, published_at=now())
    await a_topic(session, street, 6, "没人看过的", **talked_over)

    said = await chat.asks("议题")

    assert "· 5 停车费" in said
    assert "装充电桩" not in said
    assert "没人看过的" not in said
    assert await chat.says("附议") == ""
    assert "请带上编号" in await chat.asks("附议")
