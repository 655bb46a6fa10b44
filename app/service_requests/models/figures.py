"""What a community publishes about how it deals with requests."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant, belongs


class MonthlyReport(Tenant, Table):
    """The figures of a month as they were published; a correction is another edition."""

    __tablename__ = "monthly_reports"
    __table_args__ = (
        belongs("published_by_id", "people"),
        UniqueConstraint("community_id", "month", "edition"),
        CheckConstraint("month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="month"),
        {"info": {"append_only": True}},
    )

    month: Mapped[str]
    """`2026-10`, in China's time."""
    edition: Mapped[int]
    figures: Mapped[dict[str, Any]]
    note: Mapped[str | None]
    published_at: Mapped[datetime] = mapped_column(default=now)
    published_by_id: Mapped[UUID | None]
