"""Rolls and objections against them, as they cross the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.wire import In, Line, Out, Prose
from app.polls.models import Basis, ObjectionKind, ObjectionState
from app.polls.service.remedies import Remedy


class RollCountOut(Out):
    """What the rule of a poll would give at this moment; `area` in 0.01 m²."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [{"entries": 312, "people": 640, "area": 0}]},
    )

    entries: int
    people: int
    area: int


class TurnoutOut(Out):
    """How many votes the roll has, and how many were cast."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_extra={"examples": [{"entries": 312, "voted": 97}]}
    )

    entries: int
    voted: int


class VoterOut(Out):
    """Who may cast a vote of the roll, and by what right."""

    person_id: UUID
    basis: Basis


class EntryOut(Out):
    """A vote of the roll; `area` in 0.01 m², 0 where area does not count."""

    id: UUID
    code: str
    label: str
    area: int
    homes: int
    home_id: UUID | None
    relation: str | None
    objection_id: UUID | None
    struck_by_id: UUID | None
    voters: list[VoterOut]


class MyVoteOut(Out):
    """A vote of the roll that the caller may cast."""

    id: UUID
    code: str
    """What the published list of who took part calls it."""
    label: str
    area: int
    homes: int
    cast: bool


class ObjectionIn(In):
    """What is wrong with the roll, about the caller if not said otherwise."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "missing", "text": "上月已过户，名册上没有我"}]}
    )

    kind: ObjectionKind
    person_id: UUID | None = None
    """Whom it is about; staff name others than themselves."""
    entry_id: UUID | None = None
    """The vote it is about; needed for all kinds but `missing`."""
    text: Prose


class DecisionIn(In):
    """What is decided about an objection, why, and what is to stand on the roll."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"upheld": True, "answer": "已核对不动产登记，面积更正", "area": 8950}]
        }
    )

    upheld: bool
    answer: Prose
    label: Line | None = None
    area: Annotated[int | None, Field(ge=0, le=10**9)] = None
    """In 0.01 m²: needed where an owner is missing."""
    homes: Annotated[int | None, Field(ge=1, le=10_000)] = None
    home_id: UUID | None = None
    """Whose household is missing, where nobody is known to live there."""
    voter_id: UUID | None = None
    """Who may cast the vote: of a proxy, its holder; whom it is about, if not said otherwise."""

    def remedy(self) -> Remedy:
        """What is to stand on the roll."""
        return Remedy(self.label, self.area, self.homes, self.home_id, self.voter_id)


class ObjectionOut(Out):
    """An objection, and what was decided about it."""

    id: UUID
    person_id: UUID
    kind: ObjectionKind
    entry_id: UUID | None
    text: str
    state: ObjectionState
    answer: str | None
    decided_by_id: UUID | None
    decided_at: datetime | None
    created_at: datetime
