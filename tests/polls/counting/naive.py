"""Whether a ballot fits its questions, decided a second time and as plainly as can be."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.polls.forms import OTHER, Form, Method, Question


def _whole(value: Any) -> bool:
    return type(value) is int


def _is_text(value: Any, longest: int, *, lines: bool) -> bool:
    return (
        type(value) is str
        and 1 <= len(value.strip()) <= longest
        and not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", value.strip())
        and (lines or not re.search("[\t\r\n]", value.strip()))
    )


def _is_day(value: Any) -> bool:
    if type(value) is not str or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _different(value: Any, keys: set[str]) -> bool:
    return (
        type(value) is list
        and all(type(each) is str and each in keys for each in value)
        and len(set(value)) == len(value)
    )


def _named(question: Question, value: Any, keys: set[str]) -> bool:
    most = len(keys) if question.most is None else question.most
    return _different(value, keys) and question.least <= len(value) <= most


def _numbered(value: Any, most: int) -> bool:
    return type(value) is dict and all(_whole(n) and 0 <= n <= most for n in value.values())


def _dated(value: Any, keys: set[str]) -> bool:
    said = ("yes", "maybe", "no")
    return (
        type(value) is dict
        and value.keys() == keys
        and all(type(each) is str and each in said for each in value.values())
    )


def admits(question: Question, answer: Any) -> bool:
    keys = {option.key for option in question.options}
    top, dots = question.top, question.dots
    checks: dict[Method, Callable[[], bool]] = {
        Method.SINGLE: lambda: type(answer) is str and answer in keys,
        Method.YES_NO: lambda: type(answer) is str and answer in {"yes", "no", "abstain"},
        Method.APPROVAL: lambda: _different(answer, keys),
        Method.MULTIPLE: lambda: _named(question, answer, keys),
        Method.RANKED: lambda: _named(question, answer, keys),
        Method.SCORE: lambda: _numbered(answer, top) and answer.keys() == keys,
        Method.DOTS: lambda: (
            _numbered(answer, dots) and answer.keys() <= keys and sum(answer.values()) <= dots
        ),
        Method.DATES: lambda: _dated(answer, keys),
        Method.TEXT: lambda: _is_text(answer, 4000, lines=True),
        Method.NUMBER: lambda: _whole(answer) and abs(answer) <= 10**15,
        Method.DATE: lambda: _is_day(answer),
    }
    return checks[question.method]()


def fits(form: Form, choice: Mapping[str, Any]) -> bool:
    given = {key: value for key, value in choice.items() if value is not None}
    allowed = set()
    for question in form.questions:
        answer = given.get(question.key)
        asked = True
        if question.only_if is not None:
            before = given.get(question.only_if.question)
            chosen = before if type(before) is list else [before]
            asked = bool([key for key in question.only_if.any_of if key in chosen])
        if answer is None:
            if asked and question.required:
                return False
            continue
        if not asked or not admits(question, answer):
            return False
        allowed.add(question.key)
        said_other = OTHER in answer if type(answer) is list else answer == OTHER
        if said_other and OTHER in {option.key for option in question.options}:
            allowed.add(f"{question.key}.other")
        if question.reason:
            allowed.add(f"{question.key}.reason")
    beside = {key: value for key, value in given.items() if "." in key}
    return set(given) <= allowed and all(
        _is_text(value, 200, lines=False)
        if key.endswith(".other")
        else _is_text(value, 4000, lines=True)
        for key, value in beside.items()
    )
