from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Role, Speciality
from app.service_requests.models import Category, CoHandler, Dispatch, ServiceRequest
from tests.chat.builders import Phone
from tests.chat.conftest import Phones
from tests.conftest import Worker


async def request_of(session: AsyncSession) -> ServiceRequest:
    rows = select(ServiceRequest).execution_options(populate_existing=True)
    return (await session.scalars(rows)).one()


async def a_colleague(phone: Phones) -> Phone:
    return await phone("钱伟", role=Role.GRID_WORKER, at="/G1/", speciality=Speciality.LAW)


async def test_the_first_to_say_so_takes_what_is_on_offer(
    resident: Phone, worker_phone: Phone, phone: Phones, worker: Worker, session: AsyncSession
) -> None:
    late = await phone("钱伟", role=Role.GRID_WORKER, at="/G1/", speciality=Speciality.PROPERTY)
    await session.execute(update(Category).values(dispatch=Dispatch.TAKING))
    await session.commit()
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    assert "已派单" in await worker_phone.says("抢单 1001")
    assert "已派单" not in await late.says("抢单1001")
    assert (await request_of(session)).assignee_id == worker_phone.person_id


async def test_a_worker_hands_on_by_name_and_says_why(
    resident: Phone, worker_phone: Phone, phone: Phones, worker: Worker, session: AsyncSession
) -> None:
    colleague = await a_colleague(phone)
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    assert "转给谁" in await worker_phone.says("转办1001")
    assert "王五" in await worker_phone.says("王五")
    assert "理由" in await worker_phone.says("钱伟")
    assert "已派单" in await worker_phone.says("我请假")
    assert (await request_of(session)).assignee_id == colleague.person_id


async def test_a_return_is_asked_and_decided_by_words(
    resident: Phone,
    worker_phone: Phone,
    manager_phone: Phone,
    worker: Worker,
    session: AsyncSession,
) -> None:
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    assert "退单" in await worker_phone.says("退单1001")
    assert "已派单" in await worker_phone.says("不归我管")
    assert "同意" in await manager_phone.says("裁定1001")
    assert "请回复“同意”或“不同意”" in await manager_phone.says("也许")
    assert "裁定理由" in await manager_phone.says("同意。")
    assert "已受理" in await manager_phone.says("确实不归你")
    assert (await request_of(session)).assignee_id is None


async def test_help_is_asked_for_reported_and_ended_by_words(
    resident: Phone, worker_phone: Phone, phone: Phones, worker: Worker, session: AsyncSession
) -> None:
    colleague = await a_colleague(phone)
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    assert "已派单" in await worker_phone.says("协办1001 钱伟")
    assert "已派单" in await colleague.says("协办反馈1001 总阀已关")
    assert "已派单" in await worker_phone.says("结束协办1001", "钱伟")
    row = (await session.scalars(select(CoHandler))).one()
    assert (row.person_id, row.report) == (colleague.person_id, "总阀已关")
    assert row.ended_at is not None


async def test_a_request_goes_up_and_is_watched_by_words(
    resident: Phone,
    worker_phone: Phone,
    manager_phone: Phone,
    worker: Worker,
    session: AsyncSession,
) -> None:
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    await worker_phone.says("上报1001")
    await manager_phone.says("督办1001 今天办完")
    request = await request_of(session)
    assert (request.escalated_to_id, request.escalation) == (manager_phone.person_id, 1)
    assert request.supervised_at is not None
