"""What is to be told to whom, over which channel, and how each attempt went."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant, belongs

SAYING = "saying"
"""The purpose of a plain message within a conversation."""


class State(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    """Not sent yet; when every attempt failed, its job is a dead letter that staff can replay."""
    SENT = "sent"
    REFUSED = "refused"
    """The channel will never take it: the recipient left, or may not be written to."""


class Delivery(Tenant, Table):
    """One message to one address over one channel; its id is the channel's dedupe key."""

    __tablename__ = "deliveries"
    __table_args__ = (
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "once", "channel", "address_id"),
        Index(None, "community_id", "person_id", "id"),
        Index(
            "deliveries_unsent_idx",
            "community_id",
            "id",
            postgresql_where=text("state = 'pending'"),
        ),
        Index(None, "community_id", "receipt", postgresql_where=text("receipt IS NOT NULL")),
    )

    person_id: Mapped[UUID]
    channel: Mapped[str]
    address_id: Mapped[UUID]
    purpose: Mapped[str]
    title: Mapped[str]
    lines: Mapped[list[Any]]
    """Pairs of a label and a value, as they are shown."""
    link: Mapped[str | None]
    about_id: Mapped[UUID | None]
    once: Mapped[str | None]
    """What makes this telling the only one of its kind; null tells every time."""
    state: Mapped[State] = mapped_column(default=State.PENDING)
    receipt: Mapped[str | None]
    answer: Mapped[str | None]
    """What the channel said last: its error code, or what became of the message."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]


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
