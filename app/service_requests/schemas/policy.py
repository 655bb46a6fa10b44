"""How a community deals with requests, and its working days, as they cross the wire."""

import re
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from app.core.calendar import Basis, Hours
from app.core.wire import In, Line, Out, Prose
from app.places.schemas import Change

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def _in_order(pairs: list[list[str]]) -> list[list[str]]:
    Hours.of(pairs)
    return pairs


def _iso(value: Any) -> Any:
    if isinstance(value, str) and not _ISO.fullmatch(value):
        message = "a day is written 2027-02-08"
        raise ValueError(message)
    return value


IsoDay = Annotated[date, BeforeValidator(_iso)]
"""A day as `2027-02-08`, and in no other form."""

_TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
_Span = Annotated[list[_TimeOfDay], Field(min_length=2, max_length=2)]
OfficeHours = Annotated[list[_Span], Field(min_length=1, max_length=10), AfterValidator(_in_order)]
"""Pairs of times of day, China time, in order and apart: `[["09:00", "12:00"]]`."""


class PolicyChange(Change):
    """What to change about how requests are dealt with; a source may be null.

    Clocks that run already stay as they are.
    """

    emptied: ClassVar[frozenset[str]] = frozenset({"source"})

    office_hours: OfficeHours | None = None
    urge_most: Annotated[int, Field(ge=1, le=100)] | None = None
    urge_gap_minutes: Annotated[int, Field(ge=1, le=525_600)] | None = None
    reopen_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    visit_days: Annotated[int, Field(ge=1, le=365)] | None = None
    source: Prose | None = None


class PolicyOut(Out):
    """How requests are dealt with.

    `unknown_years` are those within reach of today's limits whose official calendar is not known:
    their working days are those of the week, without the holidays that are announced.
    """

    office_hours: list[list[str]]
    urge_most: int
    urge_gap_minutes: int
    reopen_days: int
    visit_days: int
    source: str | None
    updated_at: datetime
    unknown_years: list[int] = Field(default_factory=list)


class DaysAsked(In):
    """From which day to which, both included."""

    first: Annotated[IsoDay, Field(alias="from")]
    last: Annotated[IsoDay, Field(alias="to")]


class DayOut(Out):
    """Whether a day is worked, and why; `name` is its holiday, or what the community noted."""

    day: date
    working: bool
    basis: Basis
    name: str | None


class DaysOut(Out):
    """Days in order, and of which of their years the official calendar is not known."""

    items: list[DayOut]
    unknown_years: list[int]


class SpecialDayIn(In):
    """How a day is worked, whatever the calendar says, and why."""

    working: bool
    note: Line
