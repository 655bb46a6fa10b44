"""Communities and places as they cross the wire."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import ConfigDict, StringConstraints, model_validator

from app.core.pages import Cursor
from app.core.wire import In, Line, Out, Slug
from app.places.models import Kind

PlaceCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z\u4e00-\u9fff#_-]{1,32}$")]
"""What a place is called within its parent: letters, figures or Chinese signs, at most 32."""


class Change(In):
    """New values for some of the fields; what is not named stays.

    Null empties a field where that makes sense, and is an error elsewhere.
    """

    emptied: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _no_nulls(self) -> Self:
        for field in self.model_fields_set - self.emptied:
            if getattr(self, field) is None:
                message = f"{field} cannot be null"
                raise ValueError(message)
        return self

    def named(self) -> dict[str, Any]:
        """What was asked for, by field."""
        return {field: getattr(self, field) for field in self.model_fields_set}


class CommunityChange(Change):
    """What to change about a community; a hotline may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"hotline"})

    name: Line | None = None
    town: Line | None = None
    hotline: Line | None = None


class CommunityOut(Out):
    """A community."""

    id: UUID
    slug: Slug
    name: str
    town: str
    hotline: str | None
    created_at: datetime


class PlaceIn(In):
    """A place to put on the map."""

    parent_id: UUID
    kind: Kind
    code: PlaceCode
    name: Line


class PlaceChange(Change):
    """A new name, a new parent, or both."""

    name: Line | None = None
    parent_id: UUID | None = None


class PlaceFilters(Cursor):
    """Which places: of a kind, directly in a place, or anywhere within one."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    parent: UUID | None = None
    within: UUID | None = None


class PlaceOut(Out):
    """A place; `path` spells the codes of what it stands in, `/A1/G3/3/2/502/`."""

    id: UUID
    parent_id: UUID | None
    kind: Kind
    code: str
    name: str
    path: str
