"""What somebody who waits can say about their own matter, and about a neighbour's."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.service_requests import workflow
from app.service_requests.models import (
    Follower,
    ReturnVisit,
    ServiceRequest,
    State,
    Urge,
)
from tests.chat.builders import Phone, Street
from tests.chat.conftest import Phones


@pytest.fixture
async def neighbour(phone: Phones, street: Street) -> Phone:
    """赵敏, who lives in the same building."""
    return await phone("赵敏", home=street.places["/G1/3/2/601/"])


async def _states(session: AsyncSession) -> Sequence[State]:
    rows = select(ServiceRequest.state).order_by(ServiceRequest.number)
    return (await session.scalars(rows.execution_options(populate_existing=True))).all()


async def _go(session: AsyncSession, number: int, *steps: tuple[str, dict[str, object]]) -> None:
    """Let the request of this number take these steps by rule."""
    request = await session.scalar(select(ServiceRequest).filter_by(number=number))
    assert request
    for name, form in steps:
        await workflow.take(session, request, name, form, by=system(request.community_id))
    await session.commit()


async def _done(session: AsyncSession, number: int, worker: str) -> None:
    forms: list[tuple[str, dict[str, object]]] = [
        ("accept", {}),
        ("assign", {"worker_id": worker}),
        ("complete", {"note": "换了水管"}),
    ]
    await _go(session, number, *forms)


async def test_the_only_open_matter_is_urged_without_its_number(
    resident: Phone, session: AsyncSession
) -> None:
    assert "不用催" in await resident.says("催单")
    await resident.says("报修 水管漏水", "1")

    assert "已为您催办 1001" in await resident.says("催一下")
    assert "已经催过了" in await resident.says("催单 1001 水越来越大")
    assert len((await session.scalars(select(Urge))).all()) == 1


async def test_of_several_it_is_asked_which_one(resident: Phone, session: AsyncSession) -> None:
    await resident.says("报修 水管漏水", "1", "报修 路灯不亮", "1")

    assert "哪一件" in await resident.says("催单")
    assert "1002" in await resident.says("1002")
    urge = (await session.scalars(select(Urge))).one()
    request = await session.get_one(ServiceRequest, (urge.community_id, urge.request_id))
    assert request.number == 1002


async def test_what_is_withdrawn_is_asked_about_first(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")

    assert "确定撤回 1001" in await resident.says("撤回 1001 自己修好了")
    assert await _states(session) == [State.SUBMITTED]
    assert "不再办理" not in await resident.says("不撤了")
    assert await _states(session) == [State.SUBMITTED]

    assert "1001 已撤回" in await resident.says("撤回", "确定")
    assert await _states(session) == [State.WITHDRAWN]


async def test_a_neighbours_matter_is_neither_urged_nor_withdrawn(
    resident: Phone, neighbour: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")

    for words in ("催单 1001", "撤回 1001", "未解决 1001 还漏", "重办 1001 又漏了"):
        assert "没有找到这个编号" in await neighbour.says(words)
    assert await _states(session) == [State.SUBMITTED]


async def test_resolved_or_not_is_said_in_a_word(
    resident: Phone, worker_phone: Phone, session: AsyncSession
) -> None:
    worker = str(worker_phone.person_id)
    await resident.says("报修 水管漏水", "1")
    await _done(session, 1001, worker)

    assert "哪里没办好" in await resident.says("未解决")
    assert "退回重新办理" in await resident.says("还在漏")
    visit = (await session.scalars(select(ReturnVisit))).one()
    assert (visit.resolved, visit.satisfied, visit.comment) == (False, False, "还在漏")
    assert await _states(session) == [State.ASSIGNED]

    await _go(session, 1001, ("complete", {"note": "换了阀门"}))
    assert "谢谢您的反馈" in await resident.says("解决了 1001")
    visits = await session.scalars(select(ReturnVisit).order_by(ReturnVisit.id))
    assert [each.resolved for each in visits] == [False, True]


async def test_resolved_and_not_satisfied_are_two_things(
    resident: Phone, worker_phone: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")
    await _done(session, 1001, str(worker_phone.person_id))

    await resident.says("不满意 1001 弄得一地水没收拾")

    visit = (await session.scalars(select(ReturnVisit))).one()
    assert (visit.resolved, visit.satisfied) == (True, False)
    assert visit.comment == "弄得一地水没收拾"


async def test_what_broke_again_is_taken_up_again(
    resident: Phone, worker_phone: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")
    await _done(session, 1001, str(worker_phone.person_id))
    await _go(session, 1001, ("close", {}))

    assert "又怎么了" in await resident.says("重办")
    assert "已重新办理" in await resident.says("昨晚又漏了")
    assert await _states(session) == [State.ASSIGNED]


async def test_a_neighbour_follows_what_concerns_the_building_and_leaves_it_again(
    resident: Phone, neighbour: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 楼道灯坏了，在3栋楼下", "1")

    assert "您家也有" in await neighbour.says("我也是 1001")
    assert "已经在关注" in await neighbour.says("我也是1001")
    follower = (await session.scalars(select(Follower))).one()
    assert follower.person_id == neighbour.person_id
    assert "不再告诉您" in await neighbour.says("不再关注 1001")
    assert not (await session.scalars(select(Follower))).all()
    assert "请带上编号" in await neighbour.says("我也是")
