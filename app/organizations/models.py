"""Who works for a community besides its own staff, who works for them, and what they offer."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.people.models import Person
from app.places.models import Place


class OrganizationKind(StrEnum):
    """What an organisation is."""

    COMMITTEE = "committee"
    """The residents' committee itself (居委会)."""
    DEPARTMENT = "department"
    """A department of the town or the district (职能部门)."""
    PROPERTY = "property"
    """A property management company (物业公司)."""
    SOCIAL = "social"
    """A social organisation (社会组织)."""
    MERCHANT = "merchant"
    """A business that serves the neighbourhood (便民商户)."""
    UTILITY = "utility"
    """Water, power, gas, heating."""


class Organization(Tenant, Table):
    """An organisation that handles matters of a community, within one place of it."""

    __tablename__ = "organizations"
    __table_args__ = (
        belongs("place_id", "places"),
        UniqueConstraint("community_id", "code"),
    )

    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[OrganizationKind]
    place_id: Mapped[UUID]
    """It works here and in everything below."""
    handles: Mapped[str | None]
    """What it sees to, in words for residents."""
    phone: Mapped[str | None]
    address: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)
    heads: Mapped[list["Member"]] = relationship(
        lazy="raise",
        viewonly=True,
        primaryjoin=(
            "and_(Member.community_id == Organization.community_id,"
            " foreign(Member.organization_id) == Organization.id,"
            " Member.head, Member.ended_at.is_(None))"
        ),
    )
    """Who gives out what it has to do."""


class Member(Tenant, Table):
    """Somebody who works for an organisation, by a post of partner in its place."""

    __tablename__ = "organization_members"
    __table_args__ = (
        belongs("organization_id", "organizations"),
        belongs("person_id", "people"),
        belongs("post_id", "posts"),
        Index(
            "organization_members_once_key",
            "community_id",
            "organization_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "community_id", "person_id"),
    )

    organization_id: Mapped[UUID]
    person_id: Mapped[UUID]
    post_id: Mapped[UUID]
    head: Mapped[bool] = mapped_column(default=False)
    """Whether they see and give out all that the organisation has to do."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise", viewonly=True)
    organization: Mapped[Organization] = relationship(lazy="raise", viewonly=True)


class Listing(Tenant, Table):
    """A service to the neighbourhood that a merchant offers: what, where, and for how much."""

    __tablename__ = "listings"
    __table_args__ = (
        belongs("organization_id", "organizations"),
        belongs("place_id", "places"),
        CheckConstraint("rated >= 0 AND score_sum BETWEEN rated AND 5 * rated", name="rating"),
        Index(None, "community_id", "organization_id"),
    )

    organization_id: Mapped[UUID]
    category_code: Mapped[str]
    """The kind of matter an order is filed under."""
    title: Mapped[str]
    description: Mapped[str | None]
    place_id: Mapped[UUID]
    """It is offered here and in everything below."""
    price_note: Mapped[str | None]
    """`上门30元起`."""
    active: Mapped[bool] = mapped_column(default=True)
    rated: Mapped[int] = mapped_column(default=0)
    score_sum: Mapped[int] = mapped_column(default=0)
    """Of all ratings from 1 to 5."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    organization: Mapped[Organization] = relationship(lazy="raise", viewonly=True)
    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)

    def offered_at(self, place: Place) -> bool:
        """Whether it can be ordered there now; its organisation and the places are loaded."""
        at_work = self.active and self.organization.active
        here = place.within(self.place.path) and place.within(self.organization.place.path)
        return at_work and here

    @property
    def score(self) -> float | None:
        """The mean rating from 1 to 5, rounded to a tenth."""
        return round(self.score_sum / self.rated, 1) if self.rated else None
