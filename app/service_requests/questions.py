"""The questions of a category, and whether what somebody answered answers them."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StrictBool, TypeAdapter, ValidationError, model_validator

from app.core.problems import Invalid
from app.core.wire import Code, In, Line, Prose


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


class Option(In):
    """One answer to choose."""

    code: Code
    label: Line


class Question(In):
    """Something to ask of whoever reports a matter."""

    code: Code
    label: Line
    type: Type
    required: bool = False
    options: list[Option] = Field(default_factory=list, max_length=50)

    @model_validator(mode="after")
    def _choices_have_options(self) -> Self:
        codes = [option.code for option in self.options]
        if (self.type in _CHOICES) != bool(codes) or len(set(codes)) != len(codes):
            message = "questions with a choice, and only they, have options, each with its own code"
            raise ValueError(message)
        return self


_plain: dict[Type, TypeAdapter[Any]] = {
    Type.TEXT: TypeAdapter(Prose),
    Type.NUMBER: TypeAdapter(
        Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-_LARGEST, le=_LARGEST)]
    ),
    Type.DATE: TypeAdapter(date),
    Type.YES_NO: TypeAdapter(StrictBool),
    Type.SINGLE: TypeAdapter(Code),
    Type.MULTIPLE: TypeAdapter(Annotated[list[Code], Field(min_length=1, max_length=50)]),
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
    return adapter.dump_python(read, mode="json")


def _said(error: ValueError) -> str:
    return str(error.errors()[0]["msg"]) if isinstance(error, ValidationError) else str(error)


def answered(questions: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are kept; `Invalid` names the ones that are wrong, missing or unasked."""
    asked = {question.code: question for question in map(Question.model_validate, questions)}
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
