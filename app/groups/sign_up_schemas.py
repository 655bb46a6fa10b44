"""Sign-ups and shows of hands as they cross the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.core.pages import Cursor
from app.core.wire import Out


class ChainFilters(Cursor):
    """Which sign-ups: those that go round, those that are closed, or both."""

    model_config = ConfigDict(extra="forbid")

    open: bool | None = None


class ChainExport(BaseModel):
    """As what the list is taken out."""

    model_config = ConfigDict(extra="forbid")

    form: Literal["xlsx", "csv"] = "xlsx"


class ChainOut(Out):
    """A sign-up; `people` counts everybody on it, `capacity` is null where there is no limit."""

    id: UUID
    group_id: UUID
    title: str
    capacity: int | None
    people: int
    created_at: datetime
    closed_at: datetime | None


class ChainLineOut(Out):
    """A line of a sign-up: `number` as in the list, `places` how many people it is for."""

    id: UUID
    number: int
    name: str
    unit: str | None
    places: int
    note: str | None
    waits: bool
    person_id: UUID | None
    seen_at: datetime


class ChainWhole(ChainOut):
    """A sign-up with who is on it, in the order they came."""

    entries: list[ChainLineOut]
    waiting: int
    """How many of the people wait."""


class ShowFilters(ChainFilters):
    """Which shows of hands: those that are open, those that are counted, or both."""


class OptionOut(Out):
    """An option, and how many hands it has."""

    number: int
    text: str
    hands: int


class ShowOut(Out):
    """A show of hands: an opinion of the group, and no formal vote."""

    id: UUID
    group_id: UUID
    question: str
    options: list[str]
    created_at: datetime
    closes_at: datetime
    closed_at: datetime | None


class ShowWhole(Out):
    """A show of hands with how many were raised for what."""

    id: UUID
    group_id: UUID
    question: str
    options: list[OptionOut]
    created_at: datetime
    closes_at: datetime
    closed_at: datetime | None
