from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.groups import oversight
from app.groups.models import Bot, Group, GroupKind, GroupMember, GroupMessage, Question, Title
from tests.groups.builders import a_group, a_member, a_message
from tests.organizations.builders import an_organization
from tests.service_requests.builders import Town
from tests.service_requests.conftest import People

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "电梯什么时候能修好",
        "電梯什麼時候能修好",
        "请问物业费怎么交",
        "今天会停水吗",
        "3栋有人管吗？",
        "为啥又没电",
        "多久能来人",
        "谁负责绿化",
        "能不能派人来看看",
        "可不可以晚点再交",
        "快递放哪",
        "物业在不在?",
        "单元门坏了",
        "地下车库积水严重",
        "楼道灯不亮，麻烦处理",
        "请尽快处理",
        "漏水了，修好了吗",
    ],
)
def test_a_question_or_a_fault_is_heard(text: str) -> None:
    assert oversight.asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "？？？",
        "谢谢",
        "收到",
        "大家早上好",
        "灯修好了，谢谢师傅",
        "漏水已经解决了",
        "没什么事",
        "谁都不容易",
        "不管怎么说都辛苦了",
        "看这个 https://example.cn/a?b=1",
        "#接龙\n周六书法课\n1. 张三 几点来",
        "／报修 3栋电梯坏了",
        "转发：" + "我们什么时候才能过上好日子，" * 20,
    ],
)
def test_talk_is_no_question(text: str) -> None:
    assert not oversight.asks(text)


@pytest.fixture
async def overseen(session: AsyncSession, town: Town, bot: Bot) -> Group:
    """A property group with a company that answers in it."""
    company = await an_organization(session, town)
    made = await a_group(
        session, town, bot, kind=GroupKind.PROPERTY, at="/A1/", organization_id=company.id
    )
    await session.commit()
    return made


@pytest.fixture
async def wang(session: AsyncSession, overseen: Group) -> GroupMember:
    return await a_member(session, overseen, "20001", "王秀英")


@pytest.fixture
async def wu(session: AsyncSession, overseen: Group) -> GroupMember:
    return await a_member(session, overseen, "30001", "物业小吴", title=Title.COMPANY)


async def says(
    session: AsyncSession,
    group: Group,
    by: GroupMember,
    text: str,
    *,
    minutes: float = 0,
    reply_to: GroupMessage | None = None,
) -> GroupMessage:
    at = NOON + timedelta(minutes=minutes)
    message = await a_message(session, group, text, by=by, at=at)
    await oversight.heard(
        session,
        group,
        message,
        by_company=False,
        reply_to=reply_to.external_id if reply_to else None,
    )
    return message


async def questions(session: AsyncSession) -> list[tuple[str, str | None, float | None]]:
    """What was asked, what answered it, and after how many minutes."""
    kept = await session.scalars(select(GroupMessage))
    words = {each.id: each.text for each in kept}
    found = await session.scalars(
        select(Question).order_by(Question.asked_at).execution_options(populate_existing=True)
    )
    return [
        (
            words[each.message_id] if each.message_id else "",
            words[each.answer_id] if each.answer_id else None,
            (each.answered_at - each.asked_at) / timedelta(minutes=1) if each.answered_at else None,
        )
        for each in found
    ]


async def test_the_company_answers_what_is_open(
    session: AsyncSession, overseen: Group, wang: GroupMember, wu: GroupMember
) -> None:
    await says(session, overseen, wang, "电梯坏了")
    await says(session, overseen, wang, "有人吗", minutes=5)
    await says(session, overseen, wang, "辛苦了", minutes=6)
    await says(session, overseen, wu, "马上来，是几号梯？", minutes=10)
    await says(session, overseen, wu, "修好了", minutes=60)
    assert await questions(session) == [
        ("电梯坏了", "马上来，是几号梯？", 10.0),
        ("有人吗", "马上来，是几号梯？", 5.0),
    ]


async def test_a_reply_answers_what_it_replies_to_and_nothing_else(
    session: AsyncSession, overseen: Group, wang: GroupMember, wu: GroupMember
) -> None:
    first = await says(session, overseen, wang, "电梯坏了")
    await says(session, overseen, wang, "几点来水", minutes=1)
    await says(session, overseen, wu, "在修", minutes=9, reply_to=first)
    assert await questions(session) == [("电梯坏了", "在修", 9.0), ("几点来水", None, None)]
    await says(session, overseen, wu, "再说一遍在修", minutes=20, reply_to=first)
    assert await questions(session) == [("电梯坏了", "在修", 9.0), ("几点来水", None, None)]


async def test_a_reply_to_what_is_no_question_answers_all_that_is_open(
    session: AsyncSession, overseen: Group, wang: GroupMember, wu: GroupMember
) -> None:
    await says(session, overseen, wang, "电梯坏了")
    also = await says(session, overseen, wang, "我家也是", minutes=1)
    await says(session, overseen, wu, "在修", minutes=9, reply_to=also)
    assert await questions(session) == [("电梯坏了", "在修", 9.0)]


async def test_what_was_asked_a_day_ago_is_answered_by_a_reply_alone(
    session: AsyncSession, overseen: Group, wang: GroupMember, wu: GroupMember
) -> None:
    day = 24 * 60
    old = await says(session, overseen, wang, "电梯坏了")
    await says(session, overseen, wang, "几点来水", minutes=1)
    await says(session, overseen, wu, "大家好", minutes=day + 0.5)
    assert await questions(session) == [
        ("电梯坏了", None, None),
        ("几点来水", "大家好", day - 0.5),
    ]
    await says(session, overseen, wu, "修好了", minutes=2 * day, reply_to=old)
    assert (await questions(session))[0] == ("电梯坏了", "修好了", 2.0 * day)


async def test_an_answer_that_was_said_before_the_question_answers_nothing(
    session: AsyncSession, overseen: Group, wang: GroupMember, wu: GroupMember
) -> None:
    await says(session, overseen, wang, "电梯坏了", minutes=10)
    await says(session, overseen, wu, "大家早", minutes=9)
    assert await questions(session) == [("电梯坏了", None, None)]


async def test_the_company_speaks_by_every_account_of_its_people(
    session: AsyncSession, people: People, overseen: Group, wang: GroupMember
) -> None:
    await a_member(
        session, overseen, f"person:{people.worker.id}", person=people.worker, title=Title.COMPANY
    )
    account = await a_member(session, overseen, "30002", person=people.worker)
    await says(session, overseen, wang, "电梯坏了")
    await says(session, overseen, account, "几号电梯坏了？", minutes=3)
    assert await questions(session) == [("电梯坏了", "几号电梯坏了？", 3.0)]


async def test_a_message_that_is_heard_twice_is_one_question(
    session: AsyncSession, overseen: Group, wang: GroupMember
) -> None:
    message = await says(session, overseen, wang, "电梯坏了")
    await oversight.heard(session, overseen, message, by_company=False)
    assert len(await questions(session)) == 1


@pytest.mark.parametrize("kind", [GroupKind.BUILDING, GroupKind.PROPERTY])
async def test_nothing_is_counted_in_a_group_without_a_company(
    session: AsyncSession, town: Town, bot: Bot, overseen: Group, kind: GroupKind
) -> None:
    company = overseen.organization_id if kind is GroupKind.BUILDING else None
    free = await a_group(session, town, bot, kind=kind, organization_id=company)
    li = await a_member(session, free)
    await says(session, free, li, "电梯坏了")
    assert await questions(session) == []


async def test_a_picture_asks_nothing(
    session: AsyncSession, overseen: Group, wang: GroupMember
) -> None:
    picture = await a_message(session, overseen, "电梯坏了", by=wang, kind="image")
    await oversight.heard(session, overseen, picture, by_company=False)
    assert await questions(session) == []
