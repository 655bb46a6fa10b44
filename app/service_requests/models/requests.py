"""The requests themselves, and what is added to them on the way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.core.files import File
from app.organizations.models import Organization
from app.people.models import Person
from app.places.models import Place
from app.service_requests.models.catalogue import Category
from app.service_requests.models.clocks import Clock

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
    WITHDRAWN = "withdrawn"
    """Whoever reported it does not want it any more."""
    MERGED = "merged"
    """It is the same matter as another request, and goes on there."""


UNDONE = frozenset({State.SUBMITTED, State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS})
"""Somebody still has to do something, and the clock runs."""
DONE = frozenset({State.COMPLETED, State.VERIFIED, State.CLOSED, State.REJECTED})
"""What was asked for has its answer."""
ENDED = frozenset({State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED})
"""Nothing can be added any more."""
_UNDONE = ", ".join(f"'{state}'" for state in State if state in UNDONE)


class Channel(StrEnum):
    """The door a request came in by."""

    WECHAT = "wechat"
    API = "api"
    DESK = "desk"
    CHAT = "chat"
    OPEN311 = "open311"
    PLAN = "plan"


class Origin(StrEnum):
    """Where the wish for it comes from."""

    RESIDENT = "resident"
    ABOVE = "above"
    """A task of a department (上级任务)."""
    PLAN = "plan"
    """Work that comes round again."""


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
        ForeignKeyConstraint(
            ["community_id", "category_id", "category_version"],
            [
                "service_category_versions.community_id",
                "service_category_versions.category_id",
                "service_category_versions.version",
            ],
            name="service_requests_category_version_fkey",
        ),
        belongs("place_id", "places"),
        belongs("reporter_id", "people"),
        belongs("assignee_id", "people"),
        belongs("first_handler_id", "people"),
        belongs("escalated_to_id", "people"),
        belongs("organization_id", "organizations"),
        belongs("listing_id", "listings"),
        belongs("origin_organization_id", "organizations"),
        belongs("merged_into_id", "service_requests"),
        UniqueConstraint("community_id", "number"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("(merged_into_id IS NULL) = (state <> 'merged')", name="merged"),
        CheckConstraint("merged_into_id <> id", name="itself"),
        CheckConstraint("(suspended_at IS NULL) = (suspended_reason IS NULL)", name="suspended"),
        Index(None, "community_id", "assignee_id", "state", "id"),
        Index(None, "community_id", "reporter_id", "id"),
        Index(None, "community_id", "organization_id", "id"),
        Index(None, "community_id", "state", "id"),
        Index(None, "community_id", "place_id", "id"),
        Index(None, "community_id", "category_id", "id"),
        Index(
            "service_requests_undone_idx",
            "community_id",
            "due_at",
            "id",
            postgresql_where=text(f"state IN ({_UNDONE})"),
        ),
        Index(
            "service_requests_merged_idx",
            "community_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index("service_requests_grams_idx", "grams", postgresql_using="gin"),
    )

    number: Mapped[int]
    category_id: Mapped[UUID]
    category_version: Mapped[int]
    place_id: Mapped[UUID]
    reporter_id: Mapped[UUID | None]
    anonymous: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)
    """As its category was when it was filed."""
    summary: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    grams: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list)
    """What it is searched by: see `search`."""
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    datum: Mapped[Datum | None]
    location_label: Mapped[str | None]
    channel: Mapped[Channel]
    origin: Mapped[Origin] = mapped_column(default=Origin.RESIDENT)
    origin_organization_id: Mapped[UUID | None]
    """The department a task comes from."""
    origin_reference: Mapped[str | None]
    """The number of the letter it came with (文号)."""
    listing_id: Mapped[UUID | None]
    """The offer of a merchant that was ordered."""
    state: Mapped[State] = mapped_column(default=State.SUBMITTED)
    round: Mapped[int] = mapped_column(default=1)
    """How often the work began: it goes up when it is not resolved, or taken up again."""
    organization_id: Mapped[UUID | None]
    """Who leads the work."""
    assignee_id: Mapped[UUID | None]
    assigned_at: Mapped[datetime | None]
    first_handler_id: Mapped[UUID | None]
    """Who received it first, and answers for it to the end (首接负责)."""
    escalation: Mapped[int] = mapped_column(default=0)
    """How many times it went up the chain."""
    escalated_to_id: Mapped[UUID | None]
    supervised_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    suspended_reason: Mapped[str | None]
    suspended_until: Mapped[datetime | None]
    """When it goes on by itself."""
    merged_into_id: Mapped[UUID | None]
    filed_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    """What its clock of resolution says; kept here to order lists by, and written by `clocks`."""
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
    organization: Mapped[Organization | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[ServiceRequest.community_id, ServiceRequest.organization_id]",
    )
    clocks: Mapped[list[Clock]] = relationship(
        lazy="raise", viewonly=True, order_by=(Clock.kind, Clock.round)
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
