"""What was said in groups, and how fast companies answered it, as it crosses the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.core.pages import Cursor
from app.core.wire import In, Out
from app.groups.policies import LEAST_DAYS

Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
"""A month of China time: `2026-11`."""


class MessageFilters(Cursor):
    """Which messages: with these words, said from one moment on and before another, by whom."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    since: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: Annotated[AwareDatetime | None, Field(alias="to")] = None
    sender: Annotated[str | None, Field(min_length=1, max_length=200)] = None


class MessageOut(Out):
    """What somebody said; numbers of people are masked in it."""

    id: UUID
    sender_id: str
    sender_name: str
    kind: str
    text: str
    sent_at: datetime
    reply: str | None


class MonthAsked(In):
    """Of which month; the one that runs, if none is named."""

    month: Month | None = None


class QuestionFilters(Cursor):
    """Of which month; all that is known, if none is named."""

    model_config = ConfigDict(extra="forbid")

    month: Month | None = None


class QuestionOut(Out):
    """What was asked and what was answered, null once the words are forgotten."""

    id: UUID
    asked_at: datetime
    answered_at: datetime | None
    question: MessageOut | None
    answer: MessageOut | None


class FiguresOut(Out):
    """How questions were answered; rates in per cent, null where there is nothing to divide by."""

    asked: int
    answered: int
    answered_in_time: int
    unanswered: int
    answered_rate: float | None
    in_time_rate: float | None
    median_minutes: float | None


class AnsweringOut(FiguresOut):
    """The figures of one group in one month, and how each is made."""

    month: Month
    answer_minutes: int
    """In what time an answer is in time."""
    formulas: dict[str, str]


class GroupAnswersOut(FiguresOut):
    """The figures of one group."""

    group: str
    place: str
    organization_id: UUID | None


class PropertyAnswersOut(Out):
    """The figures of each group of a community in a month that is over, and how each is made."""

    month: Month
    answer_minutes: int
    formulas: dict[str, str]
    groups: list[GroupAnswersOut]


class PolicyIn(In):
    """How groups are kept: messages for six months at least, answers within so many minutes."""

    messages_kept_days: Annotated[int, Field(ge=LEAST_DAYS, le=3650)]
    answer_minutes: Annotated[int, Field(ge=1, le=10_080)]


class PolicyOut(Out):
    """How groups are kept."""

    messages_kept_days: int
    answer_minutes: int
