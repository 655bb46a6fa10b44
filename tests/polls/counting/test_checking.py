"""What a ballot may hold, and the one text that it is kept by."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.polls import recount
from app.polls.counting import checked
from app.polls.forms import Condition, Form, Method, Option, Question
from app.polls.problems import BallotInvalid
from tests.polls.counting import naive
from tests.polls.counting.drawing import JUNK, choices, forms

SETTINGS = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OPTIONS = [Option(key=key, text=key) for key in ("B", "A", "other")]


def asking(method: Method, **more: Any) -> Form:
    options = [] if method in {Method.TEXT, Method.NUMBER, Method.DATE, Method.YES_NO} else OPTIONS
    made = {"key": "q1", "method": method, "text": "?", "options": options} | more
    return Form(questions=[Question(**made)])


def faults_of(form: Form, choice: Any) -> list[dict[str, str]]:
    with pytest.raises(BallotInvalid) as refused:
        checked(form, choice)
    return refused.value.errors


def faults(form: Form, choice: Any) -> dict[str, str]:
    return {error["path"]: error["message"] for error in faults_of(form, choice)}


@pytest.mark.parametrize(
    ("method", "answer", "kept"),
    [
        (Method.SINGLE, "A", '"A"'),
        (Method.MULTIPLE, ["other", "A", "B"], '["B","A","other"]'),
        (Method.APPROVAL, ["A", "B"], '["B","A"]'),
        (Method.APPROVAL, [], "[]"),
        (Method.RANKED, ["other", "A", "B"], '["other","A","B"]'),
        (Method.SCORE, {"B": 0, "A": 5, "other": 1}, '{"A":5,"B":0,"other":1}'),
        (Method.DOTS, {"B": 0, "A": 10}, '{"A":10}'),
        (Method.DOTS, {}, "{}"),
        (
            Method.DATES,
            {"B": "yes", "A": "maybe", "other": "no"},
            '{"A":"maybe","B":"yes","other":"no"}',
        ),
        (Method.YES_NO, "abstain", '"abstain"'),
        (Method.TEXT, "  多种树\n少停车 ", '"多种树\\n少停车"'),
        (Method.NUMBER, -7, "-7"),
        (Method.DATE, "2024-02-29", '"2024-02-29"'),
    ],
)
def test_an_answer_is_kept_in_one_way(method: Method, answer: Any, kept: str) -> None:
    assert checked(asking(method), {"q1": answer}) == f'{{"q1":{kept}}}'


@pytest.mark.parametrize(
    ("method", "answer", "message"),
    [
        (Method.SINGLE, "D", "is not one of the options"),
        (Method.SINGLE, ["A"], "is not one of the options"),
        (Method.MULTIPLE, "A", "is not a list of options"),
        (Method.MULTIPLE, ["A", "A"], "names an option twice"),
        (Method.MULTIPLE, [{}], "is not one of the options"),
        (Method.RANKED, ["A", "B", "A"], "names an option twice"),
        (Method.SCORE, {"A": 1}, "says something of other options than there are, or not of each"),
        (
            Method.SCORE,
            {"A": 1, "B": 0, "other": 0, "D": 1},
            "says something of other options than there are, or not of each",
        ),
        (Method.SCORE, {"A": 6, "B": 0, "other": 0}, "is not a whole number from 0 to 5"),
        (Method.SCORE, {"A": True, "B": 0, "other": 0}, "is not a whole number from 0 to 5"),
        (Method.SCORE, {"A": 1.0, "B": 0, "other": 0}, "is not a whole number from 0 to 5"),
        (Method.DOTS, {"A": 6, "B": 5}, "gives away more than 10"),
        (Method.DOTS, {"A": -1}, "is not a whole number from 0 to 10"),
        (Method.DOTS, {"D": 1}, "is not one of the options"),
        (Method.DOTS, 3, "is not an object with options"),
        (
            Method.DATES,
            {"A": "yes", "B": "ja", "other": "no"},
            "is neither yes nor maybe nor no for some date",
        ),
        (Method.YES_NO, True, "is neither yes nor no nor abstain"),
        (Method.TEXT, " ", "String should have at least 1 character"),
        (Method.TEXT, "a\x00b", "contains a control character"),
        (Method.TEXT, 3, "Input should be a valid string"),
        (Method.DATE, "2026-02-29", "is no day of the calendar"),
        (Method.DATE, "２０２６-02-01", "is not a date like 2026-11-23"),
        (Method.DATE, 20260201, "is not a date like 2026-11-23"),
    ],
)
def test_a_refused_answer_says_why(method: Method, answer: Any, message: str) -> None:
    assert faults(asking(method), {"q1": answer}) == {"choice.q1": message}


def test_a_number_is_one_that_every_reader_has_exactly() -> None:
    form = asking(Method.NUMBER)

    assert checked(form, {"q1": 10**15}) == '{"q1":1000000000000000}'
    assert faults(form, {"q1": 10**15 + 1})
    assert faults(form, {"q1": 1.5})
    assert faults(form, {"q1": False})


@pytest.mark.parametrize("method", [Method.MULTIPLE, Method.RANKED])
def test_as_many_are_named_as_must_and_may_be(method: Method) -> None:
    form = asking(method, least=1, most=2)

    assert faults(form, {"q1": []}) == {"choice.q1": "names fewer than 1"}
    assert checked(form, {"q1": ["A"]})
    assert checked(form, {"q1": ["B", "A"]})
    assert faults(form, {"q1": ["B", "A", "other"]}) == {"choice.q1": "names more than 2"}


def test_what_is_required_cannot_be_left_out() -> None:
    assert faults(asking(Method.SINGLE), {}) == {"choice.q1": "is required"}
    assert faults(asking(Method.SINGLE), {"q1": None}) == {"choice.q1": "is required"}
    assert checked(asking(Method.SINGLE, required=False), {"q1": None}) == "{}"


def test_what_is_no_question_cannot_be_answered() -> None:
    form = asking(Method.SINGLE)

    assert faults(form, {"q1": "A", "q2": "A"}) == {"choice.q2": "is no question"}
    assert faults(form, {"q1": "A", "\ud800": "\ud800"}) == {"choice": "is no question"}
    assert faults(form, {"q1": "A", 7: "A"}) == {"choice": "is no question"}
    assert faults(form, ["q1"]) == {"choice": "is not an object"}


def test_other_is_said_beside_other_alone() -> None:
    form = asking(Method.SINGLE)

    assert checked(form, {"q1": "other", "q1.other": " 树 "}) == '{"q1":"other","q1.other":"树"}'
    assert checked(form, {"q1": "other"}) == '{"q1":"other"}'
    assert faults(form, {"q1": "A", "q1.other": "树"}) == {"choice.q1.other": "was not asked"}
    assert faults(form, {"q1": "other", "q1.other": "a\nb"}) == {
        "choice.q1.other": "must be one line"
    }
    assert checked(asking(Method.MULTIPLE), {"q1": ["other"], "q1.other": "树"})


def test_a_reason_is_given_where_it_is_asked_and_the_question_answered() -> None:
    form = asking(Method.YES_NO, reason=True, required=False)

    assert checked(form, {"q1": "no", "q1.reason": "贵"}) == '{"q1":"no","q1.reason":"贵"}'
    assert faults(form, {"q1.reason": "贵"}) == {"choice.q1.reason": "was not asked"}
    assert faults(asking(Method.YES_NO), {"q1": "no", "q1.reason": "贵"})


def branching() -> Form:
    return Form(
        questions=[
            *asking(Method.MULTIPLE).questions,
            Question(
                key="q2",
                method=Method.YES_NO,
                text="?",
                only_if=Condition(question="q1", any_of=["A", "B"]),
            ),
            Question(
                key="q3",
                method=Method.TEXT,
                text="?",
                only_if=Condition(question="q2", any_of=["no"]),
            ),
        ]
    )


def test_a_question_is_answered_when_it_is_asked_and_then_alone() -> None:
    form = branching()

    assert checked(form, {"q1": ["other"]})
    assert checked(form, {"q1": ["A", "other"], "q2": "yes"})
    assert checked(form, {"q1": ["B"], "q2": "no", "q3": "贵"})
    assert faults(form, {"q1": ["B"]}) == {"choice.q2": "is required"}
    assert faults(form, {"q1": ["B"], "q2": "no"}) == {"choice.q3": "is required"}
    assert faults(form, {"q1": ["other"], "q2": "no"}) == {"choice.q2": "was not asked"}
    assert faults(form, {"q1": ["other"], "q2": "no", "q3": "贵"}) == {
        "choice.q2": "was not asked",
        "choice.q3": "was not asked",
    }


def test_of_what_follows_a_wrong_answer_nothing_is_said() -> None:
    assert faults(branching(), {"q1": ["D"], "q3": 7}) == {"choice.q1": "is not one of the options"}


def test_every_fault_is_named_at_once() -> None:
    form = Form(
        questions=[
            asking(Method.SINGLE).questions[0].model_copy(update={"key": key}) for key in "ab"
        ]
    )

    assert faults(form, {"a": "D", "c": 1}) == {
        "choice.a": "is not one of the options",
        "choice.b": "is required",
        "choice.c": "is no question",
    }


@SETTINGS
@given(st.data())
def test_what_fits_is_accepted_and_its_text_is_always_the_same(data: st.DataObject) -> None:
    form = data.draw(forms())
    choice = data.draw(choices(form))

    text = checked(form, choice)

    kept = json.loads(text)
    assert checked(form, kept) == text
    assert checked(form, dict(reversed(kept.items()))) == text
    assert json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")) == text
    assert recount.misfit(form.model_dump(mode="json"), text) is None


@SETTINGS
@given(st.data())
def test_a_ballot_is_accepted_exactly_when_a_plain_second_look_says_so(
    data: st.DataObject,
) -> None:
    form = data.draw(forms())
    choice = data.draw(choices(form))
    names = [
        *choice,
        *(question.key for question in form.questions),
        *("q0.other", "q0.reason", "q1.other", "q9"),
    ]
    for key in data.draw(st.lists(st.sampled_from(names), max_size=3)):
        choice[key] = data.draw(JUNK)
    for key in data.draw(st.lists(st.sampled_from(names), max_size=1)):
        choice.pop(key, None)

    if naive.fits(form, choice):
        text = checked(form, choice)
        assert checked(form, json.loads(text)) == text
    else:
        assert faults(form, choice)


@SETTINGS
@given(form=forms(), choice=JUNK | st.dictionaries(st.text(), JUNK))
def test_junk_is_refused_and_breaks_nothing(form: Form, choice: Any) -> None:
    if isinstance(choice, dict) and naive.fits(form, choice):
        assert checked(form, choice)
    else:
        assert json.dumps(faults_of(form, choice), ensure_ascii=False).encode()
