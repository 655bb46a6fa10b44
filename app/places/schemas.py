"""Communities and places as they cross the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from app.core.wire import In, Line, Out, Slug
from app.places.models import Kind

PlaceCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z\u4e00-\u9fff#_-]{1,32}$")]
"""What a place is called within its parent: letters, figures or Chinese signs, at most 32."""


class CommunityChange(In):
    """What to change about a community; what is not named stays."""

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


class PlaceChange(In):
    """A new name, a new parent, or both."""

    name: Line | None = None
    parent_id: UUID | None = None


class PlaceOut(Out):
    """A place; `path` spells the codes of what it stands in, `/A1/G3/3/2/502/`."""

    id: UUID
    parent_id: UUID | None
    kind: Kind
    code: str
    name: str
    path: str
