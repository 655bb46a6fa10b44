"""A notice: what it says, whom it is for, and how far it has come."""

from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.people.models import Person
from app.places.models import Place


class NoticeKind(StrEnum):
    """What a notice is."""

    NOTICE = "notice"
    """通知公告."""
    POLICY = "policy"
    """政策."""
    NEWS = "news"
    """社区动态."""
    EMERGENCY = "emergency"
    """紧急通知: it keeps no quiet hours."""
    REBUTTAL = "rebuttal"
    """辟谣."""
    LESSON = "lesson"
    """党课: a video or a link, and who has studied it."""
    ASSESSMENT = "assessment"
    """考核结果."""


class NoticeState(StrEnum):
    """How far a notice has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    """Waits for a second person to agree."""
    APPROVED = "approved"
    """A second person agreed, or none is needed."""
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    """Everybody's delivery is planned; how each went stands with the deliveries."""
    WITHDRAWN = "withdrawn"


PUBLISHED = frozenset({NoticeState.SENDING, NoticeState.SENT})


class Notice(Tenant, Table):
    """Something the community tells many."""

    __tablename__ = "notices"
    __table_args__ = (
        belongs("place_id", "places"),
        belongs("author_id", "people"),
        belongs("corrects_id", "notices"),
        Index(None, "community_id", "id"),
        Index(
            "notices_published_idx",
            "community_id",
            "published_at",
            postgresql_where=text("state IN ('sending', 'sent')"),
        ),
        Index(
            "notices_scheduled_idx", "scheduled_at", postgresql_where=text("state = 'scheduled'")
        ),
        CheckConstraint("state <> 'scheduled' OR scheduled_at IS NOT NULL", name="scheduled"),
        CheckConstraint("reviewed_by_id IS NULL OR reviewed_by_id <> author_id", name="two_people"),
    )

    kind: Mapped[NoticeKind]
    title: Mapped[str]
    body: Mapped[str]
    """Markdown."""
    media_url: Mapped[str | None]
    """The video or the page of a lesson."""
    place_id: Mapped[UUID]
    """Within which its author may speak, and its audience lies."""
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Whom it is for; see `audiences.Audience`."""
    channels: Mapped[list[str]]
    """Names of files in `notices/channels`."""
    state: Mapped[NoticeState] = mapped_column(default=NoticeState.DRAFT)
    author_id: Mapped[UUID | None]
    """None when a program wrote it."""
    reviewed_by_id: Mapped[UUID | None]
    scheduled_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    """Why it was sent back or withdrawn."""
    corrects_id: Mapped[UUID | None]
    """The notice that this one puts right; it goes where that one went."""
    wants_receipt: Mapped[bool] = mapped_column(default=False)
    """Whether everybody is asked to say that they have read it."""
    knock: Mapped[bool] = mapped_column(default=False)
    """Whether a grid worker is to knock at the homes that are not reached."""
    knock_after_hours: Mapped[int | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)


class NoticeFile(Tenant, Table):
    """A picture or a file that goes with a notice."""

    __tablename__ = "notice_files"
    __table_args__ = (
        belongs("notice_id", "notices"),
        UniqueConstraint("community_id", "notice_id", "position"),
    )

    notice_id: Mapped[UUID]
    position: Mapped[int]
    file_id: Mapped[UUID]
    name: Mapped[str]
    media_type: Mapped[str]


class Reading(Tenant, Table):
    """Somebody has read a notice, or studied a lesson."""

    __tablename__ = "notice_readings"
    __table_args__ = (
        belongs("notice_id", "notices"),
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "notice_id", "person_id"),
    )

    notice_id: Mapped[UUID]
    person_id: Mapped[UUID]
    way: Mapped[str]
    """`link`, `word`, `desk`: how we know."""
    read_at: Mapped[datetime] = mapped_column(default=now)
    studied_at: Mapped[datetime | None]
    """When they said that they had gone through a lesson."""

    person: Mapped[Person] = relationship(lazy="raise", viewonly=True)


class Knock(Tenant, Table):
    """A home that a notice has not reached, and the request for somebody to knock there."""

    __tablename__ = "notice_knocks"
    __table_args__ = (
        belongs("notice_id", "notices"),
        belongs("home_id", "places"),
        UniqueConstraint("community_id", "notice_id", "home_id"),
    )

    notice_id: Mapped[UUID]
    home_id: Mapped[UUID]
    request_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class NoticePolicy(Table):
    """How a community publishes."""

    __tablename__ = "notice_policies"

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    second_person: Mapped[bool] = mapped_column(default=False)
    """Whether a second person must agree to each notice."""
    quiet_from: Mapped[time] = mapped_column(default=time(21, 30))
    quiet_to: Mapped[time] = mapped_column(default=time(7, 30))
    """Between these, on the clock in China, nobody is disturbed but in an emergency."""
    knock_after_hours: Mapped[int] = mapped_column(default=24)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class
