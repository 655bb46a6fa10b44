"""Councils and sittings as they cross the wire."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from app.core.wire import Article, In, Line, Out, Prose
from app.places.schemas import Change

_FIRST, _LAST = 2000, 2200


def _likely(at: datetime) -> datetime:
    """Refuse a time that no calendar here reaches."""
    if not _FIRST <= at.year < _LAST:
        message = "must be between the years 2000 and 2200"
        raise ValueError(message)
    return at


Time = Annotated[AwareDatetime, AfterValidator(_likely)]


class CouncilIn(In):
    """A regular meeting: where, how it is called, and how often it meets."""

    place_id: UUID
    name: Line
    every_days: Annotated[int, Field(ge=1, le=366)] = 30


class CouncilOut(Out):
    """A regular meeting."""

    id: UUID
    place_id: UUID
    name: str
    every_days: int
    created_at: datetime
    ended_at: datetime | None


class SittingIn(In):
    """When a council sits, and where."""

    starts_at: Time
    where: Line | None = None


class SittingChange(Change):
    """What to change about a sitting; where may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"where"})

    starts_at: Time | None = None
    where: Line | None = None


class PointIn(In):
    """A point of the agenda: free with its title, or a topic."""

    title: Line | None = None
    topic_id: UUID | None = None

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if self.title is None and self.topic_id is None:
            message = "neither a title nor a topic"
            raise ValueError(message)
        return self


class AgendaIn(In):
    """What a sitting is about, in order."""

    items: Annotated[list[PointIn], Field(max_length=50)]


class MinutesIn(In):
    """What was said, in Markdown; how many came; what came of each point, by its position."""

    minutes: Article
    attended: Annotated[int, Field(ge=0, le=100_000)]
    outcomes: dict[Annotated[int, Field(ge=1, le=50)], Prose] = Field(default_factory=dict)


class PointOut(Out):
    """A point of the agenda, and what came of it."""

    position: int
    title: str
    topic_id: UUID | None
    outcome: str | None


class SittingOut(Out):
    """A sitting with its agenda, and with its minutes once it was held."""

    id: UUID
    council_id: UUID
    starts_on: date
    starts_at: datetime
    where: str | None
    agenda: list[PointOut]
    minutes: str | None
    attended: int | None
    held_at: datetime | None
    version: int
