"""Instant run-off: who has the fewest first preferences goes out, until one has more than half."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from app.polls.counting.plain import Answers, answered
from app.polls.forms import Question

Ballots: TypeAlias = list[tuple[Sequence[str], int]]
"""Rankings, and how many are alike."""


class _Piles:
    """The ballots on the pile of whom they prefer among those who remain."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.piles: dict[str, Ballots] = {key: [] for key in keys}
        self.counts = dict.fromkeys(self.piles, 0)

    def give(self, ballots: Iterable[tuple[Sequence[str], int]]) -> None:
        """Lay each ballot on its pile; who names nobody that remains lies on none."""
        piles, counts, remains = self.piles, self.counts, self.piles.__contains__
        for ballot in ballots:
            ranking, many = ballot
            for first in filter(remains, ranking):
                piles[first].append(ballot)
                counts[first] += many
                break

    def put_out(self, keys: Iterable[str]) -> None:
        """Let these go, and give their ballots to whom they name next."""
        gone: Ballots = []
        for key in keys:
            gone += self.piles.pop(key)
            del self.counts[key]
        self.give(gone)


def _fewest(counts: dict[str, int], earlier: Sequence[dict[str, int]]) -> list[str]:
    """Who has the fewest; of several, who had fewer in the latest round in which they differ."""
    tied = list(counts)
    for round_ in (counts, *reversed(earlier)):
        least = min(round_[key] for key in tied)
        tied = [key for key in tied if round_[key] == least]
    return sorted(tied)


def count_ranked(question: Question, answers: Answers) -> dict[str, Any]:
    """The rounds, and the winner or those who cannot be told apart.

    Each round has the ballots for every remaining option, those that name none of them any more,
    and who goes out after it.
    """
    total = answered(answers)
    piles = _Piles(option.key for option in question.options)
    piles.give(answers.items())
    rounds: list[dict[str, Any]] = []
    while True:
        counts = dict(piles.counts)
        standing = sum(counts.values())
        winner = next((key for key, many in counts.items() if 2 * many > standing), None)
        out = _fewest(counts, [each["counts"] for each in rounds])
        ended = winner is not None or len(out) == len(counts)
        rounds.append(
            {"counts": counts, "exhausted": total - standing, "out": [] if ended else out}
        )
        if ended:
            tied = [] if winner is not None else out
            return {"answered": total, "rounds": rounds, "winner": winner, "tied": tied}
        piles.put_out(out)
