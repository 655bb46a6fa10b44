from typing import Any

import pytest

from app.core.problems import Invalid
from app.service_requests.questions import answered

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
