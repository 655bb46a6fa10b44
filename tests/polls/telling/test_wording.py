"""What came of a poll in a few words, whatever was asked, and short enough for a chat."""

from typing import Any

import pytest

from app.polls.counting import tally
from app.polls.counting.tallying import Total
from app.polls.forms import Form, Matter, Method, Option, Question
from app.polls.models import Poll, PollKind, Secrecy
from app.polls.telling import wording
from tests.polls.builders import a_question

ROOM = 1500
"""Bytes that leave a group the head of the chain and an address beside it."""


def said(
    form: Form, choices: list[str], kind: PollKind = PollKind.POLL, entries: int = 4
) -> list[str]:
    """What is said of so many votes of 100 m² each."""
    poll = Poll(kind=kind, secrecy=Secrecy.RECORDED, form=form.model_dump(mode="json"))
    attended = entries if kind is PollKind.MEETING else None
    total = Total(entries=entries, area=entries * 10_000, attended=attended)
    result: dict[str, Any] = tally(form, kind, [(each, 1, 10_000) for each in choices], total)
    return wording.result_in_short(poll, result)


@pytest.mark.parametrize(
    ("question", "choices", "words"),
    [
        (a_question(), ['{"q1":"B"}'] * 2 + ['{"q1":"C"}'], "方案B 2，方案C 1，方案A 0"),
        (a_question(method=Method.YES_NO), ['{"q1":"no"}'], "同意 0，反对 1，弃权 0"),
        (a_question(method=Method.RANKED), ['{"q1":["C","A"]}'], "胜出：方案C"),
        (
            a_question(method=Method.RANKED),
            ['{"q1":["A"]}', '{"q1":["B"]}'],
            "平票：方案A、方案B",
        ),
        (
            a_question(method=Method.SCORE),
            ['{"q1":{"A":1,"B":5,"C":0}}'],
            "方案B 5，方案A 1，方案C 0",
        ),
        (a_question(method=Method.DOTS), ['{"q1":{"C":2}}'], "方案C 2，方案A 0，方案B 0"),
        (
            a_question(method=Method.DATES),
            ['{"q1":{"A":"no","B":"maybe","C":"yes"}}'],
            "方案C 1，方案A 0，方案B 0",
        ),
    ],
)
def test_every_method_has_its_words(question: Question, choices: list[str], words: str) -> None:
    assert said(Form(questions=[question]), choices) == [
        f"{len(choices)} 票（名册上共 4 票）",
        words,
    ]


@pytest.mark.parametrize(
    ("votes", "decision"),
    [
        (["yes"] * 2, "参加的人数或面积不够，没有形成决定"),
        (["yes"] * 2 + ["no"], "表决通过"),
        (["no"] * 3, "表决未通过"),
    ],
)
def test_an_assembly_says_what_it_decided(votes: list[str], decision: str) -> None:
    question = a_question(method=Method.YES_NO, matter=Matter.PROPERTY_COMPANY)
    choices = [f'{{"q1":"{vote}"}}' for vote in votes]

    [_turnout, words] = said(Form(questions=[question]), choices, PollKind.ASSEMBLY)

    assert words.endswith(f"；{decision}")


@pytest.mark.parametrize(
    ("votes", "decision"),
    [("AAA", "超过到会半数：方案A"), ("AABB", "都没有超过到会的半数")],
)
def test_a_meeting_says_what_was_carried(votes: str, decision: str) -> None:
    choices = [f'{{"q1":"{vote}"}}' for vote in votes]

    [_turnout, words] = said(Form(questions=[a_question()]), choices, PollKind.MEETING)

    assert words.endswith(f"；{decision}")


def test_of_a_survey_only_the_turnout_is_said() -> None:
    assert said(Form(questions=[a_question()]), ['{"q1":"A"}'], PollKind.SURVEY) == [
        "1 票（名册上共 4 票）"
    ]


@pytest.mark.parametrize("questions", [1, 4, 60])
def test_however_much_was_asked_it_stays_short(questions: int) -> None:
    options = [Option(key=f"o{n}", text="装" * 200) for n in range(50)]
    form = Form(
        questions=[
            Question(key=f"q{n}", method=Method.APPROVAL, text="问" * 200, options=options)
            for n in range(questions)
        ]
    )

    lines = said(form, [])

    assert len("\n".join(lines).encode()) <= ROOM
    assert ("还有" in lines[-1]) is (questions > wording.MOST_QUESTIONS)
