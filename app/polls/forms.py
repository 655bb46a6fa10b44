"""What a ballot asks: questions, their options, and when each is asked."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.wire import In, Line, Prose

FEWEST_OPTIONS, MOST_OPTIONS = 2, 50
MOST_QUESTIONS = 60
OTHER = "other"
"""The key of the option that says: something else, namely."""


class Method(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    APPROVAL = "approval"
    RANKED = "ranked"
    SCORE = "score"
    DOTS = "dots"
    DATES = "dates"
    YES_NO = "yes_no"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


CHOOSING = frozenset(
    {
        Method.SINGLE,
        Method.MULTIPLE,
        Method.APPROVAL,
        Method.RANKED,
        Method.SCORE,
        Method.DOTS,
        Method.DATES,
    }
)
"""Methods that need options."""
WRITING = frozenset({Method.TEXT, Method.NUMBER, Method.DATE})
"""Methods whose answers are the voter's own words: in surveys, and never in secret."""
YES, NO, ABSTAIN = "yes", "no", "abstain"
MAYBE = "maybe"


class Matter(IntEnum):
    """What owners decide together, by its number in 民法典 §278."""

    RULES = 1
    STATUTES = 2
    COMMITTEE = 3
    PROPERTY_COMPANY = 4
    FUND_USE = 5
    FUND_RAISING = 6
    REBUILDING = 7
    COMMON_PARTS = 8
    OTHER = 9


SPECIAL = frozenset({Matter.FUND_RAISING, Matter.REBUILDING, Matter.COMMON_PARTS})
"""民法典 §278: three quarters of those taking part, by area and by heads; the others over half."""

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,20}$")]


class Option(In):
    """One thing to choose."""

    key: Key
    """`A`, `B` …; `other` is "something else, namely"."""
    text: Line
    file_id: UUID | None = None
    """Its picture, one of the poll's files."""
    starts_at: datetime | None = None
    """For `dates`: when it would be."""


class Condition(In):
    """Asked only of who chose one of these options in an earlier question."""

    question: Key
    any_of: Annotated[list[Key], Field(min_length=1, max_length=MOST_OPTIONS)]


class Section(In):
    """A heading over some questions."""

    key: Key
    title: Line
    text: Prose | None = None


class Question(In):
    """One question; what its method does not use stays as it is by default."""

    key: Key
    method: Method
    text: Line
    help: Prose | None = None
    section: Key | None = None
    required: bool = True
    options: list[Option] = Field(default_factory=list, max_length=MOST_OPTIONS)
    least: Annotated[int, Field(ge=0, le=MOST_OPTIONS)] = 1
    """multiple, ranked: how many must be chosen."""
    most: Annotated[int | None, Field(ge=1, le=MOST_OPTIONS)] = None
    """multiple, ranked: how many may be; all of them where nothing is said."""
    top: Annotated[int, Field(ge=1, le=10)] = 5
    """score: the highest; the lowest is 0."""
    dots: Annotated[int, Field(ge=1, le=100)] = 10
    """dots: how many there are to give away; none need be."""
    matter: Matter | None = None
    """Which matter of 民法典 §278 it is; the owners' assembly decides by it, on yes or no alone."""
    reason: bool = False
    """Whether a reason may be written beside the choice; never in secret."""
    only_if: Condition | None = None


class Form(In):
    """All that one ballot asks."""

    sections: list[Section] = Field(default_factory=list, max_length=20)
    questions: Annotated[list[Question], Field(min_length=1, max_length=MOST_QUESTIONS)]

    def question(self, key: str) -> Question | None:
        """The question of this key."""
        return next((each for each in self.questions if each.key == key), None)
