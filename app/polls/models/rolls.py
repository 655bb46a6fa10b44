"""The roll of a poll: who has a vote, how much it weighs, and who may cast it for whom."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.polls.models.guards import ROLL_GUARD, VOTER_GUARD


class Entry(Tenant, Table):
    """One vote on the roll: a person, a household, or an owner with all their homes.

    Frozen when the poll opens; what an objection brought later names it.
    """

    __tablename__ = "poll_entries"
    __guards__ = ROLL_GUARD
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("home_id", "places"),
        belongs("grid_id", "places"),
        belongs("objection_id", "poll_objections"),
        belongs("struck_by_id", "poll_objections"),
        Index(
            "poll_entries_once_key",
            "community_id",
            "poll_id",
            "key",
            unique=True,
            postgresql_where=text("struck_by_id IS NULL"),
        ),
        UniqueConstraint("community_id", "poll_id", "code"),
        CheckConstraint("area >= 0", name="area"),
    )

    poll_id: Mapped[UUID]
    key: Mapped[str]
    """Who it is, once: `person:<id>`, `home:<id>`, `owner:<ids>`."""
    code: Mapped[str]
    """What the published list calls it: random, and known to who may cast it."""
    label: Mapped[str]
    """As the roll shows it to the entitled: a name, or the homes."""
    area: Mapped[int] = mapped_column(default=0)
    """Exclusive area in 0.01 m², of all homes together; 0 where area does not count."""
    homes: Mapped[int] = mapped_column(default=1)
    """How many homes it stands for."""
    home_id: Mapped[UUID | None]
    grid_id: Mapped[UUID | None]
    """For statistics by grid, as it was at the opening."""
    relation: Mapped[str | None]
    """For statistics by kind of residence, as it was at the opening."""
    objection_id: Mapped[UUID | None]
    """The objection by which it was added after the opening."""
    struck_by_id: Mapped[UUID | None]
    """The objection by which it was struck."""

    voters: Mapped[list["Voter"]] = relationship(lazy="raise", viewonly=True)


class Basis(StrEnum):
    """By what right somebody casts a vote."""

    SELF = "self"
    HOUSEHOLD = "household"
    CO_OWNER = "co_owner"
    PROXY = "proxy"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"
    """For a company or another body."""


class Voter(Tenant, Table):
    """Somebody who may cast a vote of the roll."""

    __tablename__ = "poll_voters"
    __guards__ = VOTER_GUARD
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("entry_id", "poll_entries"),
        belongs("person_id", "people"),
        belongs("objection_id", "poll_objections"),
        belongs("struck_by_id", "poll_objections"),
        UniqueConstraint("community_id", "poll_id", "person_id", "entry_id"),
        Index(None, "community_id", "entry_id"),
    )

    poll_id: Mapped[UUID]
    entry_id: Mapped[UUID]
    person_id: Mapped[UUID]
    basis: Mapped[Basis]
    objection_id: Mapped[UUID | None]
    struck_by_id: Mapped[UUID | None]


class ObjectionKind(StrEnum):
    """What is wrong with the roll."""

    MISSING = "missing"
    """Somebody should be on it."""
    WRONG = "wrong"
    """An area or a label is not right: the entry is struck and another put in its place."""
    NOT_ENTITLED = "not_entitled"
    PROXY = "proxy"
    """Somebody may cast a vote for another, by a paper that came after the opening."""


class ObjectionState(StrEnum):
    """How far it has come."""

    PENDING = "pending"
    UPHELD = "upheld"
    REJECTED = "rejected"


class Objection(Tenant, Table):
    """What somebody says against the roll, and what was decided about it."""

    __tablename__ = "poll_objections"
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("person_id", "people"),
        belongs("decided_by_id", "people"),
        Index(
            "poll_objections_once_key",
            "community_id",
            "poll_id",
            "person_id",
            "kind",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="decided"),
        Index(None, "community_id", "poll_id", "id"),
    )

    poll_id: Mapped[UUID]
    person_id: Mapped[UUID]
    """Whom it is about."""
    kind: Mapped[ObjectionKind]
    entry_id: Mapped[UUID | None]
    """The entry it is about, where there is one: no reference, as entries refer to objections."""
    text: Mapped[str]
    state: Mapped[ObjectionState] = mapped_column(default=ObjectionState.PENDING)
    answer: Mapped[str | None]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Proxy(Tenant, Table):
    """A written authority to cast another's vote, given before the poll opens."""

    __tablename__ = "poll_proxies"
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("giver_id", "people"),
        belongs("holder_id", "people"),
        belongs("file_id", "files"),
        CheckConstraint("giver_id <> holder_id", name="other"),
        Index(
            "poll_proxies_once_key",
            "community_id",
            "poll_id",
            "giver_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    poll_id: Mapped[UUID]
    giver_id: Mapped[UUID]
    holder_id: Mapped[UUID]
    basis: Mapped[Basis] = mapped_column(default=Basis.PROXY)
    """`proxy` or `guardian`."""
    file_id: Mapped[UUID | None]
    """The paper, scanned."""
    paper: Mapped[str]
    """Where the paper lies, or its date and number."""
    entered_by_id: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Attendance(Table):
    """A vote of the roll that came to the meeting, whether or not it was cast."""

    __tablename__ = "poll_attendances"
    __table_args__ = (belongs("poll_id", "polls"), belongs("entry_id", "poll_entries"))

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    entered_by_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=now)
