"""The questions of a category, and whether what somebody answered answers them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from app.core.i18n import _
from app.core.problems import Invalid
from app.core.wire import Code, In, Line, Prose
from app.service_requests.problems import FormEnded


class Type(StrEnum):
    """What kind of answer a question wants."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    SINGLE = "single"
    MULTIPLE = "multiple"
    YES_NO = "yes_no"


_CHOICES = frozenset({Type.SINGLE, Type.MULTIPLE})
_LARGEST = 10**12
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Amount = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-_LARGEST, le=_LARGEST)]


class Option(In):
    """One answer to choose."""

    code: Code
    label: Line


class Question(In):
    """Something to ask of whoever reports a matter.

    A number may have bounds. A yes or no may end the form: there is nothing to report then, but
    something to be told.
    """

    code: Code
    label: Line
    type: Type
    help: Prose | None = None
    required: bool = False
    options: list[Option] = Field(default_factory=list, max_length=50)
    minimum: Amount | None = None
    maximum: Amount | None = None
    ends_on: StrictBool | None = None
    advice: Prose | None = None

    @model_validator(mode="after")
    def _choices_have_options(self) -> Self:
        codes = [option.code for option in self.options]
        if (self.type in _CHOICES) != bool(codes) or len(set(codes)) != len(codes):
            message = "questions with a choice, and only they, have options, each with its own code"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _numbers_have_bounds(self) -> Self:
        bounds = [bound for bound in (self.minimum, self.maximum) if bound is not None]
        if (bounds and self.type is not Type.NUMBER) or bounds != sorted(bounds):
            message = "only a number has bounds, and its minimum is not above its maximum"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _ends_with_advice(self) -> Self:
        ends = self.ends_on is not None
        if ends != (self.advice is not None) or (ends and self.type is not Type.YES_NO):
            message = "only a yes or no ends the form, and it does with advice"
            raise ValueError(message)
        return self

    def kept(self) -> dict[str, Any]:
        """The question as it is stored: what is usual is left out, so that equal ones look it."""
        return self.model_dump(mode="json", exclude_defaults=True)


def _day(written: object) -> date:
    """The date, of which pydantic would also read the seconds since 1970."""
    if not isinstance(written, str) or not _DAY.fullmatch(written):
        message = "is not a date like 2026-11-23"
        raise ValueError(message)
    return date.fromisoformat(written)


def _once(codes: list[str]) -> list[str]:
    return list(dict.fromkeys(codes))


_plain: dict[Type, TypeAdapter[Any]] = {
    Type.TEXT: TypeAdapter(Prose),
    Type.NUMBER: TypeAdapter(Amount),
    Type.DATE: TypeAdapter(Annotated[date, BeforeValidator(_day)]),
    Type.YES_NO: TypeAdapter(StrictBool),
    Type.SINGLE: TypeAdapter(Code),
    Type.MULTIPLE: TypeAdapter(
        Annotated[list[Code], Field(min_length=1, max_length=50), AfterValidator(_once)]
    ),
}


def _read(question: Question, answer: object) -> Any:
    """The answer as it is kept; `ValueError` when the question does not admit it."""
    adapter = _plain[question.type]
    read = adapter.validate_python(answer)
    if question.type in _CHOICES:
        chosen = set(read if question.type is Type.MULTIPLE else [read])
        if not chosen <= {option.code for option in question.options}:
            message = "is not one of the options"
            raise ValueError(message)
    if question.minimum is not None and read < question.minimum:
        message = f"is less than {question.minimum:.12g}"
        raise ValueError(message)
    if question.maximum is not None and read > question.maximum:
        message = f"is more than {question.maximum:.12g}"
        raise ValueError(message)
    return adapter.dump_python(read, mode="json")


def _said(error: ValueError) -> str:
    words = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
    return words.removeprefix("Value error, ")


def _asked(questions: Sequence[Mapping[str, Any]]) -> Iterator[Question]:
    """The questions in their order."""
    return map(Question.model_validate, questions)


def ended(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> str | None:
    """The advice of the first answer that ends the form; None when it goes on."""
    return next(
        (
            question.advice
            for question in _asked(questions)
            if question.ends_on is not None and answers.get(question.code) is question.ends_on
        ),
        None,
    )


def next_question(
    questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]
) -> Question | None:
    """What to ask after these answers; None when the form has ended or nothing is left to ask.

    A question that was passed over has null for its answer.
    """
    if ended(questions, answers):
        return None
    return next((each for each in _asked(questions) if each.code not in answers), None)


def answered(questions: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are kept; `Invalid` names the ones that are wrong, missing or unasked.

    Raises `FormEnded` with its advice when an answer ends the form: what follows it was not asked.
    """
    if advice := ended(questions, given):
        raise FormEnded(advice)
    asked = {question.code: question for question in _asked(questions)}
    wrong = {code: "was not asked" for code in given if code not in asked}
    kept = {}
    for code, question in asked.items():
        if given.get(code) is None:
            if question.required:
                wrong[code] = "is required"
            continue
        try:
            kept[code] = _read(question, given[code])
        except ValueError as error:
            wrong[code] = _said(error)
    if wrong:
        errors = [{"path": f"answers.{code}", "message": said} for code, said in wrong.items()]
        raise Invalid(errors=errors)
    return kept


def spelled(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> list[str]:
    """The answers in words, each behind its question, for who reads them without the form."""
    return [
        f"{question.label}：{_words(question, answers[question.code])}"
        for question in _asked(questions)
        if answers.get(question.code) is not None
    ]


def _words(question: Question, answer: Any) -> str:
    labels = {option.code: option.label for option in question.options}
    match answer:
        case bool():
            return _("是") if answer else _("否")
        case float():
            return f"{answer:.12g}"
        case list():
            return "、".join(labels[code] for code in answer)
    return labels.get(answer, str(answer))
