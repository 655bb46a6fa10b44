"""The map of a community: one tree of places under it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.core.ids import new_id

ROOT = "/"


class Kind(StrEnum):
    """What a place is, from the whole down to one front door."""

    COMMUNITY = "community"
    AREA = "area"
    GRID = "grid"
    BUILDING = "building"
    UNIT = "unit"
    HOME = "home"
    STATION = "station"
    ROOM = "room"


HOLDS: dict[Kind, frozenset[Kind]] = {
    Kind.COMMUNITY: frozenset({Kind.AREA, Kind.GRID, Kind.BUILDING, Kind.STATION}),
    Kind.AREA: frozenset({Kind.GRID, Kind.BUILDING, Kind.STATION}),
    Kind.GRID: frozenset({Kind.BUILDING, Kind.STATION}),
    Kind.BUILDING: frozenset({Kind.UNIT, Kind.HOME, Kind.ROOM}),
    Kind.UNIT: frozenset({Kind.HOME, Kind.ROOM}),
    Kind.STATION: frozenset({Kind.ROOM}),
    Kind.HOME: frozenset(),
    Kind.ROOM: frozenset(),
}
"""Which places may stand directly in which."""


class Community(Table):
    """A residential community (社区, 小区): the tenant everything else belongs to."""

    __tablename__ = "communities"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    town: Mapped[str]
    hotline: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Place(Tenant, Table):
    """A node of the map. Its path spells its ancestors' codes: `/A1/G3/3/2/502/`; the root is `/`.

    A path ends with a slash, so that one place lies within another exactly when its path begins
    with the other's.
    """

    __tablename__ = "places"
    __table_args__ = (
        belongs("parent_id", "places"),
        UniqueConstraint("community_id", "path"),
        CheckConstraint("left(path, 1) = '/' AND right(path, 1) = '/'", name="path"),
        CheckConstraint("(parent_id IS NULL) = (path = '/')", name="root"),
        CheckConstraint("code <> '' AND strpos(code, '/') = 0", name="code"),
        Index(None, "community_id", "parent_id"),
    )

    parent_id: Mapped[UUID | None]
    kind: Mapped[Kind]
    code: Mapped[str]
    name: Mapped[str]
    path: Mapped[str] = mapped_column(Text(collation="C"))
    """In byte order, so that a prefix is a range of the unique index."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    def within(self, path: str) -> bool:
        """Whether this place is the one at that path or lies inside it."""
        return self.path.startswith(path)


def inside(path: str) -> ColumnElement[bool]:
    """The condition on `Place` that selects the one at this path and all within it.

    Paths end with a slash, and `0` follows the slash in byte order: the range ends there.
    """
    return and_(Place.path >= path, Place.path < f"{path[:-1]}0")
