"""Who is to be told of which facts, and how each telling went."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.crypto import Encrypted
from app.core.database import Table, Tenant, belongs


class SubscriptionState(StrEnum):
    """Whether anything is sent to an endpoint."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Its owner wants nothing for now."""
    DISABLED = "disabled"
    """It said that it is gone, or has not answered for days."""


class Subscription(Tenant, Table):
    """An endpoint of other software, and the kinds of facts it wants."""

    __tablename__ = "webhook_subscriptions"
    __table_args__ = (
        belongs("owner_id", "people"),
        Index(
            "webhook_subscriptions_active_idx",
            "community_id",
            postgresql_where=text("state = 'active'"),
        ),
    )

    name: Mapped[str]
    url: Mapped[str]
    kinds: Mapped[list[str]]
    """Kinds of facts, `service_request.filed`; `service_request.*` is all that begin so."""
    secret: Mapped[str] = mapped_column(Encrypted("webhook_subscriptions.secret"))
    """`whsec_` and 32 bytes in base64."""
    previous_secret: Mapped[str | None] = mapped_column(
        Encrypted("webhook_subscriptions.previous_secret")
    )
    """Signs beside the new one for a day after a rotation."""
    rotated_at: Mapped[datetime | None]
    state: Mapped[SubscriptionState] = mapped_column(default=SubscriptionState.ACTIVE)
    reason: Mapped[str | None]
    """Why it is disabled."""
    failing_since: Mapped[datetime | None]
    """Since when nothing has arrived there; null while the last message did."""
    paused_until: Mapped[datetime | None]
    """Nothing is sent before: it asked for time, or could not be reached."""
    owner_id: Mapped[UUID | None]
    """Who is told when it is disabled."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class MessageState(StrEnum):
    """How far a message has come."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class WebhookMessage(Tenant, Table):
    """One fact for one endpoint; its id is the `webhook-id`, the same at every attempt."""

    __tablename__ = "webhook_messages"
    __table_args__ = (
        belongs("subscription_id", "webhook_subscriptions"),
        UniqueConstraint("community_id", "subscription_id", "fact_id"),
        Index(
            "webhook_messages_due_idx",
            "subscription_id",
            "due_at",
            "id",
            postgresql_where=text("state = 'pending'"),
        ),
        Index(None, "community_id", "subscription_id", "id"),
    )

    subscription_id: Mapped[UUID]
    fact_id: Mapped[UUID | None]
    """None for a test message; what is no fact brings an id of its own, by which it comes once."""
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    """`{"type": …, "timestamp": …, "data": {…}}`; ids, never personal data."""
    state: Mapped[MessageState] = mapped_column(default=MessageState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[int | None]
    """The HTTP status of the last answer."""
    answer: Mapped[str | None]
    """What went wrong last."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    delivered_at: Mapped[datetime | None]


class WebhookAttempt(Tenant, Table):
    """A try, written down before the call."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        belongs("message_id", "webhook_messages"),
        Index(None, "community_id", "message_id"),
    )

    message_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[int | None]
    outcome: Mapped[str | None]
    """`delivered`, or what went wrong; null while under way, and for ever if the worker died."""
