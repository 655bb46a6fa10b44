"""All ballots of a poll together: the result, in exact integers."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias, TypedDict

from pydantic_core import from_json

from app.polls.counting import assembly, meeting
from app.polls.counting.assembly import Weight
from app.polls.counting.plain import COUNTED
from app.polls.counting.ranked import count_ranked
from app.polls.forms import Form, Method, Question
from app.polls.models import PollKind

AT_ONCE = 100
"""Choices that are read together: few enough to be gone before the collector looks at them."""

Votes: TypeAlias = Iterable[tuple[str, int, int]]
"""Canonical choices, each with how many votes of the roll chose so, and their area together."""


class Total(TypedDict):
    """How many votes the roll has, their area in 0.01 m², and how many of them attended.

    `attended` is of meetings alone, and null elsewhere.
    """

    entries: int
    area: int
    attended: int | None


class _Gathered:
    """All ballots, taken apart by question."""

    def __init__(self, form: Form) -> None:
        self.whole = Weight(heads=0, area=0)
        keys = [question.key for question in form.questions]
        self.heads: dict[str, dict[Any, int]] = {key: {} for key in keys}
        self.areas: dict[str, dict[Any, int]] = {key: {} for key in keys}

    def add(self, choice: dict[str, Any], heads: int, area: int) -> None:
        """Add the votes that chose so."""
        self.whole["heads"] += heads
        self.whole["area"] += area
        for key, answer in choice.items():
            if (known := self.heads.get(key)) is not None:
                same = _hashable(answer)
                known[same] = known.get(same, 0) + heads
                if area:
                    self.areas[key][same] = self.areas[key].get(same, 0) + area

    def matter(self, key: str) -> Iterator[tuple[str | None, int, int]]:
        """Each answer to a matter with heads and area; None is of who left it open."""
        heads, areas = self.heads[key], self.areas[key]
        for word, many in heads.items():
            yield word, many, areas.get(word, 0)
        open_heads = self.whole["heads"] - sum(heads.values())
        yield None, open_heads, self.whole["area"] - sum(areas.values())


def _hashable(answer: Any) -> Any:
    if isinstance(answer, list):
        return tuple(answer)
    return tuple(answer.items()) if isinstance(answer, dict) else answer


def _read(votes: Votes) -> Iterator[tuple[dict[str, Any], int, int]]:
    left = iter(votes)
    while some := list(islice(left, AT_ONCE)):
        choices = from_json(f"[{','.join(choice for choice, _, _ in some)}]")
        for choice, (_, heads, area) in zip(choices, some, strict=True):
            yield choice, heads, area


def _question(
    question: Question, kind: PollKind, gathered: _Gathered, total: Total
) -> dict[str, Any]:
    answers = gathered.heads[question.key]
    if question.method is Method.RANKED:
        return count_ranked(question, answers)
    counted = COUNTED[question.method](question, answers)
    if kind is PollKind.ASSEMBLY and question.matter is not None:
        owners = Weight(heads=total["entries"], area=total["area"])
        counted["decision"] = assembly.decision(
            question.matter, gathered.matter(question.key), owners
        )
    if kind is PollKind.MEETING:
        counted["decision"] = meeting.decision(
            counted["counts"], electorate=total["entries"], attended=total["attended"] or 0
        )
    return counted


def tally(form: Form, kind: PollKind, votes: Votes, electorate: Total) -> dict[str, Any]:
    """The result: `{"ballots", "electorate", "questions": {key: …}}`, by each question's method.

    Areas are in 0.01 m². The same choice may come several times; grouped before, it is read once.
    """
    gathered = _Gathered(form)
    for choice, heads, area in _read(votes):
        gathered.add(choice, heads, area)
    return {
        "ballots": gathered.whole["heads"],
        "electorate": dict(electorate),
        "questions": {
            question.key: _question(question, kind, gathered, electorate)
            for question in form.questions
        },
    }
