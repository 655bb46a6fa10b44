"""What was sent for the attributes of a service, read as the answers to its questions."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.core.clock import CHINA
from app.core.i18n import _
from app.core.problems import BadRequest
from app.open311.services import NO, YES, advice_code
from app.service_requests.questions import Question, Type

_NUMBER = re.compile(r"[+-]?[0-9]{1,13}(?:\.[0-9]{1,9})?")
_WORDS = {YES: True, "true": True, "1": True, NO: False, "false": False, "0": False}


def answers(questions: Sequence[Question], given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The answers by the code of their question; the form refuses what cannot be read.

    Raises `BadRequest` where a question of one answer was given several.
    """
    asked = {question.code: question for question in questions}
    shown = {advice_code(question) for question in questions}
    several = [code for code, values in given.items() if _too_many(asked.get(code), values)]
    if several:
        message = _("只能有一个值")
        raise BadRequest(
            errors=[{"path": f"answers.{code}", "message": message} for code in several]
        )
    return {
        code: _read(asked.get(code), values) for code, values in given.items() if code not in shown
    }


def _too_many(question: Question | None, values: Sequence[str]) -> bool:
    return len(values) > 1 and (question is None or question.type is not Type.MULTIPLE)


def _read(question: Question | None, values: Sequence[str]) -> Any:
    value = values[0]
    match question and question.type:
        case Type.MULTIPLE:
            return list(values)
        case Type.NUMBER if _NUMBER.fullmatch(value):
            return float(value)
        case Type.YES_NO:
            return _WORDS.get(value.lower(), value)
        case Type.DATE:
            return _day(value)
    return value


def _day(value: str) -> str:
    """The day of a date or, as GeoReport also sends them, of a moment: the one it was here."""
    if "T" not in value:
        return value
    try:
        moment = datetime.fromisoformat(value)
        return (moment.astimezone(CHINA) if moment.tzinfo else moment).date().isoformat()
    except (ValueError, OverflowError):
        return value
