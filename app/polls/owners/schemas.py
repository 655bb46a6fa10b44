"""Owners and deeds as they cross the wire."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.core.pages import Cursor
from app.core.wire import In, Line, Out
from app.places.schemas import Change
from app.polls.models import AreaSource, OwnerKind
from app.polls.owners import area

MOST_OWNERS = 50
"""Of one home; their ids together are the key of their vote, which an index has to hold."""


def _read(written: object) -> object:
    """A number would have been rounded before it came here."""
    return area.read(written if isinstance(written, str) else "")


def _write(value: object) -> object:
    return area.write(value) if isinstance(value, int) else value


def _once(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) < len(ids):
        message = "names one owner twice"
        raise ValueError(message)
    return ids


AreaIn = Annotated[
    int,
    BeforeValidator(_read),
    WithJsonSchema({"type": "string", "pattern": area.PATTERN, "examples": ["89.50"]}),
]
AreaOut = Annotated[str, BeforeValidator(_write), Field(examples=["89.50"])]
OwnerIds = Annotated[list[UUID], Field(min_length=1, max_length=MOST_OWNERS), AfterValidator(_once)]


class OwnerIn(In):
    """Somebody who owns a home: a person, a company with who represents it, the developer."""

    kind: OwnerKind = OwnerKind.PERSON
    name: Line
    person_id: UUID | None = None
    """Who it is on the register of people, or who represents it; without, they vote on paper."""


class OwnerChange(Change):
    """What to change; nobody need be known as the person."""

    emptied: ClassVar[frozenset[str]] = frozenset({"person_id"})

    kind: OwnerKind | None = None
    name: Line | None = None
    person_id: UUID | None = None


class OwnerOut(Out):
    """An owner."""

    id: UUID
    kind: OwnerKind
    name: str
    person_id: UUID | None
    version: int
    created_at: datetime


class OwnersAsked(Cursor):
    """Which owners: of a kind, of this name, known or not on the register of people."""

    model_config = ConfigDict(extra="forbid")

    kind: OwnerKind | None = None
    name: Line | None = None
    known: bool | None = None


class DeedIn(In):
    """Whose a home is; `area` is its exclusive area in square metres, `89.50`."""

    home_id: UUID
    area: AreaIn
    area_source: AreaSource
    owner_ids: OwnerIds
    voter_id: UUID | None = None
    """Which of several owners they named to vote."""


class DeedChange(Change):
    """What to change; without a voter, any of the co-owners votes."""

    emptied: ClassVar[frozenset[str]] = frozenset({"voter_id"})

    area: AreaIn | None = None
    area_source: AreaSource | None = None
    owner_ids: OwnerIds | None = None
    voter_id: UUID | None = None


class DeedHomeOut(Out):
    """The home of a deed."""

    id: UUID
    name: str
    path: str


class DeedOwnerOut(Out):
    """One of the owners of a home."""

    id: UUID
    kind: OwnerKind
    name: str


class DeedOut(Out):
    """A home as it is owned, or was until `ended_at`."""

    id: UUID
    home: DeedHomeOut
    area: AreaOut
    area_source: AreaSource
    owners: list[DeedOwnerOut]
    voter_id: UUID | None
    version: int
    created_at: datetime
    ended_at: datetime | None


class DeedsAsked(Cursor):
    """Which deeds: within a place, of an owner; those that ended only when asked for."""

    model_config = ConfigDict(extra="forbid")

    within: UUID | None = None
    owner: UUID | None = None
    ended: bool = False


class DeedTotals(Out):
    """What the register says of a place: a home without a deed would be on no owners' roll."""

    homes: int
    deeds: int
    area: AreaOut


class OwnersImported(Out):
    """What became of a list of owners."""

    rows: int
    owners: int
    """How many owners are new."""
    people: int
    """How many of them were put on the register of people, by their number."""
    deeds: int
    """How many homes have a new deed."""
    changed: int
    """How many homes had a deed that is different now."""
    dry_run: bool
