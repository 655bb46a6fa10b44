from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests.models import Remark, ServiceRequest, State
from tests.chat.builders import Phone


async def remarks(session: AsyncSession) -> list[tuple[int, str | None]]:
    rows = await session.execute(
        select(ServiceRequest.number, Remark.text)
        .join(ServiceRequest, ServiceRequest.id == Remark.request_id)
        .order_by(Remark.id)
    )
    return [(number, text) for number, text in rows]


async def test_one_line_adds_words_to_the_request_of_its_number(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1", "报修 路灯不亮", "1")

    answer = await resident.says("補充１００１：是厨房的水管，請快點")

    assert "1001" in answer
    assert await remarks(session) == [(1001, "是厨房的水管，請快點")]


async def test_the_only_open_request_needs_no_number(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1", "补充 是厨房的")

    assert await remarks(session) == [(1001, "是厨房的")]


async def test_among_several_it_is_asked_which(resident: Phone, session: AsyncSession) -> None:
    await resident.says("报修 水管漏水", "1", "报修 路灯不亮", "1")

    asked = await resident.says("补充 是厨房的")
    await resident.says("1001")

    assert "哪一件" in asked
    assert await remarks(session) == [(1001, "是厨房的")]


async def test_one_may_go_on_adding_and_each_word_is_kept_at_once(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1", "补充", "是厨房的", "越漏越大")

    assert await remarks(session) == [(1001, "是厨房的"), (1001, "越漏越大")]
    assert "1001" in await resident.photographs()
    assert "都记在 1001" in await resident.says("完成")


async def test_nothing_can_be_added_to_nothing(resident: Phone) -> None:
    assert "报修" in await resident.says("补充 是厨房的")


async def test_nothing_can_be_added_to_what_is_over(resident: Phone, session: AsyncSession) -> None:
    await resident.says("报修 水管漏水", "1", "补充")
    request = (await session.scalars(select(ServiceRequest))).one()
    request.state = State.CLOSED
    await session.commit()

    assert "已经结束" in await resident.says("是厨房的")
    assert "已经结束" in await resident.says("补充1001 是厨房的")
    assert not await remarks(session)
