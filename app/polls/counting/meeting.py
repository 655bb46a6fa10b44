"""The residents' meeting: over half attend, over half of those attending agree."""

from collections.abc import Mapping
from typing import Any

from app.polls.forms import ABSTAIN
from app.polls.rules import ATTENDANCE, MEETING_MAJORITY


def decision(counts: Mapping[str, int], *, electorate: int, attended: int) -> dict[str, Any]:
    """What a meeting decided on a question (城市居民委员会组织法 §§9, 10), from its counts.

    `carried` is what more than half of those attending said, be it no; null without a quorum, where
    no answer has so many, and where they abstained.
    """
    quorum = attended > ATTENDANCE * electorate
    said = {key: many for key, many in counts.items() if key != ABSTAIN}
    carried = [key for key, many in said.items() if many > MEETING_MAJORITY * attended]
    return {
        "electorate": electorate,
        "attended": attended,
        "quorum": quorum,
        "carried": carried[0] if quorum and carried else None,
    }
