"""Which forms make sense for which kind of poll."""

from typing import Any

import pytest

from app.core.problems import Invalid
from app.polls.counting import checked_form
from app.polls.forms import Form
from app.polls.models import PollKind, Secrecy

AB = [{"key": "A", "text": "甲"}, {"key": "B", "text": "乙"}]
AB_OTHER = [*AB, {"key": "other", "text": "其他"}]


def question(key: str = "q1", method: str = "single", **more: Any) -> dict[str, Any]:
    choosing = method not in {"yes_no", "text", "number", "date"}
    return {"key": key, "method": method, "text": "?", "options": AB if choosing else []} | more


def faults(
    *questions: dict[str, Any],
    kind: PollKind = PollKind.SURVEY,
    secrecy: Secrecy = Secrecy.RECORDED,
    sections: Any = (),
) -> dict[str, str]:
    form = Form.model_validate({"questions": questions, "sections": list(sections)})
    try:
        checked_form(form, kind, secrecy)
    except Invalid as refused:
        return {
            error["path"].removeprefix("body.form.questions."): error["message"]
            for error in refused.errors
        }
    return {}


@pytest.mark.parametrize("method", ["single", "multiple", "approval", "ranked", "score", "dots"])
def test_what_is_chosen_from_has_two_to_fifty_options(method: str) -> None:
    fifty = [{"key": f"o{number}", "text": "x"} for number in range(50)]

    assert faults(question(method=method)) == {}
    assert faults(question(method=method, options=fifty)) == {}
    assert faults(question(method=method, options=AB[:1])) == {"0.options": "must be 2 to 50"}
    assert faults(question(method=method, options=[]))["0.options"] == "must be 2 to 50"


@pytest.mark.parametrize("method", ["yes_no", "text", "number", "date"])
def test_what_is_not_chosen_from_has_none(method: str) -> None:
    assert faults(question(method=method)) == {}
    assert faults(question(method=method, options=AB)) == {"0.options": "are not for this method"}


def test_keys_are_there_once() -> None:
    assert faults(question("a"), question("b"), question("a")) == {
        "2.key": "is there twice",
    }
    assert faults(question(options=[AB[0], AB[0]])) == {"0.options.1.key": "is there twice"}
    sections = [{"key": "s", "title": "甲"}, {"key": "s", "title": "乙"}]
    assert faults(question(), sections=sections) == {"body.form.sections.1.key": "is there twice"}


def test_a_question_stands_in_a_section_that_there_is() -> None:
    sections = [{"key": "s", "title": "甲"}]

    assert faults(question(section="s"), sections=sections) == {}
    assert faults(question(section="t"), sections=sections) == {
        "0.section": "is none of the sections"
    }


def test_dates_have_times_with_an_offset_and_nothing_else_has() -> None:
    def dated(*times: str | None) -> list[dict[str, Any]]:
        return [{"key": f"d{n}", "text": "x", "starts_at": at} for n, at in enumerate(times)]

    at = "2026-12-01T19:00:00+08:00"
    assert faults(question(method="dates", options=dated(at, at))) == {}
    assert faults(question(method="dates", options=dated(at, None, "2026-12-01T19:00:00"))) == {
        "0.options.1.starts_at": "must be a time with its offset",
        "0.options.2.starts_at": "must be a time with its offset",
    }
    assert faults(question(options=dated(at, None))) == {
        "0.options.0.starts_at": "is for dates alone"
    }


@pytest.mark.parametrize("method", ["multiple", "ranked"])
def test_no_more_must_be_named_than_may_be(method: str) -> None:
    assert faults(question(method=method, least=2)) == {}
    assert faults(question(method=method, least=2, most=2)) == {}
    assert faults(question(method=method, least=3)) == {"0.least": "is more than may be named"}
    assert faults(question(method=method, least=2, most=1)) == {
        "0.least": "is more than may be named"
    }
    assert faults(question(method=method, most=3)) == {"0.most": "is more than there are options"}


@pytest.mark.parametrize(
    ("method", "field", "value"),
    [
        ("single", "least", 0),
        ("approval", "most", 2),
        ("single", "top", 3),
        ("score", "dots", 3),
        ("dots", "top", 3),
        ("text", "reason", True),
    ],
)
def test_what_would_have_no_effect_is_not_said(method: str, field: str, value: Any) -> None:
    assert faults(question(method=method, **{field: value})) == {
        f"0.{field}": "is not for this method"
    }


def test_a_condition_is_about_what_was_chosen_before() -> None:
    def only_if(key: str, *options: str) -> dict[str, Any]:
        return {"only_if": {"question": key, "any_of": list(options)}}

    yes_no = question("b", "yes_no")
    assert faults(question("a"), question("c", **only_if("a", "A", "B"))) == {}
    assert faults(yes_no, question("c", **only_if("b", "no"))) == {}
    assert faults(question("a", **only_if("b", "no")), yes_no) == {
        "0.only_if.question": "is not an earlier question"
    }
    assert faults(question("a", **only_if("a", "A"))) == {
        "0.only_if.question": "is not an earlier question"
    }
    assert faults(question("a"), question("c", **only_if("a", "A", "C"))) == {
        "1.only_if.any_of": "are not all options of that question"
    }
    assert faults(question("a", "score"), question("c", **only_if("a", "A"))) == {
        "1.only_if.question": "must be single, multiple, approval or yes_no"
    }


@pytest.mark.parametrize("method", ["ranked", "score", "dots"])
def test_something_else_is_not_ranked_or_scored(method: str) -> None:
    assert faults(question(method=method, options=AB_OTHER)) == {
        "0.options.2.key": "is for single, multiple and approval alone"
    }


@pytest.mark.parametrize("method", ["text", "number", "date"])
def test_own_words_are_for_surveys_and_never_secret(method: str) -> None:
    secret = {"0.method": "cannot be secret: own words tell who wrote them"}

    assert faults(question(method=method)) == {}
    assert faults(question(method=method), secrecy=Secrecy.SECRET) == secret
    assert faults(question(method=method), kind=PollKind.POLL) == {
        "0.method": "is for surveys alone"
    }


def test_neither_reasons_nor_something_else_are_secret() -> None:
    words = "cannot be secret: own words tell who wrote them"

    assert faults(question(reason=True, options=AB_OTHER), kind=PollKind.POLL) == {}
    assert faults(question(reason=True, options=AB_OTHER), secrecy=Secrecy.SECRET) == {
        "0.reason": words,
        "0.options.2.key": words,
    }


def test_an_assembly_says_yes_or_no_on_numbered_matters_and_openly() -> None:
    matter = question(method="yes_no", matter=4)

    assert faults(matter, kind=PollKind.ASSEMBLY) == {}
    assert faults(question(method="yes_no"), kind=PollKind.ASSEMBLY) == {
        "0.matter": "must be named in an owners' assembly"
    }
    assert faults(question(matter=4), kind=PollKind.ASSEMBLY) == {
        "0.method": "must be yes_no in an owners' assembly"
    }
    assert faults(matter, kind=PollKind.ASSEMBLY, secrecy=Secrecy.SECRET) == {
        "body.secrecy": "areas tell homes: an owners' assembly is recorded"
    }
    assert faults(matter, kind=PollKind.SURVEY) == {"0.matter": "is for an owners' assembly alone"}


def test_a_meeting_says_yes_or_no_or_one_of_several() -> None:
    assert faults(question(method="yes_no"), question("b"), kind=PollKind.MEETING) == {}
    assert faults(question(method="ranked"), kind=PollKind.MEETING) == {
        "0.method": "must be yes_no or single in a residents' meeting"
    }
    assert faults(question(options=AB_OTHER), kind=PollKind.MEETING) == {
        "0.options.2.key": "cannot be decided: it says nothing yet"
    }


@pytest.mark.parametrize("kind", [PollKind.MEETING, PollKind.ASSEMBLY])
def test_what_is_decided_is_put_before_everybody(kind: PollKind) -> None:
    matter = {"matter": 1} if kind is PollKind.ASSEMBLY else {}
    asked = [question(key, "yes_no", **matter) for key in "ab"]
    asked[1]["only_if"] = {"question": "a", "any_of": ["yes"]}

    assert faults(*asked, kind=kind) == {"1.only_if": "must be empty: everybody is asked the same"}
