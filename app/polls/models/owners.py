"""The register of owners: which home belongs to whom, and how large it is."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.places.models import Place


class OwnerKind(StrEnum):
    """Who an owner is."""

    PERSON = "person"
    ORGANIZATION = "organization"
    DEVELOPER = "developer"
    """With what is not sold or not handed over: one head (法释〔2020〕17号 §9)."""


class AreaSource(StrEnum):
    """Where an area is from, the better first (法释〔2020〕17号 §8)."""

    REGISTRY = "registry"
    MEASURED = "measured"
    CONTRACT = "contract"


class Owner(Tenant, Table):
    """Somebody who owns a home, or a part of one."""

    __tablename__ = "owners"
    __table_args__ = (
        belongs("person_id", "people"),
        Index(
            "owners_person_key",
            "community_id",
            "person_id",
            unique=True,
            postgresql_where=text("person_id IS NOT NULL AND kind = 'person'"),
        ),
    )

    kind: Mapped[OwnerKind]
    name: Mapped[str]
    person_id: Mapped[UUID | None]
    """Who it is on the register of people, or who represents a company."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Deed(Tenant, Table):
    """One home as it is owned: its area, and who votes for it where several own it."""

    __tablename__ = "deeds"
    __table_args__ = (
        belongs("home_id", "places"),
        belongs("voter_id", "owners"),
        Index(
            "deeds_current_key",
            "community_id",
            "home_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("area > 0", name="area"),
    )

    home_id: Mapped[UUID]
    area: Mapped[int]
    """Exclusive area in 0.01 m²."""
    area_source: Mapped[AreaSource]
    voter_id: Mapped[UUID | None]
    """Which of several owners they named to vote."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    home: Mapped[Place] = relationship(lazy="raise", viewonly=True)


class DeedOwner(Tenant, Table):
    """One of the owners of a home."""

    __tablename__ = "deed_owners"
    __table_args__ = (
        belongs("deed_id", "deeds"),
        belongs("owner_id", "owners"),
        UniqueConstraint("community_id", "deed_id", "owner_id"),
        Index(None, "community_id", "owner_id"),
    )

    deed_id: Mapped[UUID]
    owner_id: Mapped[UUID]
