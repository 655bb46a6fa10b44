"""城市居民委员会组织法 §9: over half attend, over half of those attending decide."""

import pytest

from app.polls.counting.meeting import decision


@pytest.mark.parametrize(("attended", "quorum"), [(50, False), (51, True)])
def test_exactly_half_attending_is_no_quorum(attended: int, quorum: bool) -> None:
    found = decision({"yes": 50, "no": 0}, electorate=100, attended=attended)

    assert found["quorum"] is quorum
    assert found["carried"] == ("yes" if quorum else None)


@pytest.mark.parametrize(("agree", "carried"), [(30, None), (31, "yes")])
def test_exactly_half_of_those_attending_carries_nothing(agree: int, carried: str | None) -> None:
    found = decision({"yes": agree, "no": 2}, electorate=100, attended=60)

    assert found == {"electorate": 100, "attended": 60, "quorum": True, "carried": carried}


def test_who_came_and_said_nothing_counts_among_those_attending() -> None:
    assert decision({"A": 26, "B": 25}, electorate=100, attended=52)["carried"] is None
    assert decision({"A": 27, "B": 25}, electorate=100, attended=52)["carried"] == "A"


def test_more_than_half_may_say_no() -> None:
    assert decision({"yes": 0, "no": 40}, electorate=100, attended=60)["carried"] == "no"


def test_a_meeting_does_not_carry_that_it_abstains() -> None:
    found = decision({"yes": 5, "no": 5, "abstain": 40}, electorate=100, attended=60)

    assert found["quorum"]
    assert found["carried"] is None
