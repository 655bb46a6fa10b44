"""What one can have done by a word in a group, and what the group does not learn by it."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.ids import new_id
from app.groups.models import Group
from app.notices.models import Delivery, Notice, NoticeKind, NoticeState
from app.people.models import Identity
from app.places.models import Place
from app.service_requests.models import Category, Channel, ServiceRequest
from tests.chat.builders import Phone, Street, taps
from tests.chat.groups.builders import Chat


async def requests(sessions: Sessions) -> list[ServiceRequest]:
    async with sessions() as session:
        return list(await session.scalars(select(ServiceRequest).order_by(ServiceRequest.id)))


async def whispers(sessions: Sessions, phone: Phone) -> list[str]:
    """What was promised to somebody alone."""
    async with sessions() as session:
        said = select(Delivery.title).where(Delivery.person_id == phone.person_id)
        return [each or "" for each in await session.scalars(said.order_by(Delivery.id))]


async def test_a_matter_is_filed_for_whoever_is_bound(
    chat: Chat, sessions: Sessions, bound: Phone, street: Street
) -> None:
    answer = await chat.asks("报修 厨房水管漏水，急")

    (request,) = await requests(sessions)
    assert (request.reporter_id, request.channel) == (bound.person_id, Channel.CHAT)
    assert (request.summary, request.place_id) == ("厨房水管漏水，急", street.home.id)
    assert str(request.number) in answer
    assert "水管" not in answer
    assert "502" not in answer


async def test_the_rest_is_told_to_whoever_asked_alone(
    chat: Chat, sessions: Sessions, bound: Phone
) -> None:
    await chat.asks("报修 厨房水管漏水")

    (request,) = await requests(sessions)
    (told,) = await whispers(sessions, bound)
    assert "厨房水管漏水" in told
    assert "3栋楼栋交流群" in told
    assert taps(told)["进度"] == f"进度{request.number}"


async def test_they_are_told_in_their_own_language(
    chat: Chat, session: AsyncSession, sessions: Sessions, bound: Phone
) -> None:
    identity = (await session.scalars(select(Identity))).one()
    identity.locale = "en"
    await session.commit()

    answer = await chat.asks("报修 厨房水管漏水")

    (told,) = await whispers(sessions, bound)
    assert "已经报上去了" in answer
    assert list(taps(told).values()) == ["进度1001", "补充1001"]
    assert "进度" not in taps(told)


async def test_a_place_that_is_named_is_the_place(
    chat: Chat, sessions: Sessions, bound: Phone, street: Street
) -> None:
    await chat.asks("报修 7栋门口路灯不亮")

    assert [each.place_id for each in await requests(sessions)] == [street.places["/G1/7/"].id]


async def test_without_a_home_it_is_the_place_of_the_group(
    chat: Chat, session: AsyncSession, sessions: Sessions, bound: Phone, group: Group
) -> None:
    await session.execute(text("DELETE FROM residences"))
    await session.commit()

    await chat.asks("报修 厨房水管漏水")

    assert [each.place_id for each in await requests(sessions)] == [group.place_id]


async def test_what_few_may_know_is_not_taken_down_aloud(
    chat: Chat, session: AsyncSession, sessions: Sessions, bound: Phone
) -> None:
    for category in await session.scalars(select(Category)):
        category.confidential, category.public = True, False
    await session.commit()

    assert "服务号" in await chat.asks("投诉 有人打老婆")
    assert await requests(sessions) == []


async def test_a_matter_needs_words(chat: Chat, sessions: Sessions, bound: Phone) -> None:
    assert "报修 3栋电梯坏了" in await chat.asks("报修")
    assert await requests(sessions) == []


async def test_a_stranger_is_invited_and_nothing_is_filed(chat: Chat, sessions: Sessions) -> None:
    answer = await chat.asks("报修 厨房水管漏水")

    assert "王秀英" in answer
    assert "绑定群 " in answer
    assert await requests(sessions) == []


async def test_progress_is_never_said_aloud(chat: Chat, sessions: Sessions, bound: Phone) -> None:
    await chat.asks("报修 厨房水管漏水")
    (request,) = await requests(sessions)

    answers = [await chat.asks(f"进度{each}") for each in ("", request.number, 999_999)]

    assert len(set(answers)) == 1
    assert "水管" not in answers[0]
    _, *told = await whispers(sessions, bound)
    assert ["厨房水管漏水" in each for each in told] == [True, True, False]


async def test_a_neighbours_matter_is_like_one_that_is_not_there(
    chat: Chat,
    sessions: Sessions,
    bound: Phone,
    phone: object,
    session: AsyncSession,
    street: Street,
) -> None:
    async with sessions.begin() as fresh:
        category = (await fresh.scalars(select(Category).limit(1))).one()
        fresh.add(
            ServiceRequest(
                community_id=street.community.id,
                id=new_id(),
                number=4711,
                category_id=category.id,
                category_version=category.version,
                place_id=street.places["/G1/7/101/"].id,
                reporter_id=None,
                summary="别人家的事",
                channel=Channel.API,
                filed_at=now(),
                due_at=now(),
            )
        )

    there, not_there = await chat.asks("进度4711"), await chat.asks("进度4712")

    assert there == not_there
    first, second = await whispers(sessions, bound)
    assert first == second
    assert "别人家" not in first


async def test_who_follows_no_account_is_told_where_to_ask(
    chat: Chat, session: AsyncSession, sessions: Sessions, bound: Phone
) -> None:
    (identity,) = await session.scalars(select(Identity))
    identity.subscribed = False
    await session.commit()

    assert "请关注服务号" in await chat.asks("进度")
    assert await whispers(sessions, bound) == []


async def test_a_song_is_put_on_the_list(chat: Chat, sessions: Sessions, bound: Phone) -> None:
    assert "想听哪首" in await chat.asks("点歌")
    assert "茉莉花" in await chat.asks("点歌 茉莉花，送给7栋的老姐妹")

    (request,) = await requests(sessions)
    async with sessions() as session:
        place = await session.get_one(Place, (request.community_id, request.place_id))
    assert place.path == "/"


async def test_where_no_songs_are_played_that_is_said(
    chat: Chat, session: AsyncSession, sessions: Sessions, bound: Phone
) -> None:
    category = await session.scalar(select(Category).where(Category.code == "song_request"))
    assert category
    category.active = False
    await session.commit()

    assert await chat.asks("点歌 茉莉花") == "这里还没有点歌台。"
    assert await requests(sessions) == []


async def a_notice(
    session: AsyncSession, street: Street, title: str, *, at: str = "/", **more: object
) -> None:
    columns = {"state": NoticeState.SENT, "channels": ["site"], "published_at": now(), **more}
    session.add(
        Notice(
            community_id=street.community.id,
            id=new_id(),
            kind=NoticeKind.NOTICE,
            title=title,
            body="明天 **9:00** 停水。",
            place_id=street.places[at].id,
            **columns,
        )
    )
    await session.commit()


async def test_the_notice_of_the_day_is_what_everybody_here_may_read(
    chat: Chat, session: AsyncSession, street: Street
) -> None:
    assert await chat.asks("今日通知") == "这里最近没有通知。"
    await a_notice(session, street, "停水通知")
    await a_notice(session, street, "7栋的事", at="/G1/7/")
    await a_notice(session, street, "还没发", state=NoticeState.DRAFT)
    await a_notice(session, street, "撤回了", state=NoticeState.WITHDRAWN)
    await a_notice(session, street, "党员会", channels=["wechat"])
    await a_notice(session, street, "3栋换灯", at="/G1/3/")

    answer = await chat.asks("今日通知")

    assert answer.startswith("最近的通知：\n· 3栋换灯")
    assert "明天 9:00 停水。" in answer
    assert "停水通知" in answer
    assert not any(word in answer for word in ("7栋", "还没发", "撤回了", "党员会"))


@pytest.mark.parametrize("name", ["@所有人", "<a href='x'>点我</a>", "王\n秀\n英" * 20, ""])
async def test_names_are_repeated_harmlessly(chat: Chat, name: str) -> None:
    answer = await chat.asks("报修 厨房水管漏水", name=name)

    assert "@所有人" not in answer
    assert "<a" not in answer
    assert len(answer.split("，我还不认识您")[0]) <= 20
