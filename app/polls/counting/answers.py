"""What a question admits for an answer, by its method, and how the answer is kept."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.core.wire import Line, Prose
from app.polls.forms import ABSTAIN, MAYBE, NO, YES, Method, Question

LARGEST = 10**15
"""A number for an answer lies between this and its negative: every JSON reader has it exactly."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_line: TypeAdapter[str] = TypeAdapter(Line)
_prose: TypeAdapter[str] = TypeAdapter(Prose)


def line(answer: object) -> str:
    """What somebody wrote on one line; `ValueError` when it is no such text."""
    return _written(_line, answer)


def prose(answer: object) -> str:
    """What somebody wrote, without the blanks around it; `ValueError` when it is no text."""
    return _written(_prose, answer)


def _written(adapter: TypeAdapter[str], answer: object) -> str:
    try:
        return adapter.validate_python(answer, strict=True)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ValueError(message) from None


def _refuse(message: str) -> None:
    raise ValueError(message)


def _keys(question: Question) -> list[str]:
    return [option.key for option in question.options]


def _one_of(keys: list[str], answer: object) -> str:
    if not isinstance(answer, str) or answer not in keys:
        message = "is not one of the options"
        raise ValueError(message)
    return answer


def _some_of(keys: list[str], answer: object) -> list[str]:
    """The options that are named, in the order in which they are."""
    if not isinstance(answer, list):
        message = "is not a list of options"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for all that is sent
    named = [_one_of(keys, each) for each in answer]
    if len(set(named)) < len(named):
        _refuse("names an option twice")
    return named


def _each(answer: object) -> Mapping[Any, Any]:
    """Something for every option, or for some."""
    if not isinstance(answer, Mapping):
        message = "is not an object with options"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for all that is sent
    return answer


def _whole(answer: object, least: int, most: int) -> int:
    """A whole number; what is true or false is none."""
    if not isinstance(answer, int) or isinstance(answer, bool) or not least <= answer <= most:
        message = f"is not a whole number from {least} to {most}"
        raise ValueError(message)
    return answer


def _count(question: Question, named: list[str]) -> list[str]:
    if len(named) < question.least:
        _refuse(f"names fewer than {question.least}")
    if question.most is not None and len(named) > question.most:
        _refuse(f"names more than {question.most}")
    return named


def _single(question: Question, answer: object) -> str:
    return _one_of(_keys(question), answer)


def _approval(question: Question, answer: object) -> list[str]:
    keys = _keys(question)
    named = _some_of(keys, answer)
    return [key for key in keys if key in named]


def _multiple(question: Question, answer: object) -> list[str]:
    return _count(question, _approval(question, answer))


def _ranked(question: Question, answer: object) -> list[str]:
    return _count(question, _some_of(_keys(question), answer))


def _all_of(question: Question, answer: object) -> dict[str, Any]:
    """Exactly the options, each with something."""
    keys, given = _keys(question), _each(answer)
    if set(given) != set(keys):
        _refuse("says something of other options than there are, or not of each")
    return {key: given[key] for key in keys}


def _score(question: Question, answer: object) -> dict[str, int]:
    return {key: _whole(score, 0, question.top) for key, score in _all_of(question, answer).items()}


def _dots(question: Question, answer: object) -> dict[str, int]:
    keys, given = _keys(question), _each(answer)
    spent = {_one_of(keys, key): _whole(n, 0, question.dots) for key, n in given.items()}
    if sum(spent.values()) > question.dots:
        _refuse(f"gives away more than {question.dots}")
    return {key: spent[key] for key in keys if spent.get(key)}


def _dates(question: Question, answer: object) -> dict[str, str]:
    said = _all_of(question, answer)
    if not all(isinstance(each, str) and each in (YES, MAYBE, NO) for each in said.values()):
        _refuse("is neither yes nor maybe nor no for some date")
    return said


def _yes_no(_question: Question, answer: object) -> str:
    if not isinstance(answer, str) or answer not in (YES, NO, ABSTAIN):
        message = "is neither yes nor no nor abstain"
        raise ValueError(message)
    return answer


def _text(_question: Question, answer: object) -> str:
    return prose(answer)


def _number(_question: Question, answer: object) -> int:
    return _whole(answer, -LARGEST, LARGEST)


def _date(_question: Question, answer: object) -> str:
    if not isinstance(answer, str) or not _DAY.fullmatch(answer):
        message = "is not a date like 2026-11-23"
        raise ValueError(message)
    try:
        return date.fromisoformat(answer).isoformat()
    except ValueError:
        message = "is no day of the calendar"
        raise ValueError(message) from None


_readings: dict[Method, Callable[[Question, object], Any]] = {
    Method.SINGLE: _single,
    Method.MULTIPLE: _multiple,
    Method.APPROVAL: _approval,
    Method.RANKED: _ranked,
    Method.SCORE: _score,
    Method.DOTS: _dots,
    Method.DATES: _dates,
    Method.YES_NO: _yes_no,
    Method.TEXT: _text,
    Method.NUMBER: _number,
    Method.DATE: _date,
}


def read(question: Question, answer: object) -> Any:
    """The answer as it is kept; `ValueError` says why the question does not admit it."""
    return _readings[question.method](question, answer)
