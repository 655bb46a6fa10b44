"""Words that a community listens for, and what was heard. Nobody is scored."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant, belongs


class WatchKind(StrEnum):
    """How a word is written down."""

    WORD = "word"
    """As it is said, in any spelling."""
    PATTERN = "pattern"
    """Words that follow each other, not far apart: `物业…涨价`."""


class Gravity(StrEnum):
    """When a word makes an alert."""

    SPIKE = "spike"
    """When it is said more than usual."""
    SERIOUS = "serious"
    """Whenever it is said."""


class Watch(Tenant, Table):
    """A word or a pattern that is listened for in the groups of a place."""

    __tablename__ = "opinion_watches"
    __table_args__ = (
        belongs("place_id", "places"),
        Index(
            "opinion_watches_once_key",
            "community_id",
            "place_id",
            "written",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    place_id: Mapped[UUID]
    kind: Mapped[WatchKind]
    gravity: Mapped[Gravity]
    written: Mapped[str]
    """The word, or the parts of a pattern with `…` between, in their order."""
    topic: Mapped[str | None]
    """What it is about: `物业费`."""
    least: Mapped[int] = mapped_column(default=5)
    """A spike has at least so many messages in an hour."""
    times: Mapped[int] = mapped_column(default=3)
    """And so many times as many as usual."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Tally(Tenant, Table):
    """How often a watch hit in one hour, by group; without who said it."""

    __tablename__ = "opinion_tallies"
    __table_args__ = (
        belongs("watch_id", "opinion_watches"),
        belongs("group_id", "chat_groups"),
        UniqueConstraint("community_id", "watch_id", "group_id", "hour"),
    )

    watch_id: Mapped[UUID]
    group_id: Mapped[UUID]
    hour: Mapped[datetime]
    messages: Mapped[int]


class AlertState(StrEnum):
    """What became of an alert."""

    OPEN = "open"
    HANDLED = "handled"
    DISMISSED = "dismissed"


class Alert(Tenant, Table):
    """Something to look at: a serious word, or a spike."""

    __tablename__ = "opinion_alerts"
    __table_args__ = (
        belongs("watch_id", "opinion_watches"),
        belongs("group_id", "chat_groups"),
        belongs("place_id", "places"),
        UniqueConstraint("community_id", "watch_id", "group_id", "once"),
        Index(None, "community_id", "state", "id"),
    )

    watch_id: Mapped[UUID]
    group_id: Mapped[UUID]
    place_id: Mapped[UUID]
    once: Mapped[str]
    """The message of a serious word; the hour of a spike."""
    messages: Mapped[int]
    """How many hit."""
    usual: Mapped[float | None]
    """How many do in an hour, as a rule; None for a serious word."""
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    state: Mapped[AlertState] = mapped_column(default=AlertState.OPEN)
    handled_by_id: Mapped[UUID | None]
    handled_at: Mapped[datetime | None]
    note: Mapped[str | None]
    request_id: Mapped[UUID | None]
    """The request, or the lead for mediation, that was made of it."""
    notice_id: Mapped[UUID | None]
    """The rebuttal that was drafted from it."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Ear(Table):
    """How far the messages of a community have been listened to."""

    __tablename__ = "opinion_ears"

    community_id: Mapped[UUID] = mapped_column(ForeignKey("communities.id"), primary_key=True)
    heard_to: Mapped[UUID]
    """The id of the last message that was listened to; ids go with time."""
