"""The recount's own counting: by vectors, and against the service's counting by chance."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.polls import counting, recount
from app.polls.forms import Form, Matter, Method
from app.polls.models import PollKind
from tests.polls.builders import a_form, a_question
from tests.polls.bundling import a_definition
from tests.polls.counting.drawing import ballots, decisions, forms


def tallied(form: Form, votes: list[tuple[Any, int, int]], **more: Any) -> dict[str, Any]:
    kind = more.pop("kind", "poll")
    electorate = {"entries": 100, "area": 10_000, "attended": None} | more
    written = [
        (recount.canonical({"q1": answer}).decode(), heads, area) for answer, heads, area in votes
    ]
    found = recount.tally(a_definition(form, kind=kind), written, electorate)
    result: dict[str, Any] = found["questions"]["q1"]
    return result


def run_off(*rankings: tuple[str, int], options: str = "ABCD") -> dict[str, Any]:
    form = a_form(a_question(method=Method.RANKED, options=options))
    return tallied(form, [([*ranking], heads, 0) for ranking, heads in rankings])


def test_a_run_off_ends_as_soon_as_one_has_more_than_half() -> None:
    found = run_off(("A", 3), ("B", 2))

    assert found["winner"] == "A"
    assert found["rounds"] == [
        {"counts": {"A": 3, "B": 2, "C": 0, "D": 0}, "exhausted": 0, "out": []}
    ]


def test_who_has_fewest_goes_out_and_their_ballots_go_on() -> None:
    found = run_off(("A", 4), ("B", 3), ("CB", 2), options="ABC")

    assert found["winner"] == "B"
    assert found["rounds"][0]["out"] == ["C"]
    assert found["rounds"][1]["counts"] == {"A": 4, "B": 5}


def test_ballots_that_name_nobody_left_are_exhausted_and_lower_what_is_half() -> None:
    found = run_off(("A", 4), ("B", 3), ("C", 2), options="ABC")

    assert found["rounds"][1] == {"counts": {"A": 4, "B": 3}, "exhausted": 2, "out": []}
    assert found["winner"] == "A"


def test_of_two_with_fewest_the_one_with_fewer_before_goes_out() -> None:
    found = run_off(("A", 5), ("B", 4), ("C", 3), ("DC", 1))

    assert [each["out"] for each in found["rounds"]] == [["D"], ["C"], []]


def test_they_that_never_differed_go_out_together() -> None:
    found = run_off(("A", 3), ("B", 3), ("C", 1), ("DA", 1))

    assert found["rounds"][0]["out"] == ["C", "D"]
    assert found["winner"] == "A"


def test_without_anybody_left_to_win_it_is_a_tie() -> None:
    assert run_off(("A", 2), ("B", 2), options="AB") == {
        "answered": 4,
        "rounds": [{"counts": {"A": 2, "B": 2}, "exhausted": 0, "out": []}],
        "winner": None,
        "tied": ["A", "B"],
    }


@pytest.mark.parametrize(
    ("votes", "quorum", "passed", "matter"),
    [
        ([("yes", 200, 20_000)], True, True, Matter.OTHER),
        ([("yes", 199, 20_000)], False, False, Matter.OTHER),
        ([("yes", 200, 19_999)], False, False, Matter.OTHER),
        ([("yes", 100, 10_000), ("no", 100, 10_000)], True, False, Matter.OTHER),
        ([("yes", 101, 10_001), ("no", 100, 10_000)], True, True, Matter.OTHER),
        ([("yes", 101, 10_000), ("no", 99, 10_000)], True, False, Matter.FUND_USE),
        ([("yes", 150, 15_000), ("no", 50, 5000)], True, True, Matter.FUND_RAISING),
        ([("yes", 149, 15_000), ("no", 51, 5000)], True, False, Matter.REBUILDING),
        ([("yes", 150, 14_999), ("no", 50, 5001)], True, False, Matter.COMMON_PARTS),
        ([("yes", 150, 15_000), ("abstain", 50, 5000)], True, True, Matter.COMMON_PARTS),
    ],
)
def test_owners_decide_by_heads_and_by_area(
    votes: list[Any], quorum: bool, passed: bool, matter: Matter
) -> None:
    form = a_form(a_question(method=Method.YES_NO, matter=matter))

    found = tallied(form, votes, kind="assembly", entries=300, area=30_000)["decision"]

    assert (found["quorum"], found["passed"], found["matter"]) == (quorum, passed, int(matter))


@pytest.mark.parametrize(
    ("attended", "votes", "quorum", "carried"),
    [
        (51, [("yes", 26, 0), ("no", 25, 0)], True, "yes"),
        (52, [("yes", 26, 0), ("no", 25, 0)], True, None),
        (50, [("yes", 50, 0)], False, None),
    ],
)
def test_a_meeting_decides_by_more_than_half_of_those_who_came(
    attended: int, votes: list[Any], quorum: bool, carried: str | None
) -> None:
    form = a_form(a_question(method=Method.YES_NO))

    found = tallied(form, votes, kind="meeting", attended=attended)["decision"]

    assert found == {
        "electorate": 100,
        "attended": attended,
        "quorum": quorum,
        "carried": carried,
    }


@st.composite
def drawn(draw: st.DrawFn) -> tuple[PollKind, Form, list[tuple[str, int, int]], dict[str, Any]]:
    kind = draw(st.sampled_from(PollKind))
    decides = kind in {PollKind.MEETING, PollKind.ASSEMBLY}
    form = draw(decisions(kind) if decides else forms())
    votes = draw(ballots(form))
    heads, area = sum(vote[1] for vote in votes), sum(vote[2] for vote in votes)
    entries = heads + draw(st.integers(0, 20))
    attended = draw(st.integers(heads, entries)) if kind is PollKind.MEETING else None
    more = draw(st.integers(0, 30_000))
    return kind, form, votes, {"entries": entries, "area": area + more, "attended": attended}


@given(drawn())
@settings(deadline=None, max_examples=400)
def test_two_countings_written_apart_agree(
    made: tuple[PollKind, Form, list[tuple[str, int, int]], dict[str, Any]],
) -> None:
    kind, form, votes, electorate = made
    total: Any = electorate

    here = recount.tally(a_definition(form, kind=kind), votes, electorate)

    assert recount.canonical(here) == recount.canonical(counting.tally(form, kind, votes, total))


@given(drawn())
@settings(deadline=None, max_examples=200)
def test_what_the_service_takes_is_a_valid_ballot_to_the_recount(
    made: tuple[PollKind, Form, list[tuple[str, int, int]], dict[str, Any]],
) -> None:
    _, form, votes, _ = made
    written = a_definition(form)["form"]

    assert [recount.misfit(written, choice) for choice, _, _ in votes] == [None] * len(votes)


@pytest.mark.parametrize(
    "choice",
    [
        '{"q1": "A"}',
        '{"q1":"Z"}',
        '{"q1":["A"]}',
        '{"q1":"A","q2":"B"}',
        '{"q1":"A","q1":"B"}',
        '{"q1":"A","q1.other":"x"}',
        '{"q1":"A","q1.reason":"x"}',
        '{"q1":null}',
        "{}",
        "[]",
        "{",
    ],
)
def test_a_ballot_that_does_not_answer_the_question_is_not_valid(choice: str) -> None:
    written = a_definition(a_form())["form"]

    assert recount.misfit(written, '{"q1":"A"}') is None
    assert recount.misfit(written, choice) is not None


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        (Method.MULTIPLE, ["B", "A"]),
        (Method.MULTIPLE, []),
        (Method.APPROVAL, ["A", "A"]),
        (Method.RANKED, ["A", "A"]),
        (Method.SCORE, {"A": 1, "B": 2}),
        (Method.SCORE, {"A": 1, "B": 2, "C": 6}),
        (Method.SCORE, {"A": 1, "B": 2, "C": True}),
        (Method.DOTS, {"A": 11}),
        (Method.DOTS, {"A": 6, "B": 5}),
        (Method.DOTS, {"A": 0}),
        (Method.DOTS, {"A": -1}),
        (Method.DATES, {"A": "yes", "B": "no"}),
        (Method.YES_NO, "perhaps"),
        (Method.NUMBER, True),
        (Method.NUMBER, 1.5),
        (Method.TEXT, 3),
        (Method.DATE, "tomorrow"),
    ],
)
def test_each_method_knows_its_invalid_answers(method: Method, answer: Any) -> None:
    written = a_definition(a_form(a_question(method=method)))["form"]

    assert recount.misfit(written, recount.canonical({"q1": answer}).decode()) == "q1"
