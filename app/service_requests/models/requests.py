"""The requests themselves, and what is added to them on the way."""

import re
from datetime import datetime
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
from app.places.models import Kind, Place
from app.service_requests.models.catalogue import Category, CategoryVersion
from app.service_requests.models.clocks import Clock
from app.service_requests.models.handling import (
    CoHandler,
    Follower,
    Petition,
    PetitionKind,
    ReturnVisit,
    Urge,
)
from app.service_requests.models.states import (
    UNDONE,
    Channel,
    Datum,
    Location,
    Origin,
    Stage,
    State,
)

FIRST_NUMBER = 1001
_LEFT_OUT = "＊＊"
_UNDONE = ", ".join(f"'{state}'" for state in State if state in UNDONE)


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


def _index_of_some(name: str, *columns: str, where: str) -> Index:
    """An index of the few rows that a list is made of, in the order of the list."""
    name = f"service_requests_{name}_idx"
    return Index(name, "community_id", *columns, postgresql_where=text(where))


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
        Index(None, "community_id", "assignee_id", "id"),
        Index(None, "community_id", "assignee_id", "assigned_at"),
        Index(None, "community_id", "reporter_id", "id"),
        Index(None, "community_id", "organization_id", "id"),
        Index(None, "community_id", "state", "id"),
        Index(None, "community_id", "place_id", "id"),
        Index(None, "community_id", "category_id", "id"),
        Index(None, "community_id", "category_id", "filed_at"),
        Index(None, "community_id", "channel", "id"),
        Index(
            "service_requests_figures_idx",
            "community_id",
            "filed_at",
            postgresql_include=[
                "place_id",
                "category_id",
                "organization_id",
                "assignee_id",
                "state",
                "origin",
                "answered_in_time",
                "done_in_time",
                "visit_resolved",
                "visit_satisfied",
                "score",
            ],
        ),
        Index(
            "service_requests_undone_idx",
            "community_id",
            "due_at",
            "id",
            postgresql_include=["assignee_id", "suspended_at"],
            postgresql_where=text(f"state IN ({_UNDONE})"),
        ),
        _index_of_some("load", "assignee_id", "due_at", "id", where=f"state IN ({_UNDONE})"),
        _index_of_some("here", "place_id", "id", where=f"state IN ({_UNDONE})"),
        _index_of_some("held", "id", where="suspended_at IS NOT NULL"),
        _index_of_some("supervised", "id", where="supervised_at IS NOT NULL"),
        _index_of_some("escalated", "escalated_to_id", "id", where="escalated_to_id IS NOT NULL"),
        _index_of_some("listing", "listing_id", "id", where="listing_id IS NOT NULL"),
        _index_of_some("origin", "origin", "id", where="origin <> 'resident'"),
        Index(
            "service_requests_merged_idx",
            "community_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index(
            "service_requests_suspended_idx",
            "suspended_until",
            postgresql_where=text("suspended_until IS NOT NULL"),
        ),
        Index(
            "service_requests_done_idx",
            "completed_at",
            postgresql_where=text("state IN ('completed', 'verified')"),
        ),
        Index(
            "service_requests_grams_idx",
            "grams",
            postgresql_using="gin",
            # What waits to be sorted in would be read through by every search.
            postgresql_with={"fastupdate": "off"},
        ),
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
    said: Mapped[str] = mapped_column(default="", deferred=True)
    """What it is searched by, and the pairs of characters in that: see `search`."""
    grams: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list, deferred=True)
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
    answered_in_time: Mapped[bool | None]
    """Whether its first answer came in time, once that is known; kept for the figures, like what
    follows: `clocks` and `visits` write them."""
    done_in_time: Mapped[bool | None]
    visit_resolved: Mapped[bool | None]
    """What the last return visit found."""
    visit_satisfied: Mapped[bool | None]
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
    filed_under: Mapped[CategoryVersion] = relationship(lazy="raise", viewonly=True)
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
    first_handler: Mapped[Person | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[ServiceRequest.community_id, ServiceRequest.first_handler_id]",
    )
    escalated_to: Mapped[Person | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[ServiceRequest.community_id, ServiceRequest.escalated_to_id]",
    )
    organization: Mapped[Organization | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[ServiceRequest.community_id, ServiceRequest.organization_id]",
    )
    merged_into: Mapped["ServiceRequest | None"] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[ServiceRequest.community_id, ServiceRequest.merged_into_id]",
        remote_side="[ServiceRequest.community_id, ServiceRequest.id]",
    )
    """Where it goes on; that one is never merged itself."""
    clocks: Mapped[list[Clock]] = relationship(
        lazy="raise", viewonly=True, order_by=(Clock.kind, Clock.round)
    )
    photos: Mapped[list[RequestPhoto]] = relationship(
        lazy="raise", viewonly=True, order_by=RequestPhoto.id
    )
    co_handlers: Mapped[list[CoHandler]] = relationship(
        lazy="raise", viewonly=True, order_by=CoHandler.id
    )
    petitions: Mapped[list[Petition]] = relationship(
        lazy="raise", viewonly=True, order_by=Petition.id
    )
    followers: Mapped[list[Follower]] = relationship(
        lazy="raise",
        viewonly=True,
        order_by=Follower.id,
        foreign_keys="[Follower.community_id, Follower.request_id]",
    )
    urged: Mapped[list[Urge]] = relationship(lazy="raise", viewonly=True, order_by=Urge.id)
    visits: Mapped[list[ReturnVisit]] = relationship(
        lazy="raise", viewonly=True, order_by=ReturnVisit.round
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
    def form(self) -> dict[str, Any]:
        """What its category showed and promised when it was filed."""
        return self.filed_under.form

    @property
    def helping(self) -> frozenset[UUID]:
        """The people who work along on it: by themselves, or for an organisation that does."""
        return frozenset[UUID]().union(*(each.people for each in self.co_handlers))

    @property
    def heads(self) -> frozenset[UUID]:
        """The people who give out what the organisation that leads has to do."""
        leads = self.organization.heads if self.organization else ()
        return frozenset(member.person_id for member in leads)

    def pending(self, kind: PetitionKind) -> Petition | None:
        """What its worker asked for and nobody has decided yet."""
        return next((each for each in self.petitions if each.pends(kind)), None)

    @property
    def urges(self) -> int:
        """How often it was urged, by whomever."""
        return len(self.urged)

    @property
    def visit(self) -> ReturnVisit | None:
        """What was found after the work as it stands, if anybody asked."""
        return next((each for each in self.visits if each.round == self.round), None)

    @property
    def shown_reporter(self) -> Person | None:
        """Who reported it, as far as anybody may know."""
        return None if self.anonymous else self.reporter

    def discreet(self, text: str | None) -> str | None:
        """Words of staff about it as others than its reporter may read them.

        The name and the home of whoever reported it are left out, as far as they are written as
        we know them.
        """
        name = self.shown_reporter.name if self.shown_reporter else None
        home = self.place.name if self.place.kind is Kind.HOME else None
        if text and name and name[1:]:
            text = text.replace(name, _LEFT_OUT)
        if text and home and home[1:]:
            text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(home)}(?![0-9A-Za-z])", _LEFT_OUT, text)
        return text

    @property
    def told_outcome(self) -> str | None:
        """What was done, as others than its reporter may read it."""
        return self.discreet(self.outcome)
