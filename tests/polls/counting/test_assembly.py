"""民法典 §278, to the owner and to the hundredth of a square metre."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.polls.counting import tally
from app.polls.counting.assembly import decision
from app.polls.forms import Form, Matter, Method, Question
from app.polls.models import PollKind

ORDINARY = Matter.FUND_USE
SPECIAL = Matter.FUND_RAISING


def decided(
    matter: Matter = ORDINARY,
    *,
    yes: tuple[int, int] = (0, 0),
    no: tuple[int, int] = (0, 0),
    abstain: tuple[int, int] = (0, 0),
    left_open: tuple[int, int] = (0, 0),
    of: tuple[int, int],
) -> dict[str, Any]:
    """A decision, from heads and areas."""
    votes = [("yes", *yes), ("no", *no), ("abstain", *abstain), (None, *left_open)]
    return decision(matter, votes, {"heads": of[0], "area": of[1]})


def test_exactly_two_thirds_taking_part_are_a_quorum() -> None:
    assert decided(yes=(200, 20_000), of=(300, 30_000))["passed"]


def test_199_of_300_heads_are_none_even_with_two_thirds_of_the_area() -> None:
    found = decided(yes=(199, 20_000), of=(300, 30_000))

    assert not found["quorum"]
    assert not found["passed"]


def test_6666_of_10000_of_the_area_are_none_even_with_all_heads() -> None:
    assert not decided(yes=(300, 6666), of=(300, 10_000))["quorum"]
    assert decided(yes=(300, 6667), of=(300, 10_000))["quorum"]


def test_exactly_half_does_not_carry_an_ordinary_matter() -> None:
    assert not decided(yes=(100, 10_001), no=(100, 9_999), of=(200, 20_000))["passed"]
    assert not decided(yes=(101, 10_000), no=(99, 10_000), of=(200, 20_000))["passed"]
    assert decided(yes=(101, 10_001), no=(99, 9_999), of=(200, 20_000))["passed"]


def test_exactly_three_quarters_carry_a_special_matter() -> None:
    assert decided(SPECIAL, yes=(150, 15_000), no=(50, 5_000), of=(200, 20_000))["passed"]
    assert not decided(SPECIAL, yes=(149, 15_000), no=(51, 5_000), of=(200, 20_000))["passed"]
    assert not decided(SPECIAL, yes=(150, 14_999), no=(50, 5_001), of=(200, 20_000))["passed"]


def test_using_the_fund_is_ordinary_and_raising_it_rebuilding_and_common_parts_are_special() -> (
    None
):
    special = [matter for matter in Matter if decided(matter, of=(1, 1))["special"]]

    assert special == [6, 7, 8]
    for matter in Matter:
        found = decided(matter, yes=(60, 6_000), no=(40, 4_000), of=(100, 10_000))
        assert found["passed"] is (matter not in special)


def test_who_abstains_or_leaves_it_open_takes_part_and_does_not_agree() -> None:
    found = decided(yes=(4, 40), no=(1, 10), abstain=(2, 20), left_open=(1, 10), of=(12, 120))

    assert found["quorum"]
    assert found["participating"] == {"heads": 8, "area": 80}
    assert not found["passed"]
    assert found == {
        "matter": 5,
        "special": False,
        "total": {"heads": 12, "area": 120},
        "participating": {"heads": 8, "area": 80},
        "agree": {"heads": 4, "area": 40},
        "against": {"heads": 1, "area": 10},
        "abstain": {"heads": 2, "area": 20},
        "quorum": True,
        "passed": False,
    }


def test_without_a_quorum_nothing_passes_however_many_agree() -> None:
    assert not decided(yes=(199, 29_000), of=(300, 30_000))["passed"]
    assert not decided(yes=(299, 19_999), of=(300, 30_000))["passed"]


ANSWERS = st.sampled_from(["yes", "no", "abstain", "open", "none"])
OWNERS = st.lists(
    st.tuples(st.lists(st.integers(1, 40_000), min_size=1, max_size=4), ANSWERS),
    min_size=1,
    max_size=40,
)


def naively(owners: list[tuple[list[int], str]], matter: int) -> tuple[bool, bool]:
    """Whether there is a quorum and whether it passed, by shares of the whole."""
    whole = sum(sum(homes) for homes, _ in owners)
    there = [(homes, said) for homes, said in owners if said != "none"]
    agree = [homes for homes, said in there if said == "yes"]
    heads = Fraction(len(there), len(owners))
    area = Fraction(sum(sum(homes) for homes, _ in there), whole)
    quorum = heads >= Fraction(2, 3) and area >= Fraction(2, 3)
    if not there:
        return quorum, False
    for_heads = Fraction(len(agree), len(there))
    for_area = Fraction(sum(map(sum, agree)), sum(sum(homes) for homes, _ in there))
    if matter in {6, 7, 8}:
        return quorum, quorum and for_heads >= Fraction(3, 4) and for_area >= Fraction(3, 4)
    return quorum, quorum and for_heads > Fraction(1, 2) and for_area > Fraction(1, 2)


@settings(max_examples=500, deadline=None)
@given(owners=OWNERS, matter=st.sampled_from(list(Matter)), even=st.booleans())
def test_random_assemblies_agree_with_a_plain_second_computation(
    owners: list[tuple[list[int], str]], matter: Matter, *, even: bool
) -> None:
    if even:  # where thresholds are met exactly, as with homes of one size
        owners = [([100], said) for _, said in owners]
    question = Question(key="q1", method=Method.YES_NO, text="?", required=False, matter=matter)
    votes = [
        ("{}" if said == "open" else f'{{"q1":"{said}"}}', 1, sum(homes))
        for homes, said in owners
        if said != "none"
    ]
    whole = sum(sum(homes) for homes, _ in owners)
    total = {"entries": len(owners), "area": whole, "attended": None}

    result = tally(Form(questions=[question]), PollKind.ASSEMBLY, votes, total)  # type: ignore[arg-type]

    found = result["questions"]["q1"]["decision"]
    assert (found["quorum"], found["passed"]) == naively(owners, matter)


@pytest.mark.parametrize(("yes", "passes"), [(2, False), (3, True)])
def test_one_owner_of_many_homes_is_one_head(yes: int, passes: bool) -> None:
    found = decided(yes=(yes, 90_000), no=(2, 200), of=(yes + 2, 90_200))

    assert found["passed"] is passes
