"""Time limits as rules state them: `30m`, `2h`, `7d` on the calendar, `4wh`, `5wd` at work."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from sqlalchemy import Dialect, Text, TypeDecorator
from typing_extensions import override

_FORM = re.compile(r"^([1-9][0-9]{0,4})(m|h|d|wh|wd)$")


class Unit(StrEnum):
    """What a limit counts; a working day ends with the office hours of the last one counted."""

    MINUTES = "m"
    HOURS = "h"
    DAYS = "d"
    WORKING_HOURS = "wh"
    WORKING_DAYS = "wd"


@dataclass(frozen=True, slots=True)
class Limit:
    """So much of a unit of time."""

    amount: int
    unit: Unit

    @classmethod
    def of(cls, text: str) -> "Limit":
        """The limit that this text states; `ValueError` when it states none."""
        found = _FORM.match(text)
        if found is None:
            message = "a limit is a number and m, h, d, wh or wd"
            raise ValueError(message)
        return cls(int(found[1]), Unit(found[2]))

    @override
    def __str__(self) -> str:
        return f"{self.amount}{self.unit.value}"


class _LimitType(TypeDecorator[Limit]):
    """A limit in a column, as its text."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Limit | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Limit | None:
        return None if value is None else Limit.of(value)


LimitType = _LimitType()


def _read(value: Any) -> Limit:
    return value if isinstance(value, Limit) else Limit.of(str(value))


LimitText = Annotated[
    Limit,
    BeforeValidator(_read),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _FORM.pattern}),
]
"""A limit as it crosses the wire."""
