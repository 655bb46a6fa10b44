"""What happens around a request: asking leave, urging, helping, going back to ask."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.organizations.models import Member, Organization
from app.people.models import Person
from app.service_requests.limits import Limit, LimitType


class PetitionKind(StrEnum):
    """What a worker asks for."""

    RETURN = "return"
    """That the request goes to somebody else: it is not theirs (派单异议)."""
    EXTENSION = "extension"
    """More time."""


class Petition(Tenant, Table):
    """A worker's asking to be rid of a request or for more time, and what was decided."""

    __tablename__ = "request_petitions"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("asked_by_id", "people"),
        belongs("decided_by_id", "people"),
        CheckConstraint("(kind = 'extension') = (extra IS NOT NULL)", name="extra"),
        Index(
            "request_petitions_pending_key",
            "community_id",
            "request_id",
            "kind",
            unique=True,
            postgresql_where=text("granted IS NULL"),
        ),
        Index(None, "community_id", "request_id"),
    )

    request_id: Mapped[UUID]
    kind: Mapped[PetitionKind]
    extra: Mapped[Limit | None] = mapped_column(LimitType)
    """How much more time."""
    reason: Mapped[str]
    asked_by_id: Mapped[UUID | None]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    granted: Mapped[bool | None]
    """Null until it is decided."""
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None]

    asked_by: Mapped[Person | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[Petition.community_id, Petition.asked_by_id]",
    )
    decided_by: Mapped[Person | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[Petition.community_id, Petition.decided_by_id]",
    )

    def pends(self, kind: PetitionKind) -> bool:
        """Whether it asks for this, and waits for a decision."""
        return self.kind is kind and self.granted is None


class CoHandler(Tenant, Table):
    """Somebody who works along on a request, and reports to whoever leads it (协办)."""

    __tablename__ = "request_co_handlers"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("person_id", "people"),
        belongs("organization_id", "organizations"),
        CheckConstraint("(person_id IS NULL) <> (organization_id IS NULL)", name="one"),
        Index(
            "request_co_handlers_once_key",
            "community_id",
            "request_id",
            "person_id",
            "organization_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "community_id", "person_id"),
        Index(None, "community_id", "organization_id"),
    )

    request_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    asked: Mapped[str | None]
    """What they are to do."""
    report: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(lazy="raise", viewonly=True)
    organization: Mapped[Organization | None] = relationship(lazy="raise", viewonly=True)
    members: Mapped[list[Member]] = relationship(
        lazy="raise",
        viewonly=True,
        primaryjoin=(
            "and_(Member.community_id == CoHandler.community_id,"
            " foreign(Member.organization_id) == CoHandler.organization_id,"
            " Member.ended_at.is_(None))"
        ),
        order_by=Member.id,
    )
    """Who works for the organisation now."""

    @property
    def people(self) -> frozenset[UUID]:
        """Who works along by this, as long as it has not ended."""
        if self.ended_at:
            return frozenset()
        if self.person_id:
            return frozenset({self.person_id})
        return frozenset(member.person_id for member in self.members)


class Urge(Tenant, Table):
    """Somebody asking where their matter stays (催单)."""

    __tablename__ = "request_urges"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "request_id", "person_id", "nth"),
    )

    request_id: Mapped[UUID]
    person_id: Mapped[UUID]
    nth: Mapped[int]
    """Counts this person's urges of this request from 1."""
    at: Mapped[datetime] = mapped_column(default=now)


class ReturnVisit(Tenant, Table):
    """What was found when somebody went back and asked (回访); one for each round of the work."""

    __tablename__ = "return_visits"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("by_id", "people"),
        UniqueConstraint("community_id", "request_id", "round"),
        Index(None, "community_id", "at"),
    )

    request_id: Mapped[UUID]
    round: Mapped[int]
    resolved: Mapped[bool]
    satisfied: Mapped[bool]
    comment: Mapped[str | None]
    by_reporter: Mapped[bool] = mapped_column(default=False)
    """Whether they said so by themselves, and nobody had to ask."""
    by_id: Mapped[UUID | None]
    """Who of the staff asked; null for the reporter, and for another program."""
    at: Mapped[datetime] = mapped_column(default=now)

    by: Mapped[Person | None] = relationship(lazy="raise", viewonly=True)

    @property
    def good(self) -> bool:
        """Whether nothing is left to wish for."""
        return self.resolved and self.satisfied


class Effort(Tenant, Table):
    """Time that somebody spent on a request, so that the load can be shown."""

    __tablename__ = "request_efforts"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("person_id", "people"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        Index(None, "community_id", "request_id"),
        Index(None, "community_id", "at"),
    )

    request_id: Mapped[UUID]
    person_id: Mapped[UUID]
    minutes: Mapped[int]
    note: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=now)


class Follower(Tenant, Table):
    """A neighbour with the same matter, told of its progress like whoever reported it (我也是)."""

    __tablename__ = "request_followers"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("person_id", "people"),
        belongs("merged_from_id", "service_requests"),
        UniqueConstraint("community_id", "request_id", "person_id"),
        Index(None, "community_id", "person_id"),
    )

    request_id: Mapped[UUID]
    person_id: Mapped[UUID]
    merged_from_id: Mapped[UUID | None]
    """The request of their own that was merged into this one."""
    hidden: Mapped[bool] = mapped_column(default=False)
    """Whether they reported theirs anonymously."""
    at: Mapped[datetime] = mapped_column(default=now)
