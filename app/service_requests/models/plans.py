"""Work that comes round again: visits to those who need somebody to look in (走访)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant, belongs


class Every(StrEnum):
    """How a plan counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class VisitPlan(Tenant, Table):
    """A visit to make again and again: whom, where, how often, and by whom."""

    __tablename__ = "visit_plans"
    __table_args__ = (
        belongs("person_id", "people"),
        belongs("place_id", "places"),
        belongs("category_id", "service_categories"),
        belongs("worker_id", "people"),
        CheckConstraint("count BETWEEN 1 AND 366", name="count"),
        Index("visit_plans_due_idx", "next_on", postgresql_where=text("ended_at IS NULL")),
        Index(None, "community_id", "person_id"),
    )

    person_id: Mapped[UUID]
    place_id: Mapped[UUID]
    category_id: Mapped[UUID]
    worker_id: Mapped[UUID | None]
    """Who goes; with none, whoever the rule of the category finds."""
    task: Mapped[str]
    """What the request says; it names nobody's troubles."""
    every: Mapped[Every]
    count: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    next_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class PlannedVisit(Tenant, Table):
    """A request that a plan made, one for each day it fell on."""

    __tablename__ = "planned_visits"
    __table_args__ = (
        belongs("plan_id", "visit_plans"),
        belongs("request_id", "service_requests"),
        UniqueConstraint("community_id", "plan_id", "on"),
        UniqueConstraint("community_id", "request_id"),
    )

    plan_id: Mapped[UUID]
    on: Mapped[date] = mapped_column(Date)
    request_id: Mapped[UUID]
