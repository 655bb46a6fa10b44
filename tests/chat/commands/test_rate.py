from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests.models import ServiceRequest, State
from tests.chat.builders import Phone


async def done(session: AsyncSession, *numbers: int) -> None:
    """Let these requests, or all, be done."""
    for request in await session.scalars(select(ServiceRequest)):
        if not numbers or request.number in numbers:
            request.state = State.COMPLETED
    await session.commit()


async def scores(session: AsyncSession) -> Sequence[tuple[int | None, str | None]]:
    rows = await session.execute(
        select(ServiceRequest.score, ServiceRequest.rating_comment).order_by(ServiceRequest.number)
    )
    return [(score, comment) for score, comment in rows]


async def test_a_score_is_enough_however_it_is_said(resident: Phone, session: AsyncSession) -> None:
    said = ["5", "５分", "五星", "⭐⭐⭐⭐⭐", "评价 5", "评价5分", "評價：五分"]
    for words in said:
        await resident.says("报修 水管漏水", "1")
        await done(session)
        assert "打了5分" in await resident.says(words)

    assert await scores(session) == [(5, None)] * len(said)


async def test_number_score_and_words_may_stand_in_one_line(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1", "报修 路灯不亮", "1")
    await done(session)

    await resident.says("评价1002 4 师傅很客气，就是慢了點")

    assert await scores(session) == [(None, None), (4, "师傅很客气，就是慢了點")]


async def test_step_by_step(resident: Phone, session: AsyncSession) -> None:
    await resident.says("报修 水管漏水", "1", "报修 路灯不亮", "1")
    await done(session)

    assert "哪一件" in await resident.says("评价")
    assert "1到5分" in await resident.says("1001")
    assert "1到5分" in await resident.says("很好很好")
    assert "谢谢" in await resident.says("非常满意")
    assert await scores(session) == [(5, None), (None, None)]


async def test_a_low_score_is_thanked_for_and_asked_about(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")
    await done(session)

    assert "转人工" in await resident.says("1分 没修好")
    assert await scores(session) == [(1, "没修好")]


async def test_only_what_is_done_can_be_rated_and_only_once(
    resident: Phone, session: AsyncSession
) -> None:
    assert "现在没有" in await resident.says("5")
    await resident.says("报修 水管漏水", "1")
    assert "还没办完" in await resident.says("评价1001 5")
    await done(session)
    await resident.says("5")

    assert "已经评价过" in await resident.says("评价1001 1")
    assert "现在没有" in await resident.says("1")
    assert await scores(session) == [(5, None)]


async def test_a_bare_number_answers_the_question_that_is_open(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "1")
    await done(session)

    await resident.says("报修 路灯不亮", "1")

    assert await scores(session) == [(None, None), (None, None)]
