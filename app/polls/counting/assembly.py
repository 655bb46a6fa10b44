"""The owners' assembly: a matter is decided by area and by heads, both (民法典 §278)."""

from collections.abc import Iterable
from typing import Any, TypedDict

from app.polls.forms import ABSTAIN, NO, SPECIAL, YES, Matter
from app.polls.rules import ORDINARY_MAJORITY, QUORUM, SPECIAL_MAJORITY


class Weight(TypedDict):
    """Owners, and their exclusive area in 0.01 m²."""

    heads: int
    area: int


def _take_part(participating: Weight, total: Weight) -> bool:
    return (
        participating["heads"] >= QUORUM * total["heads"]
        and participating["area"] >= QUORUM * total["area"]
    )


def _agree(agree: Weight, participating: Weight, *, special: bool) -> bool:
    if special:
        return (
            agree["heads"] >= SPECIAL_MAJORITY * participating["heads"]
            and agree["area"] >= SPECIAL_MAJORITY * participating["area"]
        )
    return (
        agree["heads"] > ORDINARY_MAJORITY * participating["heads"]
        and agree["area"] > ORDINARY_MAJORITY * participating["area"]
    )


def decision(
    matter: Matter, votes: Iterable[tuple[str | None, int, int]], total: Weight
) -> dict[str, Any]:
    """What owners decided on a matter, from each answer (None: left open) with heads and area.

    Who cast a ballot takes part, whatever it says; who did not is counted neither way.
    """
    said: dict[str | None, Weight] = {
        word: {"heads": 0, "area": 0} for word in (YES, NO, ABSTAIN, None)
    }
    for word, heads, area in votes:
        said[word]["heads"] += heads
        said[word]["area"] += area
    participating: Weight = {
        "heads": sum(weight["heads"] for weight in said.values()),
        "area": sum(weight["area"] for weight in said.values()),
    }
    special = matter in SPECIAL
    quorum = _take_part(participating, total)
    return {
        "matter": int(matter),
        "special": special,
        "total": total,
        "participating": participating,
        "agree": said[YES],
        "against": said[NO],
        "abstain": said[ABSTAIN],
        "quorum": quorum,
        "passed": quorum and _agree(said[YES], participating, special=special),
    }
