"""A survey of several sections: a page for each, saved on the way, handed in with the last."""

import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.forms import Condition, Form, Method, Section
from app.polls.models import Ballot, SavedAnswers
from tests.conftest import Client
from tests.polls.builders import OpenPoll, a_question
from tests.web.voting.browsing import Sheet, asking, closed, opened_at, path_of, surveying

SECTIONS = [Section(key=key, title=f"第{key}章") for key in "abc"]
FORM = Form(
    sections=SECTIONS,
    questions=[
        a_question("q1", Method.YES_NO, section="a"),
        a_question("q2", Method.RANKED, section="a", required=False),
        a_question("q3", section="b", only_if=Condition(question="q1", any_of=["yes"])),
        a_question("q4", Method.TEXT, section="c"),
    ],
)


async def a_survey(session: AsyncSession, **columns: Any) -> OpenPoll:
    return await asking(session, form=FORM, **surveying(**columns))


async def kept(session: AsyncSession) -> dict[str, Any] | None:
    """The one ballot that was handed in."""
    choice = await session.scalar(select(Ballot.choice))
    return json.loads(choice) if choice else None


async def saved(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(SavedAnswers)) or 0


def questions_on(sheet: Sheet) -> list[str]:
    return list(sheet.page.xpath("//fieldset/@data-question"))


async def test_each_section_is_a_page_and_the_last_hands_all_of_them_in(
    session: AsyncSession, client: Client
) -> None:
    opened = await a_survey(session)
    first = await opened_at(client, path_of(opened))
    assert questions_on(first) == ["q1", "q2"]
    assert "第 1 部分，共 3 部分" in first.text

    second = await first.pick("q1", "yes").pick("q2:B", "1").press("next")
    assert questions_on(second) == ["q3"]
    third = await second.pick("q3", "C").press("next")
    assert questions_on(third) == ["q4"]
    assert await kept(session) is None
    done = await third.write("q4", "多种树").press("cast")

    assert "已交卷" in done.text
    assert await kept(session) == {"q1": "yes", "q2": ["B"], "q3": "C", "q4": "多种树"}
    assert await saved(session) == 0


async def test_what_was_saved_half_way_stands_there_when_one_comes_back(
    session: AsyncSession, client: Client
) -> None:
    opened = await a_survey(session)
    first = await opened_at(client, path_of(opened))

    told = await first.pick("q2:A", "2").press("save")

    assert "已保存" in told.text
    assert await kept(session) is None
    again = await opened_at(client, path_of(opened))
    assert (again.values("q1"), again.values("q2:A")) == ([], ["1"])


async def test_a_section_that_is_not_asked_is_passed_over_both_ways(
    session: AsyncSession, client: Client
) -> None:
    opened = await a_survey(session)
    first = await opened_at(client, path_of(opened))

    last = await first.pick("q1", "no").press("next")
    assert questions_on(last) == ["q4"]
    back = await last.write("q4", "半句").press("back")

    assert questions_on(back) == ["q1", "q2"]
    assert back.values("q1") == ["no"]
    last = await back.press("next")
    assert last.values("q4") == ["半句"]
    await last.press("cast")
    assert await kept(session) == {"q1": "no", "q4": "半句"}


async def test_one_does_not_get_past_a_section_with_something_amiss(
    session: AsyncSession, client: Client
) -> None:
    opened = await a_survey(session)
    first = await opened_at(client, path_of(opened))

    refused = await first.pick("q2:A", "1").pick("q2:B", "1").press("next")

    assert refused.status == 422
    assert refused.complaint("q1") == "请回答这一题"
    assert "同一名" in refused.complaint("q2")
    assert refused.values("q2:B") == ["1"]
    assert await saved(session) == 0


async def test_who_jumps_ahead_is_brought_back_to_what_is_missing(
    session: AsyncSession, client: Client
) -> None:
    opened = await a_survey(session)
    last = await opened_at(client, f"{path_of(opened)}?section=3")

    brought_back = await last.write("q4", "多种树").press("cast")

    assert (brought_back.status, questions_on(brought_back)) == (422, ["q1", "q2"])
    assert brought_back.complaint("q1") == "请回答这一题"
    assert await kept(session) is None
    last = await (await brought_back.pick("q1", "no").press("next")).press("cast")
    assert await kept(session) == {"q1": "no", "q4": "多种树"}


async def test_after_a_change_of_mind_no_answer_is_left_that_nobody_asked_for(
    session: AsyncSession, client: Client
) -> None:
    opened = await a_survey(session)
    second = await (await opened_at(client, path_of(opened))).pick("q1", "yes").press("next")
    third = await second.pick("q3", "C").press("next")
    await third.write("q4", "多种树").press("cast")

    change = await opened_at(client, f"{path_of(opened)}?change=1")
    assert "现在可以修改" in change.text
    last = await change.pick("q1", "no").press("next")
    assert await kept(session) == {"q1": "yes", "q3": "C", "q4": "多种树"}
    done = await last.press("cast")

    assert "修改成功" in done.text
    assert await kept(session) == {"q1": "no", "q4": "多种树"}


async def test_a_short_survey_is_one_page_and_can_be_saved_too(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), a_question("q2"), **surveying())
    sheet = await opened_at(client, path_of(opened))

    told = await sheet.pick("q2", "B").press("save")

    assert "已保存" in told.text
    assert told.values("q2") == ["B"]
    assert await kept(session) is None
    await told.pick("q1", "A").press("cast")
    assert await kept(session) == {"q1": "A", "q2": "B"}


async def test_nothing_is_saved_or_handed_in_after_the_close(
    session: AsyncSession, client: Client
) -> None:
    opened = await a_survey(session)
    first = await opened_at(client, path_of(opened))
    await closed(session, opened)

    for step in ("next", "save"):
        refused = await first.pick("q1", "yes").press(step)
        assert (refused.status, "投票已截止" in refused.text) == (409, True)
    assert (await saved(session), await kept(session)) == (0, None)
