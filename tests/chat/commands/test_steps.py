from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests.models import ServiceRequest
from app.service_requests.steps import Whose, steps
from tests.chat.builders import Phone
from tests.conftest import Worker


async def state(session: AsyncSession) -> ServiceRequest:
    rows = await session.scalars(
        select(ServiceRequest).execution_options(populate_existing=True).limit(1)
    )
    return rows.one()


async def test_the_whole_way_by_words(
    resident: Phone,
    worker_phone: Phone,
    manager_phone: Phone,
    worker: Worker,
    session: AsyncSession,
) -> None:
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    assert "处理中" in await worker_phone.says("开始1001")
    assert "已完成" in await worker_phone.says("完成 1001 换了一段水管。")
    assert (await state(session)).outcome == "换了一段水管。"
    assert "已核查" in await manager_phone.says("核查1001")
    assert "已结案" in await manager_phone.says("結案１００１")


async def test_what_a_step_wants_to_know_is_asked(
    resident: Phone, worker_phone: Phone, worker: Worker, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    assert "办理情况" in await worker_phone.says("完成1001")
    assert "已完成" in await worker_phone.says("换了水管")
    assert (await state(session)).outcome == "换了水管"


async def test_a_refusal_has_a_reason_and_a_way_out(
    resident: Phone, manager_phone: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")

    assert "理由" in await manager_phone.says("不予受理1001")
    assert "哪里办" in await manager_phone.says("属于自来水公司")
    assert "不予受理" in await manager_phone.says("请拨96390")

    request = await state(session)
    assert (request.reason, request.right_channel) == ("属于自来水公司", "请拨96390")


async def test_both_may_stand_in_one_line(
    resident: Phone, manager_phone: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1", "进度1001")
    await manager_phone.says("不予受理1001 属于自来水公司；请拨96390")

    request = await state(session)
    assert (request.reason, request.right_channel) == ("属于自来水公司", "请拨96390")


async def test_work_is_given_to_somebody_of_the_place_by_name(
    resident: Phone, worker_phone: Phone, manager_phone: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")
    await manager_phone.says("受理1001")

    assert "王强" in await manager_phone.says("派单1001 李桂兰")
    assert "已派单" in await manager_phone.says("派单1001 王强")
    assert (await state(session)).assignee_id == worker_phone.person_id


async def test_without_a_number_it_is_asked_which(
    resident: Phone, worker_phone: Phone, worker: Worker
) -> None:
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    assert "1001 水管漏水" in await worker_phone.says("开始")
    assert "没有找到" in await worker_phone.says("9999")
    assert "处理中" in await worker_phone.says("1001")


async def test_a_step_that_is_not_next_says_where_the_request_stands(
    resident: Phone, manager_phone: Phone
) -> None:
    await resident.says("报修 水管漏水", "1")

    assert "待受理" in await manager_phone.says("结案1001")


async def test_whose_turn_it_is_not_is_told_so(
    resident: Phone, worker_phone: Phone, worker: Worker
) -> None:
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()
    await worker_phone.says("完成1001 好了")

    assert "暂时办不了" in await worker_phone.says("核查1001")


async def test_a_refusal_at_the_end_of_a_conversation_ends_it(
    resident: Phone, worker_phone: Phone
) -> None:
    await resident.says("报修 水管漏水", "1")

    assert "暂时办不了" in await worker_phone.says("不予受理1001", "不归我们管", "请拨96390")
    assert "没有正在办的事" in await worker_phone.says("取消")


async def test_every_step_of_staff_has_a_word(worker_phone: Phone) -> None:
    for _, step in steps:
        if step.whose is not Whose.REPORTER:
            assert "没有找到" in await worker_phone.says(f"{step.words[0]}9999"), step.name
