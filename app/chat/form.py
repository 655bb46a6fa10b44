"""The questions of a category, asked one after the other in the chat."""

import re
from datetime import date, timedelta
from typing import Any

from app.chat.asking import Leave, Option, Part, Turn, Unclear
from app.chat.words import folded, numeral
from app.core.clock import CHINA, now
from app.core.i18n import N_, _
from app.core.problems import Invalid
from app.service_requests.models import Category
from app.service_requests.questions import Question, Type, answered, next_question

_DAYS = {"今天": 0, "昨天": 1, "前天": 2, "today": 0, "yesterday": 1}
_DATE = re.compile(r"^(?:(\d{4})[-年/.])?(\d{1,2})[-月/.](\d{1,2})[日号]?$")
_BETWEEN = re.compile(r"[\s,，、和;；]+")
SKIP = ("跳过", "不清楚", "不知道", "skip")


def pending(turn: Turn, category: Category) -> Question | None:
    """The question to ask next; to who said all in one line only what has to be known."""
    given: dict[str, Any] = dict(turn.parts)
    while question := next_question(category.questions, given):
        if question.required or question.ends_on is not None or not turn.known.get("brief"):
            return question
        given[question.code] = None
    return None


def answers(turn: Turn, category: Category) -> dict[str, Any] | None:
    """What was answered, when nothing is left to ask."""
    if pending(turn, category):
        return None
    return {code: value for code, value in turn.parts.items() if value is not None}


def sentence(question: Question) -> str:
    """The question, with what helps to answer it."""
    hint = question.help or _hints.get(question.type)
    if question.type is Type.MULTIPLE:
        hint = _("可选几个，回复数字，如“1 3”。")
    return f"{question.label}\n{_(hint)}" if hint else question.label


_hints = {
    Type.NUMBER: N_("请回复数字。"),
    Type.DATE: N_("请回复日期，如“11月23日”或“昨天”。"),
}


def options(question: Question) -> list[Option]:
    """What can be chosen; of several that may hold, each is a number to reply with."""
    offered = []
    if question.type is Type.YES_NO:
        offered = [_answer(question, yes, label) for yes, label in ((True, "是"), (False, "否"))]
    elif question.type in (Type.SINGLE, Type.MULTIPLE):
        several = question.type is Type.MULTIPLE
        offered = [
            Option(Part(question.code, [each.code] if several else each.code), each.label)
            for each in question.options
        ]
    if not question.required:
        offered.append(Option(Part(question.code, None), N_("跳过"), SKIP))
    return offered


def _answer(question: Question, yes: bool, label: str) -> Option:  # noqa: FBT001 - it is the answer
    words = ("是", "是的", "有", "对", "yes") if yes else ("否", "不是", "没有", "没", "不", "no")
    ends = question.ends_on is not None and question.ends_on is yes
    value = Leave(question.advice or "") if ends else Part(question.code, yes)
    return Option(value, N_("是") if label == "是" else N_("否"), words)


def heard(question: Question, said: str) -> Part:
    """What free words answer; raises `Unclear` when they do not."""
    value = _read(question, said.strip())
    try:
        answered([question.kept()], {question.code: value})
    except Invalid as error:
        raise Unclear(_("这个答案不行：{why}").format(why=error.errors[0]["message"])) from None
    return Part(question.code, value)


def _read(question: Question, said: str) -> Any:
    match question.type:
        case Type.TEXT:
            return said
        case Type.NUMBER:
            return _number(said)
        case Type.DATE:
            return _date(said)
        case Type.MULTIPLE:
            return _several(question, said)
    raise Unclear(_("没看明白您的意思。"))


def _number(said: str) -> float:
    bare = folded(said).rstrip("个次天元米户人")
    if (whole := numeral(bare)) is not None:
        return float(whole)
    try:
        return float(bare)
    except ValueError:
        raise Unclear(_("请回复数字。")) from None


def _date(said: str) -> str:
    today = now().astimezone(CHINA).date()
    bare = folded(said)
    if bare in _DAYS:
        return (today - timedelta(days=_DAYS[bare])).isoformat()
    if found := _DATE.match(bare):
        year, month, day = (int(part) if part else today.year for part in found.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            pass
    raise Unclear(_("请回复日期，如“11月23日”或“昨天”。"))


def _several(question: Question, said: str) -> list[str]:
    by_word = {folded(each.label): each.code for each in question.options}
    chosen = []
    for part in filter(None, _BETWEEN.split(said)):
        number = numeral(folded(part))
        if number is not None and 1 <= number <= len(question.options):
            chosen.append(question.options[number - 1].code)
        elif folded(part) in by_word:
            chosen.append(by_word[folded(part)])
        else:
            raise Unclear(_("没看明白您的意思。"))
    return chosen
