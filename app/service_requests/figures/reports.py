"""The public report of a month: drawn up, published by somebody, and kept as it was."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import CHINA, now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people.access import Actor
from app.places.models import ROOT, Community
from app.service_requests.events import ReportPublished
from app.service_requests.figures.measures import Measures, Rate, formulas
from app.service_requests.figures.tallies import By, Scope, Tally, tallies, total
from app.service_requests.models import MonthlyReport
from app.service_requests.permissions import PUBLISH

_SHOWN = (By.CATEGORY, By.GRID, By.ORGANIZATION, By.DAY)
"""Nobody's name is published."""


def month_of(month: str) -> tuple[date, date]:
    """The first and the last day of a month, `2026-10`."""
    first = date.fromisoformat(f"{month}-01")
    next_one = (first + timedelta(days=31)).replace(day=1)
    return first, next_one - timedelta(days=1)


def shown(measures: Measures) -> dict[str, Any]:
    """Counts and rates as they are published."""
    rates = {rate.value: measures.rate(rate) for rate in Rate}
    return {"filed": measures.filed, "undone": measures.undone, **rates, "score": measures.score}


def _line(tally: Tally) -> dict[str, Any]:
    return {"name": tally.name, **shown(tally.measures)}


async def drawn_up(session: AsyncSession, community_id: UUID, month: str) -> dict[str, Any]:
    """The figures of a month as they are now; `Invalid` for one that is not over."""
    first, last = month_of(month)
    if last >= now().astimezone(CHINA).date():
        raise Invalid(errors=[{"path": "month", "message": "is not over yet"}])
    scope = Scope(community_id, first, last)
    parts = {by.value: await tallies(session, scope, by) for by in _SHOWN}
    return {
        "month": month,
        "formulas": formulas(),
        "total": shown(await total(session, scope)),
        **{name: [_line(tally) for tally in found] for name, found in parts.items()},
    }


async def publish(
    session: AsyncSession, month: str, *, note: str | None, by: Actor
) -> MonthlyReport:
    """Publish a month; published again it is the next edition, with what was wrong before kept."""
    PUBLISH.demand(by, at=ROOT)
    community = select(Community.id).where(Community.id == by.community_id)
    await session.execute(community.with_for_update(key_share=True))
    last = await session.scalar(
        select(func.max(MonthlyReport.edition)).where(
            MonthlyReport.community_id == by.community_id, MonthlyReport.month == month
        )
    )
    report = MonthlyReport(
        community_id=by.community_id,
        id=new_id(),
        month=month,
        edition=(last or 0) + 1,
        figures=await drawn_up(session, by.community_id, month),
        note=note,
        published_by_id=by.id if by.kind == "person" else None,
    )
    session.add(report)
    await session.flush()
    published = ReportPublished(report_id=report.id, month=month, edition=report.edition)
    await record(session, published, by=by)
    return report


def published(community_id: UUID) -> Select[MonthlyReport]:
    """The last edition of every month."""
    newer = aliased(MonthlyReport)
    replaced = exists().where(
        newer.community_id == MonthlyReport.community_id,
        newer.month == MonthlyReport.month,
        newer.edition > MonthlyReport.edition,
    )
    return select(MonthlyReport).where(MonthlyReport.community_id == community_id, ~replaced)
