"""The questions of a category are asked one by one, and what is no answer is asked again."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests.models import Category, ServiceRequest
from tests.chat.builders import Phone


async def _asks(session: AsyncSession, *questions: dict[str, Any]) -> None:
    """Let leaks ask these questions."""
    leaks = update(Category).where(Category.code == "water_leak")
    await session.execute(leaks.values(questions=list(questions)))
    await session.commit()


async def _answers(session: AsyncSession) -> dict[str, Any]:
    answers: dict[str, Any] = (await session.scalars(select(ServiceRequest.answers))).one()
    return answers


FLOOR = {"code": "floor", "label": "在几楼", "type": "number", "minimum": 1, "maximum": 33}
SINCE = {"code": "since", "label": "什么时候开始的", "type": "date"}
WHERE = {
    "code": "where",
    "label": "哪里漏",
    "type": "multiple",
    "options": [{"code": "k", "label": "厨房"}, {"code": "b", "label": "卫生间"}],
}
SURE = {
    "code": "gas",
    "label": "闻到煤气味了吗",
    "type": "yes_no",
    "ends_on": True,
    "advice": "请马上开窗、离开，并拨打燃气抢修电话。",
}


async def test_every_kind_of_question_is_answered_in_plain_words(
    resident: Phone, session: AsyncSession
) -> None:
    await _asks(session, FLOOR, SINCE, WHERE)

    assert "在几楼" in await resident.says("报修", "水管漏水", "1")
    assert "什么时候" in await resident.says("五")
    assert "哪里漏" in await resident.says("11月3日")
    assert "照片" in await resident.says("1 2")
    await resident.says("完成", "1")

    answers = await _answers(session)
    assert (answers["floor"], answers["where"]) == (5, ["k", "b"])
    assert answers["since"].endswith("-11-03")


async def test_what_is_no_answer_is_asked_again(resident: Phone, session: AsyncSession) -> None:
    await _asks(session, FLOOR, SINCE)
    await resident.says("报修", "水管漏水", "1")

    assert "请回复数字" in await resident.says("楼上")
    assert "在几楼" in await resident.says("99")
    assert "什么时候" in await resident.says("3")
    assert "请回复日期" in await resident.says("2月30日")
    assert "照片" in await resident.says("跳过")
    await resident.says("完成", "1")
    assert await _answers(session) == {"floor": 3}


async def test_one_step_back_asks_the_question_before(
    resident: Phone, session: AsyncSession
) -> None:
    await _asks(session, FLOOR, SINCE)
    await resident.says("报修", "水管漏水", "1", "3")

    assert "在几楼" in await resident.says("上一步")
    assert "什么时候" in await resident.says("4")
    await resident.says("跳过", "完成", "1")
    assert await _answers(session) == {"floor": 4}


async def test_who_says_it_in_one_line_is_asked_what_has_to_be_known(
    resident: Phone, session: AsyncSession
) -> None:
    await _asks(session, SINCE, FLOOR | {"required": True})

    answer = await resident.says("报修 水管漏水")
    assert "在几楼" in answer
    assert "跳过" not in answer
    await resident.says("6", "1")
    assert await _answers(session) == {"floor": 6}


async def test_an_answer_may_end_the_form_with_advice(
    resident: Phone, session: AsyncSession
) -> None:
    await _asks(session, SURE)

    assert "请马上开窗" in await resident.says("报修 水管漏水", "是")
    assert not (await session.scalars(select(ServiceRequest))).all()
    await resident.says("报修 水管漏水", "否", "1")
    assert await _answers(session) == {"gas": False}


@pytest.mark.parametrize("words", ["今天", "昨天", "2026-11-03", "11.3", "2026年11月3日"])
async def test_days_are_understood_as_people_say_them(
    resident: Phone, session: AsyncSession, words: str
) -> None:
    await _asks(session, SINCE)

    assert "照片" in await resident.says("报修", "水管漏水", "1", words)
