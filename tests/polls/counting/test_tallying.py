"""What all ballots together say, by every method, and against the recount's own count."""

import json
from itertools import permutations
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.polls import recount
from app.polls.counting import checked_form, tally
from app.polls.counting.tallying import Total
from app.polls.forms import Form, Method
from app.polls.models import PollKind, Secrecy
from tests.polls.builders import a_form, a_question
from tests.polls.counting.drawing import ballots, decisions, forms

NOBODY = Total(entries=0, area=0, attended=None)
SETTINGS = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def counted(method: Method, *answers: tuple[Any, int], **more: Any) -> dict[str, Any]:
    votes = [
        ("{}" if answer is None else json.dumps({"q1": answer}), many, 0)
        for answer, many in answers
    ]
    form = a_form(a_question(method=method, **more))
    found: dict[str, Any] = tally(form, PollKind.POLL, votes, NOBODY)["questions"]["q1"]
    return found


def test_every_option_is_counted_also_those_that_nobody_chose() -> None:
    assert counted(Method.SINGLE, ("A", 2), ("B", 3), ("A", 1)) == {
        "answered": 6,
        "counts": {"A": 3, "B": 3, "C": 0},
        "leading": ["A", "B"],
    }


def test_nobody_leads_where_nobody_answered() -> None:
    assert counted(Method.SINGLE, (None, 4)) == {
        "answered": 0,
        "counts": {"A": 0, "B": 0, "C": 0},
        "leading": [],
    }


@pytest.mark.parametrize("method", [Method.MULTIPLE, Method.APPROVAL])
def test_who_names_several_counts_for_each_and_answers_once(method: Method) -> None:
    assert counted(method, (["A", "B"], 2), (["B"], 3), ([], 1)) == {
        "answered": 6,
        "counts": {"A": 2, "B": 5, "C": 0},
        "leading": ["B"],
    }


def test_yes_and_no_are_counted_with_those_who_abstain() -> None:
    assert counted(Method.YES_NO, ("yes", 2), ("abstain", 5)) == {
        "answered": 7,
        "counts": {"yes": 2, "no": 0, "abstain": 5},
        "leading": ["abstain"],
    }


def test_scores_are_counted_one_by_one_and_summed() -> None:
    found = counted(
        Method.SCORE, ({"A": 2, "B": 0, "C": 3}, 2), ({"A": 3, "B": 1, "C": 0}, 1), top=3
    )

    assert found == {
        "answered": 3,
        "counts": {"A": [0, 0, 2, 1], "B": [2, 1, 0, 0], "C": [1, 0, 0, 2]},
        "sums": {"A": 7, "B": 1, "C": 6},
        "leading": ["A"],
    }


def test_dots_are_summed() -> None:
    assert counted(Method.DOTS, ({"A": 7, "C": 3}, 2), ({"B": 9}, 1), ({}, 1)) == {
        "answered": 4,
        "sums": {"A": 14, "B": 9, "C": 6},
        "leading": ["A"],
    }


def test_of_dates_with_as_many_yes_the_one_that_more_could_make_leads() -> None:
    found = counted(
        Method.DATES,
        ({"A": "yes", "B": "no", "C": "maybe"}, 2),
        ({"A": "no", "B": "yes", "C": "yes"}, 2),
    )

    assert found["counts"]["C"] == {"yes": 2, "maybe": 2, "no": 0}
    assert found["leading"] == ["C"]


def test_numbers_are_summed_exactly() -> None:
    found = counted(Method.NUMBER, (10**15, 3), (-1, 2))

    assert found == {
        "answered": 5,
        "sum": 2_999_999_999_999_998,
        "least": -1,
        "greatest": 10**15,
    }
    assert counted(Method.NUMBER, (None, 2)) == {
        "answered": 0,
        "sum": None,
        "least": None,
        "greatest": None,
    }


@pytest.mark.parametrize("method", [Method.TEXT, Method.DATE])
def test_own_words_are_counted_and_not_repeated(method: Method) -> None:
    assert counted(method, ("2026-01-02", 3), (None, 1)) == {"answered": 3}


def test_ballots_and_the_roll_stand_beside_the_questions() -> None:
    total = Total(entries=9, area=81_000, attended=None)

    result = tally(a_form(), PollKind.POLL, [('{"q1":"A"}', 2, 18_000)], total)

    assert result["ballots"] == 2
    assert result["electorate"] == {"entries": 9, "area": 81_000, "attended": None}
    assert "decision" not in result["questions"]["q1"]


def recounted(
    form: Form, kind: PollKind, votes: list[tuple[str, int, int]], total: Total
) -> dict[str, Any]:
    definition = {"kind": kind.value, "form": form.model_dump(mode="json")}
    return recount.tally(definition, votes, dict(total))


@SETTINGS
@given(st.data())
def test_the_recount_counts_the_same_by_every_method(data: st.DataObject) -> None:
    form = data.draw(forms())
    votes = data.draw(ballots(form))
    total = Total(entries=60, area=900_000, attended=None)

    result = tally(form, PollKind.SURVEY, votes, total)

    assert result == recounted(form, PollKind.SURVEY, votes, total)
    assert json.loads(json.dumps(result)) == result


@SETTINGS
@given(st.data())
def test_the_recount_runs_off_the_same(data: st.DataObject) -> None:
    form = data.draw(forms(methods=(Method.RANKED,), most=1))
    votes = data.draw(ballots(form, most=25))

    result = tally(form, PollKind.POLL, votes, NOBODY)

    assert result == recounted(form, PollKind.POLL, votes, NOBODY)


@SETTINGS
@given(st.data(), st.sampled_from([PollKind.MEETING, PollKind.ASSEMBLY]))
def test_the_recount_decides_the_same(data: st.DataObject, kind: PollKind) -> None:
    form = data.draw(decisions(kind))
    votes = data.draw(ballots(form))
    voted, area = sum(vote[1] for vote in votes), sum(vote[2] for vote in votes)
    attended = voted + data.draw(st.integers(0, 3))
    total = Total(
        entries=attended + data.draw(st.integers(0, 2 * voted + 1)),
        area=area + data.draw(st.integers(0, area)),
        attended=attended if kind is PollKind.MEETING else None,
    )
    checked_form(form, kind, Secrecy.RECORDED)

    result = tally(form, kind, votes, total)

    assert result == recounted(form, kind, votes, total)


def test_all_different_rankings_are_counted_in_a_moment() -> None:
    keys = [f"o{number}" for number in range(8)]
    form = a_form(a_question(method=Method.RANKED, options=keys))
    votes = [(json.dumps({"q1": ranking}), 1, 0) for ranking in permutations(keys)]
    began = process_time()

    result = tally(form, PollKind.POLL, votes, NOBODY)

    assert result["ballots"] == len(votes) == 40_320
    assert len(result["questions"]["q1"]["rounds"]) == 1
    assert process_time() - began < 2
