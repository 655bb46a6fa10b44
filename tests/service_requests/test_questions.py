from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Invalid
from app.service_requests.models import ServiceRequest
from app.service_requests.problems import FormEnded
from app.service_requests.questions import Question, answered, ended, next_question, spelled
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People

OPTIONS = [{"code": "a", "label": "甲"}, {"code": "b", "label": "乙"}]


def asked(kind: str, **rest: Any) -> list[dict[str, Any]]:
    return [{"code": "q", "label": "问", "type": kind, **rest}]


@pytest.mark.parametrize(
    ("questions", "answer", "kept"),
    [
        (asked("text"), " 多行\n文字 ", "多行\n文字"),
        (asked("number"), 3, 3.0),
        (asked("number"), -0.5, -0.5),
        (asked("date"), "2026-02-28", "2026-02-28"),
        (asked("yes_no"), False, False),
        (asked("single", options=OPTIONS), "a", "a"),
        (asked("multiple", options=OPTIONS), ["b", "a"], ["b", "a"]),
        (asked("multiple", options=OPTIONS), ["b", "a", "b"], ["b", "a"]),
        (asked("number", minimum=1, maximum=3), 1, 1.0),
        (asked("number", minimum=1, maximum=3), 3, 3.0),
    ],
)
def test_good_answers_are_kept(questions: list[Any], answer: Any, kept: Any) -> None:
    assert answered(questions, {"q": answer}) == {"q": kept}


@pytest.mark.parametrize(
    ("questions", "answer"),
    [
        (asked("text"), 1),
        (asked("text"), "a\x00"),
        (asked("text"), "x" * 5000),
        (asked("number"), "3"),
        (asked("number"), True),
        (asked("number"), float("nan")),
        (asked("number"), float("inf")),
        (asked("number"), 2**63),
        (asked("date"), "2026-02-30"),
        (asked("date"), [2026]),
        (asked("date"), 0),
        (asked("date"), "1700000000"),
        (asked("date"), "2026-11-23T10:00:00Z"),
        (asked("date"), "２０２６-11-23"),
        (asked("number", minimum=1), 0.99),
        (asked("number", maximum=3), 3.01),
        (asked("yes_no"), "yes"),
        (asked("single", options=OPTIONS), "c"),
        (asked("single", options=OPTIONS), ["a"]),
        (asked("multiple", options=OPTIONS), []),
        (asked("multiple", options=OPTIONS), ["a", "c"]),
        (asked("multiple", options=OPTIONS), ["a"] * 51),
        (asked("text", required=True), None),
    ],
)
def test_bad_answers_are_named(questions: list[Any], answer: Any) -> None:
    with pytest.raises(Invalid) as refused:
        answered(questions, {"q": answer})
    assert [error["path"] for error in refused.value.errors] == ["answers.q"]


def test_what_need_not_be_answered_may_be_left_out() -> None:
    assert answered(asked("text"), {}) == {}
    assert answered(asked("text"), {"q": None}) == {}


def test_every_fault_is_named_at_once() -> None:
    questions = [*asked("text", required=True), {"code": "n", "label": "数", "type": "number"}]
    with pytest.raises(Invalid) as refused:
        answered(questions, {"n": "x", "z": 1})
    assert {error["path"] for error in refused.value.errors} == {
        "answers.q",
        "answers.n",
        "answers.z",
    }


GAS: list[dict[str, Any]] = [
    {"code": "floor", "label": "几楼", "type": "number", "required": True},
    {
        "code": "smell",
        "label": "有气味吗",
        "type": "yes_no",
        "ends_on": True,
        "advice": "请马上离开。",
    },
    {"code": "since", "label": "从哪天起", "type": "date", "required": True},
]


def test_an_answer_ends_the_form_with_its_advice_whatever_else_is_missing_or_wrong() -> None:
    assert ended(GAS, {"smell": True}) == "请马上离开。"
    for answers in ({"smell": True}, {"smell": True, "floor": "x", "colour": "red"}):
        with pytest.raises(FormEnded) as refused:
            answered(GAS, answers)
        assert refused.value.detail == "请马上离开。"


def test_only_the_very_answer_ends_the_form() -> None:
    assert ended(GAS, {"smell": False}) is None
    assert ended(GAS, {"smell": 1}) is None
    assert ended(GAS, {"smell": "true"}) is None
    assert ended(GAS, {}) is None
    on_no = [{**GAS[1], "ends_on": False}]
    assert ended(on_no, {"smell": False}) == "请马上离开。"
    assert ended(on_no, {"smell": None}) is None
    good = {"floor": 3, "smell": False, "since": "2026-11-01"}
    assert answered(GAS, good) == good


def test_questions_come_in_their_order_until_the_form_ends_or_all_are_passed() -> None:
    def asked_next(answers: dict[str, Any]) -> str | None:
        question = next_question(GAS, answers)
        return question.code if question else None

    assert asked_next({}) == "floor"
    assert asked_next({"floor": 3}) == "smell"
    assert asked_next({"floor": 3, "smell": True}) is None
    assert asked_next({"floor": 3, "smell": None}) == "since"
    assert asked_next({"floor": 3, "smell": False, "since": "2026-11-01"}) is None
    assert next_question([], {}) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "yes_no", "ends_on": True},
        {"type": "yes_no", "advice": "别报了"},
        {"type": "text", "ends_on": True, "advice": "别报了"},
        {"type": "text", "minimum": 1},
        {"type": "number", "minimum": 2, "maximum": 1},
        {"type": "number", "minimum": "1"},
        {"type": "number", "maximum": float("inf")},
        {"type": "yes_no", "ends_on": 1, "advice": "别报了"},
        {"type": "text", "help": ""},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Question.model_validate({"code": "q", "label": "问", **wrong})


def test_a_question_is_kept_without_what_is_usual() -> None:
    sparse = {"code": "q", "label": "问", "type": "number", "minimum": 0.0}
    full = {**sparse, "required": False, "options": [], "maximum": None, "help": None}
    assert Question.model_validate(full).kept() == sparse
    no = {"code": "q", "label": "问", "type": "yes_no", "ends_on": False, "advice": "不用报"}
    assert Question.model_validate(no).kept() == no


def test_answers_are_spelled_out_behind_their_questions() -> None:
    questions: list[dict[str, Any]] = [
        *GAS,
        {"code": "room", "label": "哪里", "type": "multiple", "options": OPTIONS},
        {"code": "why", "label": "为何", "type": "single", "options": OPTIONS},
    ]
    answers = {
        "floor": 3.0,
        "smell": False,
        "since": "2026-11-01",
        "room": ["b", "a"],
        "why": "a",
    }
    said = ["几楼：3", "有气味吗：否", "从哪天起：2026-11-01", "哪里：乙、甲", "为何：甲"]
    assert spelled(questions, answers) == said
    assert spelled(questions, {}) == []


async def test_a_form_that_ends_files_nothing_and_says_what_to_do(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    asked_for = {"category": "gas_heating", "place_id": str(town.home.id), "summary": "有臭味"}
    for who in (people.resident, people.manager):
        answer = await acting(who).post(
            "/service-requests", asked_for | {"answers": {"smell": True}}
        )
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/form-ended")
        assert answer.json()["detail"].startswith("请马上开窗、关阀、离开")
    assert await session.scalar(select(func.count()).select_from(ServiceRequest)) == 0
    filed = await acting(people.resident).ask(**asked_for, answers={"smell": False})
    assert filed["answers"] == {"smell": False}


async def test_a_category_says_how_its_questions_end_and_what_bounds_they_have(
    acting: As, people: People
) -> None:
    path = "/service-categories/gas_heating"
    smell, temperature = (await acting(people.resident).get(path)).json()["questions"]
    assert (smell["ends_on"], smell["help"]) == (True, "燃气有明显的臭味。")
    assert (temperature["minimum"], temperature["maximum"]) == (-20, 45)
    without_advice = {key: value for key, value in smell.items() if key != "advice"}
    answer = await acting(people.manager).patch(path, {"questions": [without_advice]})
    assert answer.status_code == 422
