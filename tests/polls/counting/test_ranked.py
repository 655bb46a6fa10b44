"""Instant run-off, round by round."""

from typing import Any

from app.polls.counting.ranked import count_ranked
from app.polls.forms import Method, Option, Question


def counted(options: str, *votes: tuple[str, int]) -> dict[str, Any]:
    """The count of votes like `("ABC", 5)`: five people who prefer A to B to C."""
    made = [Option(key=key, text=key) for key in options]
    question = Question(key="q1", method=Method.RANKED, text="?", options=made)
    return count_ranked(question, {tuple(ranking): many for ranking, many in votes})


def test_who_has_more_than_half_wins_at_once() -> None:
    assert counted("ABC", ("A", 3), ("BC", 1), ("CB", 1)) == {
        "answered": 5,
        "rounds": [{"counts": {"A": 3, "B": 1, "C": 1}, "exhausted": 0, "out": []}],
        "winner": "A",
        "tied": [],
    }


def test_exactly_half_does_not_win() -> None:
    found = counted("ABC", ("A", 4), ("B", 3), ("CB", 1))

    assert [each["out"] for each in found["rounds"]] == [["C"], ["B"], []]
    assert found["rounds"][1]["counts"] == {"A": 4, "B": 4}
    assert found["winner"] == "A"


def test_ballots_of_who_goes_out_go_to_whom_they_name_next() -> None:
    found = counted("ABCD", ("AB", 8), ("BA", 7), ("CDB", 3), ("DCB", 2))

    assert found["rounds"] == [
        {"counts": {"A": 8, "B": 7, "C": 3, "D": 2}, "exhausted": 0, "out": ["D"]},
        {"counts": {"A": 8, "B": 7, "C": 5}, "exhausted": 0, "out": ["C"]},
        {"counts": {"A": 8, "B": 12}, "exhausted": 0, "out": []},
    ]
    assert found["winner"] == "B"


def test_half_is_of_the_ballots_that_still_name_somebody() -> None:
    found = counted("ABC", ("A", 4), ("B", 3), ("C", 2))

    assert found["rounds"][1] == {"counts": {"A": 4, "B": 3}, "exhausted": 2, "out": []}
    assert found["winner"] == "A"


def test_of_two_with_the_fewest_who_had_fewer_just_before_goes_out() -> None:
    tied = counted("ABCD", ("A", 7), ("B", 5), ("CB", 4), ("DC", 1))

    assert [each["counts"] for each in tied["rounds"]] == [
        {"A": 7, "B": 5, "C": 4, "D": 1},
        {"A": 7, "B": 5, "C": 5},
        {"A": 7, "B": 9},
    ]
    assert tied["rounds"][1]["out"] == ["C"]
    assert tied["winner"] == "B"


def test_the_latest_round_that_differs_decides_not_the_first() -> None:
    found = counted("AXYPQ", ("A", 7), ("X", 5), ("Y", 4), ("PY", 2), ("QX", 1), ("QA", 2))

    assert [each["counts"] for each in found["rounds"]] == [
        {"A": 7, "X": 5, "Y": 4, "P": 2, "Q": 3},
        {"A": 7, "X": 5, "Y": 6, "Q": 3},
        {"A": 9, "X": 6, "Y": 6},
        {"A": 9, "Y": 6},
    ]
    assert found["rounds"][2]["out"] == ["X"]


def test_the_tied_go_out_together_when_they_never_differed() -> None:
    found = counted("ABCD", ("A", 4), ("B", 3), ("CB", 1), ("DB", 1))

    assert [each["out"] for each in found["rounds"]] == [["C", "D"], []]
    assert found["winner"] == "B"


def test_unless_that_would_leave_nobody() -> None:
    found = counted("CAB", ("A", 2), ("B", 2), ("C", 2))

    assert (found["winner"], found["tied"]) == (None, ["A", "B", "C"])
    assert found["rounds"] == [{"counts": {"C": 2, "A": 2, "B": 2}, "exhausted": 0, "out": []}]


def test_nobody_answered_and_nobody_named_anybody() -> None:
    for many in (0, 3):
        found = counted("AB", ("", many))
        assert found == {
            "answered": many,
            "rounds": [{"counts": {"A": 0, "B": 0}, "exhausted": many, "out": []}],
            "winner": None,
            "tied": ["A", "B"],
        }
