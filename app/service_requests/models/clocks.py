"""The clocks of a request: by when it has to be answered, heard of again, and done."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Table, Tenant, belongs
from app.service_requests.limits import Limit, LimitType

_RUNS = "stopped_at IS NULL AND paused_at IS NULL"


class ClockKind(StrEnum):
    """What a clock measures."""

    FIRST_ANSWER = "first_answer"
    NEXT_UPDATE = "next_update"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    """The time ran out, whether or not it was done later."""
    CANCELLED = "cancelled"
    """The matter ended otherwise: nothing was owed any more."""


class Clock(Tenant, Table):
    """One measurement of one request. Each time it starts anew is another round."""

    __tablename__ = "request_clocks"
    __table_args__ = (
        belongs("request_id", "service_requests"),
        UniqueConstraint("community_id", "request_id", "kind", "round"),
        Index(
            "request_clocks_warning_idx",
            "warn_at",
            postgresql_where=text(f"{_RUNS} AND warned_at IS NULL"),
        ),
        Index(
            "request_clocks_breaching_idx",
            "due_at",
            postgresql_where=text(f"{_RUNS} AND breached_at IS NULL"),
        ),
    )

    request_id: Mapped[UUID]
    kind: Mapped[ClockKind]
    round: Mapped[int] = mapped_column(default=1)
    limit: Mapped[Limit] = mapped_column(LimitType)
    started_at: Mapped[datetime]
    warn_at: Mapped[datetime]
    due_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    left_to_warn: Mapped[timedelta | None]
    """While paused: what is left until the warning, in the limit's own kind of time."""
    left: Mapped[timedelta | None]
    """While paused: what is left, in the limit's own kind of time."""
    stopped_at: Mapped[datetime | None]
    cancelled: Mapped[bool] = mapped_column(default=False)
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    """When the time ran out; noted by the clock's job, or by whoever came too late before it."""

    @property
    def state(self) -> ClockState:
        """How it stands."""
        if self.breached_at:
            return ClockState.BREACHED
        if self.cancelled:
            return ClockState.CANCELLED
        if self.stopped_at:
            return ClockState.MET
        return ClockState.PAUSED if self.paused_at else ClockState.RUNNING
