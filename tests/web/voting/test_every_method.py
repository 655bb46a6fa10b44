"""Every method on a page without scripts: what is entered is kept, and stands there again."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.forms import Condition, Method, Option, Question
from app.polls.models import Ballot
from tests.conftest import Client
from tests.polls.builders import OpenPoll, a_question
from tests.web.voting.browsing import Sheet, asking, opened_at, path_of, surveying

DAYS = [
    Option(key=key, text=f"第{n}天", starts_at=datetime(2026, 12, n, 6, 30, tzinfo=UTC))
    for n, key in enumerate("ABC", 1)
]
WITH_OTHER = ("A", "B", "other")


async def kept(session: AsyncSession, opened: OpenPoll) -> str | None:
    """The one choice that is kept."""
    choices = select(Ballot.choice).where(Ballot.poll_id == opened.poll.id)
    return (await session.scalars(choices)).one_or_none()


ENTERED: list[tuple[Question, list[tuple[str, ...]], dict[str, Any]]] = [
    (a_question("single"), [("single", "B")], {"single": "B"}),
    (
        a_question("others", options=WITH_OTHER),
        [("others", "other"), ("others.other", "修 路灯 & <灯>")],
        {"others": "other", "others.other": "修 路灯 & <灯>"},
    ),
    (
        a_question("reasoned", reason=True),
        [("reasoned", "A"), ("reasoned.reason", "第一\r\n第二")],
        {"reasoned": "A", "reasoned.reason": "第一\n第二"},
    ),
    (
        a_question("multiple", Method.MULTIPLE, least=1, most=2),
        [("multiple", "C", "A")],
        {"multiple": ["A", "C"]},
    ),
    (a_question("approval", Method.APPROVAL), [("approval", "B", "C")], {"approval": ["B", "C"]}),
    (
        a_question("ranked", Method.RANKED),
        [("ranked:A", "3"), ("ranked:B", "1")],
        {"ranked": ["B", "A"]},
    ),
    (
        a_question("score", Method.SCORE, top=5),
        [("score:A", "5"), ("score:B", "0"), ("score:C", "3")],
        {"score": {"A": 5, "B": 0, "C": 3}},
    ),
    (
        a_question("dots", Method.DOTS, dots=5),
        [("dots:A", "4"), ("dots:B", "0")],
        {"dots": {"A": 4}},
    ),
    (
        Question(key="dates", method=Method.DATES, text="哪天", options=DAYS),
        [("dates:A", "yes"), ("dates:B", "maybe"), ("dates:C", "no")],
        {"dates": {"A": "yes", "B": "maybe", "C": "no"}},
    ),
    (a_question("yes_no", Method.YES_NO), [("yes_no", "abstain")], {"yes_no": "abstain"}),
    (a_question("text", Method.TEXT), [("text", " 多种树 ")], {"text": "多种树"}),
    (a_question("number", Method.NUMBER), [("number", "-12")], {"number": -12}),
    (a_question("date", Method.DATE), [("date", "2026年1月2日")], {"date": "2026-01-02"}),
    (a_question("skipped", required=False), [], {}),
]


def filled_in(sheet: Sheet, entries: list[tuple[str, ...]]) -> Sheet:
    for name, *values in entries:
        listed = sheet.page.xpath(f"//select[@name='{name}']")
        ticked = sheet.page.xpath(f"//input[@name='{name}'][@type='radio' or @type='checkbox']")
        if listed or ticked:
            sheet.pick(name, *values)
        else:
            sheet.write(name, values[0])
    return sheet


async def test_what_is_entered_by_every_method_is_kept_and_stands_there_again(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, *(question for question, _, _ in ENTERED), **surveying())
    expected: dict[str, Any] = {}
    for _, _, answers in ENTERED:
        expected |= answers
    sheet = await opened_at(client, path_of(opened))
    for _, entries, _ in ENTERED:
        filled_in(sheet, entries)

    done = await sheet.press("cast")

    assert done.status == 200
    assert json.loads(await kept(session, opened) or "") == expected
    assert "已交卷" in done.text
    for said in (
        "第 1 名：方案B",
        "其他：修 路灯 & <灯>",
        "方案A：5",
        "第1天：可以",
        "弃权",
        "-12",
    ):
        assert said in done.text
    again = await opened_at(client, f"{path_of(opened)}?change=1")
    unchanged = await again.press("cast")
    assert "没有变化" in unchanged.text


MISTAKES: list[tuple[Question, list[tuple[str, ...]], str]] = [
    (a_question("nothing"), [], "请回答这一题"),
    (a_question("few", Method.MULTIPLE, least=2), [("few", "A")], "请至少选 2 项"),
    (
        a_question("many", Method.MULTIPLE, most=1),
        [("many", "A", "B")],
        "最多选 1 项，您选了 2 项",
    ),
    (
        a_question("ranked", Method.RANKED),
        [("ranked:A", "1"), ("ranked:B", "1")],
        "两个选项不能排在同一名，请改其中一个",
    ),
    (a_question("scored", Method.SCORE), [("scored:A", "1")], "请给每一项都打分"),
    (
        a_question("dots", Method.DOTS, dots=3),
        [("dots:A", "2"), ("dots:B", "2")],
        "一共只有 3 点，您分出了 4 点",
    ),
    (a_question("half", Method.DOTS), [("half:A", "1.5")], "请填写整数"),
    (a_question("number", Method.NUMBER), [("number", "三")], "请填写整数"),
    (a_question("digits", Method.NUMBER), [("digits", "9" * 5000)], "请填写整数"),
    (a_question("date", Method.DATE), [("date", "明天")], "请填写日期，例如 2026-01-02"),
    (
        Question(key="dates", method=Method.DATES, text="哪天", options=DAYS),
        [("dates:B", "yes")],
        "请给每个时间都选“可以”“也许”或“不行”",
    ),
    (a_question("long", Method.TEXT), [("long", "长" * 4001)], "最多写 4000 字，不要有特殊符号"),
    (
        a_question("others", options=WITH_OTHER),
        [("others", "other"), ("others.other", "长" * 201)],
        "“其他”请写一行，不超过 200 字",
    ),
]


async def test_what_is_wrong_is_said_beside_the_question_and_nothing_is_lost(
    session: AsyncSession, client: Client
) -> None:
    right = a_question("right", reason=True)
    opened = await asking(session, right, *(each[0] for each in MISTAKES), **surveying())
    sheet = await opened_at(client, path_of(opened))
    for _, entries, _ in MISTAKES:
        filled_in(sheet, entries)
    sheet.pick("right", "C").write("right.reason", "我的理由")

    refused = await sheet.press("cast")

    assert refused.status == 422
    assert f"有 {len(MISTAKES)} 题需要修改" in refused.text
    for question, entries, said in MISTAKES:
        assert refused.complaint(question.key) == said
        for name, *values in entries:
            assert refused.values(name) == values
    assert (refused.values("right"), refused.values("right.reason")) == (["C"], ["我的理由"])
    assert await kept(session, opened) is None


HANGING = [
    a_question("q1", Method.YES_NO),
    a_question("q2", only_if=Condition(question="q1", any_of=["yes"])),
    a_question("q3", only_if=Condition(question="q2", any_of=["A", "B"])),
]


async def test_without_scripts_every_question_is_there_and_says_of_whom_it_is_asked(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, *HANGING)
    sheet = await opened_at(client, path_of(opened))
    assert "仅当第 1 题选了“同意”时回答" in sheet.text
    assert "仅当第 2 题选了“方案A”或“方案B”时回答" in sheet.text

    sheet.pick("q1", "no").pick("q2", "A").pick("q3", "A")
    done = await sheet.press("cast")

    assert done.status == 200
    assert await kept(session, opened) == '{"q1":"no"}'


async def test_a_question_that_is_asked_after_all_has_to_be_answered(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, *HANGING)
    sheet = (await opened_at(client, path_of(opened))).pick("q1", "yes").pick("q3", "B")

    refused = await sheet.press("cast")

    assert refused.complaint("q2") == "请回答这一题"
    assert refused.values("q3") == ["B"]
    done = await refused.pick("q2", "A").press("cast")
    assert await kept(session, opened) == '{"q1":"yes","q2":"A","q3":"B"}'
    assert "方案A" in done.text


@pytest.mark.parametrize("step", ["cast", "change"])
async def test_what_no_page_of_ours_sends_is_refused_and_never_breaks(
    session: AsyncSession, client: Client, step: str
) -> None:
    opened = await asking(session, a_question())
    sheet = await opened_at(client, path_of(opened))
    strange = [("q1", "Z")], [("q9", "A")], [("q1:A", "1")], [("q1", "A" * 500_000)], [("\0", "\0")]

    for sent in strange:
        answer = await sheet.send(*sent, ("entry", "x"), ("section", "-1"), ("step", step))
        assert answer.status in {200, 422}

    assert await kept(session, opened) is None


async def test_a_ballot_of_more_than_a_megabyte_is_not_read(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(reason=True))
    sheet = await opened_at(client, path_of(opened))

    answer = await sheet.write("q1.reason", "很" * 400_000).send(("step", "cast"))

    assert answer.status == 413
    assert "没有投出" in answer.text
