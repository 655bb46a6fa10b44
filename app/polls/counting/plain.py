"""Counting by adding up: every method but the ranked one."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from app.polls.forms import ABSTAIN, MAYBE, NO, YES, Method, Question

Answers: TypeAlias = Mapping[Any, int]
"""By how many each answer was given; lists are tuples here, and objects tuples of pairs."""


def answered(answers: Answers) -> int:
    """How many answered at all."""
    return sum(answers.values())


def leading(answers: Answers, counts: Mapping[str, Any]) -> list[str]:
    """The options with the most, in the order of the form; none when nobody answered."""
    if not answered(answers):
        return []
    most = max(counts.values())
    return [key for key, count in counts.items() if count == most]


def _nought(question: Question) -> dict[str, int]:
    if question.method is Method.YES_NO:
        return dict.fromkeys((YES, NO, ABSTAIN), 0)
    return {option.key: 0 for option in question.options}


def _chosen(
    question: Question, answers: Answers, named: Iterable[tuple[str, int]]
) -> dict[str, Any]:
    counts = _nought(question)
    for key, many in named:
        counts[key] += many
    return {
        "answered": answered(answers),
        "counts": counts,
        "leading": leading(answers, counts),
    }


def _one(question: Question, answers: Answers) -> dict[str, Any]:
    return _chosen(question, answers, answers.items())


def _several(question: Question, answers: Answers) -> dict[str, Any]:
    return _chosen(
        question, answers, ((key, many) for keys, many in answers.items() for key in keys)
    )


def _score(question: Question, answers: Answers) -> dict[str, Any]:
    counts = {key: [0] * (question.top + 1) for key in _nought(question)}
    for scores, many in answers.items():
        for key, score in scores:
            counts[key][score] += many
    sums = {
        key: sum(score * many for score, many in enumerate(given)) for key, given in counts.items()
    }
    return {
        "answered": answered(answers),
        "counts": counts,
        "sums": sums,
        "leading": leading(answers, sums),
    }


def _dots(question: Question, answers: Answers) -> dict[str, Any]:
    sums = _nought(question)
    for given, many in answers.items():
        for key, dots in given:
            sums[key] += dots * many
    return {"answered": answered(answers), "sums": sums, "leading": leading(answers, sums)}


def _dates(question: Question, answers: Answers) -> dict[str, Any]:
    counts = {key: {YES: 0, MAYBE: 0, NO: 0} for key in _nought(question)}
    for said, many in answers.items():
        for key, word in said:
            counts[key][word] += many
    fits = {key: (each[YES], each[YES] + each[MAYBE]) for key, each in counts.items()}
    return {"answered": answered(answers), "counts": counts, "leading": leading(answers, fits)}


def _words(_question: Question, answers: Answers) -> dict[str, Any]:
    return {"answered": answered(answers)}


def _number(_question: Question, answers: Answers) -> dict[str, Any]:
    return {
        "answered": answered(answers),
        "sum": sum(number * many for number, many in answers.items()) if answers else None,
        "least": min(answers, default=None),
        "greatest": max(answers, default=None),
    }


COUNTED: Mapping[Method, Callable[[Question, Answers], dict[str, Any]]] = {
    Method.SINGLE: _one,
    Method.YES_NO: _one,
    Method.MULTIPLE: _several,
    Method.APPROVAL: _several,
    Method.SCORE: _score,
    Method.DOTS: _dots,
    Method.DATES: _dates,
    Method.TEXT: _words,
    Method.DATE: _words,
    Method.NUMBER: _number,
}
"""How each method is counted, into the part of the result that is about one question."""
