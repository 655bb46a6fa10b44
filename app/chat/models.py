"""Conversations in the middle, the photos fetched for them, and every message that came."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant, belongs


class Conversation(Tenant, Table):
    """Where somebody stands in what they were asked.

    Everybody who ever wrote something that changes anything has one row, whether a conversation is
    open or not: it is what puts the messages of one person in a queue.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        belongs("identity_id", "identities"),
        UniqueConstraint("community_id", "identity_id"),
        CheckConstraint(
            "(command IS NULL) = (step IS NULL) AND (command IS NULL) = (expires_at IS NULL)",
            name="open",
        ),
    )

    identity_id: Mapped[UUID]
    command: Mapped[str | None]
    step: Mapped[str | None]
    known: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    asked: Mapped[list[str]] = mapped_column(server_default="{}")
    """The steps that were answered by words, for the way back."""
    expires_at: Mapped[datetime | None]


class FetchedPhoto(Tenant, Table):
    """A picture of WeChat's that was added to a request; fetching it again adds nothing."""

    __tablename__ = "chat_fetched_photos"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        UniqueConstraint("community_id", "request_id", "media_id"),
    )

    request_id: Mapped[UUID]
    media_id: Mapped[str]
    fetched_at: Mapped[datetime] = mapped_column(default=now)


class Incoming(Table):
    """A message or event from the platform, its fields as sent, and the first answer to it."""

    __tablename__ = "wechat_messages"
    __table_args__ = (
        Index(None, "received_at", postgresql_using="brin"),
        Index(
            "wechat_messages_signature_key",
            "account_id",
            "signature",
            unique=True,
            postgresql_where=text("signature IS NOT NULL"),
        ),
        Index(None, "community_id", "openid", "received_at"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    community_id: Mapped[UUID]
    openid: Mapped[str]
    kind: Mapped[str]
    event: Mapped[str | None]
    fields: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime] = mapped_column()
    received_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    signature: Mapped[bytes | None]
    """Of a delivery in plain mode, where a signature does not cover the body and may serve once."""
    reply: Mapped[str | None]
    late: Mapped[bool] = mapped_column(server_default=text("false"))
    """Taken in time but answered later, by a message of our own."""
