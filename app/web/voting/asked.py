"""The questions as a page asks them: numbered, under their headings, a section at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.i18n import _
from app.polls.counting import is_asked
from app.polls.forms import Form, Method, Question, Section
from app.web.voting.results import option_word
from app.web.voting.words import answer_word, day_word


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its number, and the section that begins with it."""

    number: int
    question: Question
    condition: str = ""
    """Of whom it is asked, where not of everybody."""
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One page of several."""

    number: int
    of: int
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Line:
    """A question and what was answered, in words."""

    question: str
    said: list[str]


def _answer_label(question: Question, key: str) -> str:
    option = next((each for each in question.options if each.key == key), None)
    return option_word(option) if option else answer_word(key)


def _condition(form: Form, question: Question, numbers: Mapping[str, int]) -> str:
    condition = question.only_if
    earlier = condition and form.question(condition.question)
    if not condition or not earlier:
        return ""
    return _("仅当第 {number} 题选了{options}时回答").format(
        number=numbers[earlier.key],
        options=_("或").join(f"“{_answer_label(earlier, key)}”" for key in condition.any_of),
    )


def asked_of(form: Form, questions: Iterable[Question] | None = None) -> list[Asked]:
    """These questions, or all of them, with the numbers they have in the whole form."""
    numbers = {question.key: number for number, question in enumerate(form.questions, 1)}
    sections = {section.key: section for section in form.sections}
    asked: list[Asked] = []
    begun: str | None = None
    for question in form.questions if questions is None else questions:
        heading = sections.get(question.section or "") if question.section != begun else None
        begun = question.section
        condition = _condition(form, question, numbers)
        asked.append(Asked(numbers[question.key], question, condition, heading))
    return asked


def steps_of(form: Form) -> list[Step]:
    """The pages of a long form: a page for each run of questions under one heading."""
    runs: list[list[Question]] = []
    for question in form.questions:
        if runs and runs[-1][-1].section == question.section:
            runs[-1].append(question)
        else:
            runs.append([question])
    return [Step(number, len(runs), run) for number, run in enumerate(runs, 1)]


def still_asked(questions: Iterable[Question], choice: Mapping[str, Any]) -> list[Question]:
    """Those that may be asked of who answered so, with those that hang on one another here."""
    found: list[Question] = []
    for question in questions:
        condition = question.only_if
        here = condition and condition.question in {each.key for each in found}
        if here or is_asked(question, choice):
            found.append(question)
    return found


def _each(question: Question, answer: Mapping[str, Any]) -> list[str]:
    told = day_word if question.method is Method.DATES else str
    return [
        _("{option}：{answer}").format(option=option_word(option), answer=told(answer[option.key]))
        for option in question.options
        if option.key in answer
    ]


def _said(question: Question, choice: Mapping[str, Any]) -> list[str]:
    answer = choice[question.key]
    match answer:
        case list() if question.method is Method.RANKED:
            said = [
                _("第 {place} 名：{option}").format(
                    place=place, option=_answer_label(question, key)
                )
                for place, key in enumerate(answer, 1)
            ]
        case list():
            said = [_answer_label(question, key) for key in answer]
        case dict():
            said = _each(question, answer)
        case str() if question.method in {Method.SINGLE, Method.YES_NO}:
            said = [_answer_label(question, answer)]
        case _:
            said = [str(answer)]
    for suffix, sentence in (("other", _("其他：{text}")), ("reason", _("理由：{text}"))):
        if text := choice.get(f"{question.key}.{suffix}"):
            said.append(sentence.format(text=text))
    return said


def lines_of(form: Form, choice: Mapping[str, Any]) -> list[Line]:
    """A whole ballot in words; what was asked and not answered says so."""
    return [
        Line(
            f"{asked.number}. {asked.question.text}",
            _said(asked.question, choice) if asked.question.key in choice else [_("（未答）")],
        )
        for asked in asked_of(form)
        if asked.question.key in choice or is_asked(asked.question, choice)
    ]
