"""What residents ask for: the categories, the requests, and what is added to them on the way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.core.files import File
from app.people.models import Person, Speciality
from app.places.models import Place

FIRST_NUMBER = 1001


class State(StrEnum):
    """How far a request has come."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    VERIFIED = "verified"
    CLOSED = "closed"
    REJECTED = "rejected"


UNDONE = frozenset({State.SUBMITTED, State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS})
"""Somebody still has to do something, and the clock runs."""
ENDED = frozenset({State.CLOSED, State.REJECTED})
"""Nothing can be added any more."""


class Channel(StrEnum):
    """The door a request came in by."""

    WECHAT = "wechat"
    API = "api"
    DESK = "desk"
    CHAT = "chat"


class Datum(StrEnum):
    """What coordinates are measured on; Chinese map services shift theirs."""

    GCJ02 = "gcj02"
    WGS84 = "wgs84"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the map, in degrees on the given datum, and what is written there."""

    latitude: float
    longitude: float
    datum: Datum = Datum.GCJ02
    label: str | None = None


class Stage(StrEnum):
    """What a photo shows: the matter as it was reported, or the work done."""

    REPORT = "report"
    OUTCOME = "outcome"


class Category(Tenant, Table):
    """A kind of matter: what to ask, who handles it, and in what time. Policy, kept as data."""

    __tablename__ = "service_categories"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        CheckConstraint("accept_minutes > 0 AND resolve_minutes >= accept_minutes", name="limits"),
    )

    code: Mapped[str]
    name: Mapped[str]
    group: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    keywords: Mapped[list[str]]
    """Words of a report that speak for it; a blank in one means both parts, in any order."""
    questions: Mapped[list[Any]] = mapped_column(default=list)
    """What to ask: see `questions.Question`."""
    guide: Mapped[str | None]
    speciality: Mapped[Speciality]
    accept_minutes: Mapped[int]
    resolve_minutes: Mapped[int]
    source: Mapped[str | None]
    """The rule the two limits are taken from."""
    anonymous_allowed: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class RequestNumber(Table):
    """The last number given in a community."""

    __tablename__ = "request_numbers"

    community_id: Mapped[UUID] = mapped_column(ForeignKey("communities.id"), primary_key=True)
    last: Mapped[int]


class RequestPhoto(Tenant, Table):
    """A photo of a request. A photo belongs to one request, so that it is seen with that alone."""

    __tablename__ = "request_photos"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("file_id", File.__tablename__),
        belongs("remark_id", "request_remarks"),
        UniqueConstraint("community_id", "file_id"),
        Index(None, "community_id", "request_id"),
    )

    request_id: Mapped[UUID]
    file_id: Mapped[UUID]
    remark_id: Mapped[UUID | None]
    stage: Mapped[Stage]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Remark(Tenant, Table):
    """What somebody added to a request; an internal one is not for the resident."""

    __tablename__ = "request_remarks"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        Index(None, "community_id", "request_id"),
    )

    request_id: Mapped[UUID]
    by_reporter: Mapped[bool]
    internal: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class ServiceRequest(Tenant, Table):
    """Something somebody asked for. Who reported an anonymous one is kept only to tell them."""

    __tablename__ = "service_requests"
    __table_args__ = (
        belongs("category_id", "service_categories"),
        belongs("place_id", "places"),
        belongs("reporter_id", "people"),
        belongs("assignee_id", "people"),
        UniqueConstraint("community_id", "number"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        Index(None, "community_id", "assignee_id", "state", "id"),
        Index(None, "community_id", "reporter_id", "id"),
        Index(None, "community_id", "state", "id"),
        Index(None, "community_id", "place_id", "id"),
        Index(
            "service_requests_falling_due_idx",
            "due_at",
            postgresql_where=text(
                "fell_due_at IS NULL"
                " AND state IN ('submitted', 'accepted', 'assigned', 'in_progress')"
            ),
        ),
    )

    number: Mapped[int]
    category_id: Mapped[UUID]
    place_id: Mapped[UUID]
    reporter_id: Mapped[UUID | None]
    anonymous: Mapped[bool] = mapped_column(default=False)
    summary: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    datum: Mapped[Datum | None]
    location_label: Mapped[str | None]
    channel: Mapped[Channel]
    state: Mapped[State] = mapped_column(default=State.SUBMITTED)
    assignee_id: Mapped[UUID | None]
    filed_at: Mapped[datetime] = mapped_column(default=now)
    accept_due_at: Mapped[datetime]
    due_at: Mapped[datetime]
    fell_due_at: Mapped[datetime | None]
    """When it was noticed, and told, that the work was not done in time."""
    accepted_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    """Why it was rejected."""
    right_channel: Mapped[str | None]
    """Where a rejected matter belongs instead."""
    score: Mapped[int | None]
    rating_comment: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    category: Mapped[Category] = relationship(lazy="raise", viewonly=True)
    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)
    reporter: Mapped[Person | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[ServiceRequest.community_id, ServiceRequest.reporter_id]",
    )
    assignee: Mapped[Person | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[ServiceRequest.community_id, ServiceRequest.assignee_id]",
    )
    photos: Mapped[list[RequestPhoto]] = relationship(
        lazy="raise", viewonly=True, order_by=RequestPhoto.id
    )

    @property
    def location(self) -> Location | None:
        """Where exactly it is, if that was said."""
        if self.latitude is None or self.longitude is None:
            return None
        return Location(
            self.latitude, self.longitude, self.datum or Datum.GCJ02, self.location_label
        )

    @property
    def shown_reporter(self) -> Person | None:
        """Who reported it, as far as anybody may know."""
        return None if self.anonymous else self.reporter
