"""What came in by this door: which program filed what, and which updates it sent already."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant, belongs


class Filing(Tenant, Table):
    """A request that a program filed, which it may therefore follow wherever it is."""

    __tablename__ = "open311_filings"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("client_id", "clients"),
        UniqueConstraint("community_id", "request_id"),
        Index(None, "community_id", "client_id", "request_id"),
    )

    request_id: Mapped[UUID]
    client_id: Mapped[UUID]
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)
    """Of the token that was given instead of a number; the token itself is not kept."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class SentUpdate(Tenant, Table):
    """An update that a program sent; sent again it acts no more."""

    __tablename__ = "open311_updates"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        belongs("client_id", "clients"),
        UniqueConstraint("community_id", "client_id", "update_id"),
    )

    request_id: Mapped[UUID]
    client_id: Mapped[UUID]
    update_id: Mapped[str | None]
    """What the program calls it."""
    created_at: Mapped[datetime] = mapped_column(default=now)
