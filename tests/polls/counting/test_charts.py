"""Results as charts, in the reader's words."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.i18n import speaking
from app.polls.counting import charts_of, tally
from app.polls.counting.tallying import Total
from app.polls.forms import Matter, Method
from app.polls.models import PollKind
from tests.polls.builders import a_form, a_question
from tests.polls.counting.drawing import ballots, forms

NOBODY = Total(entries=0, area=0, attended=None)


def drawn(method: Method, *answers: tuple[Any, int], **more: Any) -> dict[str, Any]:
    form = a_form(a_question(method=method, **more))
    votes = [(json.dumps({"q1": answer}), many, 0) for answer, many in answers]
    total = Total(entries=9, area=0, attended=None)
    (chart,) = charts_of(form, tally(form, PollKind.POLL, votes, total))
    return {name: chart[name] for name in ("type", "labels", "series", "total")}


def test_votes_for_options_are_bars() -> None:
    assert drawn(Method.MULTIPLE, (["A", "B"], 2), (["B"], 1)) == {
        "type": "bar",
        "labels": ["方案A", "方案B", "方案C"],
        "series": [{"name": "票数", "values": [2, 3, 0]}],
        "total": 3,
    }


def test_yes_and_no_are_called_what_people_call_them() -> None:
    assert drawn(Method.YES_NO, ("yes", 2), ("abstain", 1))["labels"] == ["同意", "反对", "弃权"]


def test_dots_are_bars_of_dots() -> None:
    assert drawn(Method.DOTS, ({"A": 7, "C": 3}, 2))["series"] == [
        {"name": "点数", "values": [14, 0, 6]}
    ]


def test_scores_are_stacked() -> None:
    found = drawn(Method.SCORE, ({"A": 2, "B": 0, "C": 1}, 3), top=2)

    assert found["type"] == "stacked"
    assert found["series"] == [
        {"name": "0分", "values": [0, 3, 0]},
        {"name": "1分", "values": [0, 0, 3]},
        {"name": "2分", "values": [3, 0, 0]},
    ]


def test_dates_are_stacked_by_who_can_come() -> None:
    found = drawn(Method.DATES, ({"A": "yes", "B": "maybe", "C": "no"}, 2))

    assert found["series"] == [
        {"name": "可以", "values": [2, 0, 0]},
        {"name": "也许可以", "values": [0, 2, 0]},
        {"name": "不行", "values": [0, 0, 2]},
    ]


def test_a_run_off_has_a_series_for_each_round() -> None:
    found = drawn(Method.RANKED, (["A"], 4), (["B"], 3), (["C"], 2))

    assert found["type"] == "rounds"
    assert found["labels"] == ["方案A", "方案B", "方案C", "没有下一选择"]
    assert found["series"] == [
        {"name": "第1轮", "values": [4, 3, 2, 0]},
        {"name": "第2轮", "values": [4, 3, None, 2]},
    ]


def test_what_owners_decide_is_drawn_by_heads_and_by_area() -> None:
    form = a_form(a_question(method=Method.YES_NO, matter=Matter.RULES))
    votes = [('{"q1":"yes"}', 2, 17_001), ('{"q1":"no"}', 1, 9_000)]
    total = Total(entries=5, area=40_000, attended=None)

    (chart,) = charts_of(form, tally(form, PollKind.ASSEMBLY, votes, total))

    assert chart["labels"] == ["同意", "反对", "弃权", "未表态"]
    assert chart["series"] == [
        {"name": "业主人数", "values": [2, 1, 0, 2]},
        {"name": "专有部分面积（平方米）", "values": [170.01, 90.0, 0.0, 139.99]},
    ]


def test_own_words_are_not_drawn() -> None:
    form = a_form(a_question("a", Method.TEXT), a_question("b"))

    charts = charts_of(
        form, tally(form, PollKind.SURVEY, [], Total(entries=0, area=0, attended=None))
    )

    assert [chart["question"] for chart in charts] == ["b"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(["zh", "en"]))
def test_every_series_has_a_value_for_every_label(data: st.DataObject, language: str) -> None:
    form = data.draw(forms())
    votes = data.draw(ballots(form))
    result = tally(form, PollKind.SURVEY, votes, Total(entries=9, area=0, attended=None))

    with speaking(language):
        charts = charts_of(form, json.loads(json.dumps(result, sort_keys=True)))

    for chart in charts:
        assert all(len(each["values"]) == len(chart["labels"]) for each in chart["series"])
        assert chart["total"] == result["questions"][chart["question"]]["answered"]
