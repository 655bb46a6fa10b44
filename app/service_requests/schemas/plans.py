"""Visit plans and tasks from above as they cross the wire."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.wire import Code, In, Line, Out, Prose
from app.places.schemas import Change
from app.service_requests.models import Every

Count = Annotated[int, Field(ge=1, le=366)]


class PlanIn(In):
    """Whom to visit, where, from which day on and how often: every `count` days, weeks, months."""

    person_id: UUID
    place_id: UUID
    category: Code = "care_visit"
    worker_id: UUID | None = None
    task: Prose
    every: Every
    count: Count = 1
    starts_on: date
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until and self.until < self.starts_on:
            message = "until lies before starts_on"
            raise ValueError(message)
        return self


class PlanChange(Change):
    """What to change; a worker and an end may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"worker_id", "until"})

    worker_id: UUID | None = None
    task: Prose | None = None
    every: Every | None = None
    count: Count | None = None
    next_on: date | None = None
    until: date | None = None


class PlanOut(Out):
    """A visit that comes round again."""

    id: UUID
    person_id: UUID
    place_id: UUID
    category_id: UUID
    worker_id: UUID | None
    task: str
    every: Every
    count: int
    starts_on: date
    next_on: date
    until: date | None
    created_at: datetime
    ended_at: datetime | None


class TaskIn(In):
    """What a department wants done: from whom, under which letter, and until when if it says so."""

    organization_id: UUID
    reference: Line | None = None
    category: Code = "task"
    place_id: UUID
    summary: Prose
    due_at: datetime | None = None

    @model_validator(mode="after")
    def _with_a_zone(self) -> Self:
        if self.due_at and self.due_at.tzinfo is None:
            message = "due_at names no time zone"
            raise ValueError(message)
        return self
