import asyncio
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.conversations import PATIENCE, REMEMBERED
from app.chat.jobs import forget
from app.chat.models import Conversation
from app.core import clock
from app.core.database import Sessions
from app.people.models import Residence
from app.places.models import Kind, Place
from app.service_requests.models import Remark, ServiceRequest
from tests.chat.builders import Phone, Street, taps
from tests.chat.conftest import Phones

BIND = ["绑定", "3栋", "2单元", "502", "租户"]
REPORT = ["报修", "路灯不亮", "小区东门", "没有"]


async def count(session: AsyncSession, table: type[ServiceRequest | Residence | Remark]) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_one_can_leave_at_every_step(newcomer: Phone, session: AsyncSession) -> None:
    for steps in (BIND, REPORT):
        for said in range(1, len(steps) + 1):
            asked = await newcomer.says(*steps[:said])
            assert "取消" in asked
            assert "已取消" in await newcomer.says("取消")
            assert "没有正在办的事" in await newcomer.says("取消")

    assert not await count(session, ServiceRequest)
    assert not await count(session, Residence)


async def test_one_can_leave_in_many_words(resident: Phone) -> None:
    for word in ["取消", "取消。", "退出", "算了", "不办了", "CANCEL", "取 消"]:
        await resident.says("报修")
        assert "已取消" in await resident.says(word), word


async def test_one_can_go_back_step_by_step(newcomer: Phone) -> None:
    await newcomer.says(*BIND)

    assert "租户" in await newcomer.says("上一步")
    assert "门牌号" in await newcomer.says("上一步")
    assert "几单元" in await newcomer.says("上一步")
    assert "哪一栋" in await newcomer.says("上一步")
    assert "第一步" in await newcomer.says("上一步")
    assert "门牌号" in await newcomer.says("7栋")


async def test_a_question_that_waited_too_long_is_laid_aside_gently(resident: Phone) -> None:
    await resident.says("报修", "水管漏水")
    clock.shift(PATIENCE + timedelta(seconds=1))

    late = await resident.gets("1")

    assert "先放下了" in late
    assert "小区公共区域" in await resident.says(taps(late)["继续"])
    assert "漏水的位置" in await resident.says("1")


async def test_it_is_said_once_and_then_forgotten(resident: Phone) -> None:
    await resident.says("报修", "呜啦")
    clock.shift(PATIENCE + timedelta(seconds=1))

    assert "先放下了" in await resident.says("呜啦啦")
    assert "没看明白" in await resident.says("呜啦啦")
    assert "在哪里" in await resident.says("继续")


async def test_the_day_after_nobody_speaks_of_it(resident: Phone, sessions: Sessions) -> None:
    await resident.says("报修", "呜啦")
    clock.shift(PATIENCE + REMEMBERED + timedelta(seconds=1))

    assert "没看明白" in await resident.says("呜啦啦")
    await forget.func(_Context(sessions), timestamp=0)
    assert "没有正在办的事" in await resident.says("继续")


async def test_what_was_said_is_deleted_when_it_is_forgotten(
    resident: Phone, sessions: Sessions, session: AsyncSession
) -> None:
    await resident.says("报修", "呜啦")
    clock.shift(PATIENCE + REMEMBERED + timedelta(seconds=1))

    await forget.func(_Context(sessions), timestamp=0)

    assert (await session.scalars(select(Conversation.known))).all() == [{}]


class _Context:
    """What the engine tells a periodic job."""

    def __init__(self, sessions: Sessions) -> None:
        self.additional_context = {"sessions": sessions}


async def test_a_command_that_reads_is_answered_and_the_question_stays(resident: Phone) -> None:
    await resident.says("报修")

    answer = await resident.says("我的诉求")

    assert "还没有反映过" in answer
    assert "“报修”还没说完" in answer
    assert "小区公共区域" in await resident.says("水管漏水")


async def test_a_command_that_writes_is_done_and_the_question_stays(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修")

    answer = await resident.says("绑定 7栋101")

    assert "7栋101" in answer
    assert "“报修”还没说完" in answer
    assert "7栋101" in await resident.says("水管漏水")


async def test_a_command_with_questions_of_its_own_takes_over(resident: Phone) -> None:
    await resident.says("报修")

    assert "哪一栋" in await resident.says("绑定")
    assert "门牌号" in await resident.says("7栋")


async def test_the_same_command_begins_anew(resident: Phone) -> None:
    await resident.says("报修", "路灯不亮")

    assert "事情：水管漏水" in await resident.says("报修水管漏水")


async def test_an_answer_that_sounds_like_a_command_is_an_answer(resident: Phone) -> None:
    await resident.says("报修")

    assert "小区公共区域" in await resident.says("转人工台的电话打不通")


async def test_two_messages_at_once_are_taken_one_after_the_other(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水")

    await asyncio.gather(*(resident.says("对") for _ in range(4)))

    assert await count(session, ServiceRequest) == 1


async def test_photos_at_once_are_all_kept(resident: Phone) -> None:
    await resident.says("报修", "水管漏水", "1", "跳过", "跳过")

    await asyncio.gather(*(resident.photographs(f"media-{n}") for n in range(5)))

    assert "照片：5张" in await resident.says("完成")


async def test_first_words_at_once_open_one_conversation(
    newcomer: Phone, session: AsyncSession
) -> None:
    await asyncio.gather(*(newcomer.says("绑定") for _ in range(4)))

    assert await session.scalar(select(func.count()).select_from(Conversation)) == 1
    assert "几单元" in await newcomer.says("3栋")


async def test_conversations_of_two_people_do_not_touch(
    phone: Phones, street: Street, session: AsyncSession
) -> None:
    one, two = await phone("甲"), await phone("乙")
    await one.says("绑定", "3栋")
    await two.says("绑定", "7栋")

    assert "门牌号" in await one.says("2单元")
    assert "没有找到" in await two.says("2单元")


async def test_a_conversation_the_software_knows_no_more_is_dropped(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修", "水管漏水")
    await session.execute(update(Conversation).values(step="gone"))
    await session.commit()

    assert "没看明白" in await resident.says("呜啦啦")
    assert "没有正在办的事" in await resident.says("取消")


async def test_a_long_list_is_offered_within_what_wechat_takes(
    newcomer: Phone, street: Street, session: AsyncSession
) -> None:
    grid = street.places["/G1/"]
    session.add_all(
        Place(
            community_id=grid.community_id,
            parent_id=grid.id,
            kind=Kind.BUILDING,
            code=str(number),
            name=f"阳光花园{number}号楼",
            path=f"{grid.path}{number}/",
        )
        for number in range(10, 400)
    )
    await session.commit()

    asked = await newcomer.gets("绑定")

    assert len(asked.encode()) <= 2048
    assert "没列出来" in asked
    assert "取消" in asked
    assert "门牌号" in await newcomer.says("399")
