"""What is to be told to whom, over which channel, and how each attempt went."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.crypto import Encrypted
from app.core.database import Table, Tenant, belongs

SAYING = "saying"
"""The purpose of a plain message within a conversation."""


class State(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    """To be sent when its time comes, for the first time or again."""
    SENT = "sent"
    REFUSED = "refused"
    """The channel will never take it: the recipient left, or may not be written to."""
    DEAD = "dead"
    """Tried as often as it may be; staff can have it tried again."""
    CANCELLED = "cancelled"
    """The notice was withdrawn before it went out."""


class Delivery(Tenant, Table):
    """One message to one address over one channel; its id is the channel's dedupe key."""

    __tablename__ = "deliveries"
    __table_args__ = (
        belongs("person_id", "people"),
        belongs("notice_id", "notices"),
        UniqueConstraint("community_id", "once", "channel", "address_id"),
        Index(None, "community_id", "person_id", "id"),
        Index(
            "deliveries_due_idx",
            "lane",
            "due_at",
            "id",
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "deliveries_notice_key",
            "community_id",
            "notice_id",
            "channel",
            "address_id",
            unique=True,
            postgresql_where=text("notice_id IS NOT NULL"),
        ),
        Index(
            "deliveries_dead_idx",
            "community_id",
            "id",
            postgresql_where=text("state = 'dead'"),
        ),
        Index(None, "community_id", "receipt", postgresql_where=text("receipt IS NOT NULL")),
        CheckConstraint("notice_id IS NOT NULL OR title IS NOT NULL", name="worded"),
    )

    person_id: Mapped[UUID | None]
    """None for a group, or for an outlet that everybody reads."""
    notice_id: Mapped[UUID | None]
    """Whose words it carries; a delivery of its own has title and lines."""
    channel: Mapped[str]
    address_id: Mapped[UUID]
    """An identity, a group, an outlet …: what the channel's file says."""
    lane: Mapped[str]
    """Which pump sends it, one after the other at one pace: `wechat:<account id>`."""
    purpose: Mapped[str]
    title: Mapped[str | None]
    lines: Mapped[list[Any]] = mapped_column(default=list)
    """Pairs of a label and a value, as they are shown."""
    link: Mapped[str | None]
    about_id: Mapped[UUID | None]
    once: Mapped[str | None]
    """What makes this telling the only one of its kind; null tells every time."""
    state: Mapped[State] = mapped_column(default=State.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    """When it may be tried; while an attempt is under way, when that one counts as lost."""
    receipt: Mapped[str | None]
    answer: Mapped[str | None]
    """What the channel said last: its error code, or what became of the message."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class Attempt(Tenant, Table):
    """A try at a delivery, written down before the call, so that a lost one can be explained."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (
        belongs("delivery_id", "deliveries"),
        Index(None, "community_id", "delivery_id"),
    )

    delivery_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(default=now)
    outcome: Mapped[str | None]
    """`sent`, or the error code; null while under way, and for ever if the worker died."""


class Lane(Table):
    """The pace of one way out, shared by all workers."""

    __tablename__ = "delivery_lanes"

    lane: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[UUID]
    next_at: Mapped[datetime] = mapped_column(default=now)
    """When the next message may go."""
    day: Mapped[date | None]
    """The day in China that is counted, where the platform takes so many a day."""
    day_count: Mapped[int] = mapped_column(default=0)
    stopped_until: Mapped[datetime | None]
    """Nothing goes before: the platform said so."""
    stopped_by: Mapped[str | None]
    """Its word for why."""


class Outlet(Tenant, Table):
    """A place where the community publishes for everybody: its site, its ITV board, its Weibo."""

    __tablename__ = "outlets"
    __table_args__ = (UniqueConstraint("community_id", "channel", "name"),)

    channel: Mapped[str]
    """The name of a file in `notices/channels`."""
    name: Mapped[str]
    keys: Mapped[str | None] = mapped_column(Encrypted("outlets.keys"))
    """JSON: the secrets that the channel's file says it needs."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
