"""A submitted HTML form as a choice, and a choice as the fields that would have given it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from app.core.i18n import _
from app.polls.counting import is_asked
from app.polls.forms import OTHER, Form, Method, Option, Question

Fields: TypeAlias = Mapping[str, list[str]]
"""What a browser sent, by the name of the field: `q1`, `q1:A`, `q1.other`, `q1.reason`."""
Choice: TypeAlias = dict[str, Any]

_EACH = frozenset({Method.RANKED, Method.SCORE, Method.DOTS, Method.DATES})
"""Methods with a field for every option, named `question:option`."""
_LISTS = frozenset({Method.MULTIPLE, Method.APPROVAL})
_MOST_DIGITS = 16


class _Unreadable(Exception):  # noqa: N818 - it becomes a sentence beside the question
    """What was entered is not an answer to this question."""


@dataclass
class Read:
    """What could be read of a form."""

    choice: Choice = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """A sentence by the key of the question."""


def name_of(question: Question, option: Option) -> str:
    """The name of the field in which this option is ranked, scored and so on."""
    return f"{question.key}:{option.key}"


def names(form: Form) -> frozenset[str]:
    """Every field a ballot of this form can have."""
    return frozenset(_names(form.questions))


def _names(questions: Iterable[Question]) -> Iterable[str]:
    for question in questions:
        if question.method in _EACH:
            yield from (name_of(question, option) for option in question.options)
        else:
            yield question.key
        yield f"{question.key}.other"
        yield f"{question.key}.reason"


def last(fields: Fields, name: str) -> str:
    """The last value sent under a name; empty where there is none."""
    return (fields.get(name) or [""])[-1]


def _text(fields: Fields, name: str) -> str:
    """The last value sent under a name, as text of ours: no carriage returns, no edges."""
    value = last(fields, name)
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _whole(text: str) -> int:
    """A whole number as people write it."""
    try:
        if len(text) <= _MOST_DIGITS:
            return int(text)
    except ValueError:
        pass
    raise _Unreadable(_("请填写整数"))


def _one(question: Question, fields: Fields) -> str:
    return _text(fields, question.key)


def _several(question: Question, fields: Fields) -> list[str]:
    """In the order of the form; what is none of its options stays, to be refused."""
    sent = dict.fromkeys(fields.get(question.key) or ())
    known = [option.key for option in question.options if option.key in sent]
    return known + [key for key in sent if key not in known and key]


def _filled(question: Question, fields: Fields) -> dict[str, str]:
    """What was entered for the options, where something was."""
    entered = {option.key: _text(fields, name_of(question, option)) for option in question.options}
    return {key: text for key, text in entered.items() if text}


def _ranked(question: Question, fields: Fields) -> list[str]:
    places = {key: _whole(text) for key, text in _filled(question, fields).items()}
    if len(set(places.values())) < len(places):
        raise _Unreadable(_("两个选项不能排在同一名，请改其中一个"))
    return sorted(places, key=lambda key: places[key])


def _scored(question: Question, fields: Fields) -> dict[str, int]:
    scores = {key: _whole(text) for key, text in _filled(question, fields).items()}
    if scores and len(scores) < len(question.options):
        raise _Unreadable(_("请给每一项都打分"))
    return scores


def _dots(question: Question, fields: Fields) -> dict[str, int]:
    dots = {key: _whole(text) for key, text in _filled(question, fields).items()}
    return {key: number for key, number in dots.items() if number}


def _days(question: Question, fields: Fields) -> dict[str, str]:
    days = _filled(question, fields)
    if days and len(days) < len(question.options):
        raise _Unreadable(_("请给每个时间都选“可以”“也许”或“不行”"))
    return days


def _number(question: Question, fields: Fields) -> int | None:
    text = _text(fields, question.key)
    return _whole(text) if text else None


def _date(question: Question, fields: Fields) -> str:
    """As browsers send it, or as people write it where a browser knows no dates."""
    text = _text(fields, question.key)
    if not text:
        return ""
    parts = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
    try:
        year, month, day = (int(part) for part in parts.split("-"))
        return date(year, month, day).isoformat()
    except ValueError:
        raise _Unreadable(_("请填写日期，例如 2026-01-02")) from None


_READERS: Mapping[Method, Callable[[Question, Fields], Any]] = {
    Method.SINGLE: _one,
    Method.YES_NO: _one,
    Method.TEXT: _one,
    Method.MULTIPLE: _several,
    Method.APPROVAL: _several,
    Method.RANKED: _ranked,
    Method.SCORE: _scored,
    Method.DOTS: _dots,
    Method.DATES: _days,
    Method.NUMBER: _number,
    Method.DATE: _date,
}


def _read_one(question: Question, fields: Fields, into: Read) -> None:
    key = question.key
    answer = _READERS[question.method](question, fields)
    if answer in ("", [], {}, None):
        return
    into.choice[key] = answer
    chose_other = answer == OTHER or (question.method in _LISTS and OTHER in answer)
    if chose_other and (other := _text(fields, f"{key}.other")):
        into.choice[f"{key}.other"] = other
    if question.reason and (reason := _text(fields, f"{key}.reason")):
        into.choice[f"{key}.reason"] = reason


def read(questions: Iterable[Question], fields: Fields, *, so_far: Mapping[str, Any]) -> Read:
    """The choice that was entered for these questions, beside what was answered before them.

    What was entered for a question that is not asked of who answered so is left out, as the page
    says that it is.
    """
    found = Read()
    for question in questions:
        if not is_asked(question, {**so_far, **found.choice}):
            continue
        try:
            _read_one(question, fields, found)
        except _Unreadable as error:
            found.errors[question.key] = str(error)
    return found


def belonging(choice: Mapping[str, Any], questions: Iterable[Question]) -> Choice:
    """The part of a choice that answers these questions."""
    keys = {question.key for question in questions}
    return {name: value for name, value in choice.items() if name.partition(".")[0] in keys}


def fields_of(form: Form, choice: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields as they stand when this was chosen."""
    fields: dict[str, list[str]] = {}
    for name, value in choice.items():
        question = form.question(name)
        match value:
            case list() if question and question.method is Method.RANKED:
                fields |= {f"{name}:{key}": [str(place)] for place, key in enumerate(value, 1)}
            case list():
                fields[name] = [str(key) for key in value]
            case dict():
                fields |= {f"{name}:{key}": [str(each)] for key, each in value.items()}
            case _:
                fields[name] = [str(value)]
    return fields


def complaint(question: Question, answer: Any) -> str:
    """What is wrong with an answer that the form does not admit, in a voter's words."""
    said = _("这一题填得不对，请重新填写")
    match question.method:
        case _ if answer is None:
            said = _("请回答这一题")
        case Method.MULTIPLE | Method.RANKED if len(answer) < question.least:
            said = _("请至少选 {least} 项").format(least=question.least)
        case Method.MULTIPLE | Method.RANKED if len(answer) > (question.most or len(answer)):
            most, chosen = question.most, len(answer)
            said = _("最多选 {most} 项，您选了 {chosen} 项").format(most=most, chosen=chosen)
        case Method.SCORE:
            said = _("分数在 0 到 {top} 之间").format(top=question.top)
        case Method.DOTS if (given := sum(answer.values())) > question.dots:
            most = question.dots
            said = _("一共只有 {most} 点，您分出了 {given} 点").format(most=most, given=given)
        case Method.TEXT:
            said = _("最多写 4000 字，不要有特殊符号")
        case Method.NUMBER:
            said = _("这个数字太大了")
    return said
