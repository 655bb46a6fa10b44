"""Monthly reports: published by the community, read by everybody."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from sqlalchemy import select

from app.core.database import existing
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.core.wire import Slug
from app.people.access import Me
from app.places.models import Community
from app.service_requests.figures import reports
from app.service_requests.models import MonthlyReport
from app.service_requests.schemas.figures import Month, ReportIn, ReportOut, ReportsOut

router = APIRouter(prefix="/api/v1", tags=["figures"], route_class=Route)

_MOST = 60


async def _community(session: Session, slug: str) -> UUID:
    return await existing(session, select(Community.id).where(Community.slug == slug))


@router.post(
    "/monthly-reports",
    status_code=201,
    response_model=ReportOut,
    responses=problems(Forbidden, Invalid),
)
async def publish_report(session: Session, me: Me, asked: ReportIn) -> MonthlyReport:
    """Make the figures of a month public; the same month again is a correction."""
    return await reports.publish(session, asked.month, note=asked.note, by=me)


@router.get(
    "/communities/{slug}/monthly-reports",
    response_model=ReportsOut,
    responses=problems(NotFound),
)
async def list_reports(session: Session, slug: Annotated[Slug, Path()]) -> dict[str, object]:
    """What a community published, for everybody, the last month first; five years at most."""
    months = reports.published(await _community(session, slug))
    found = await session.scalars(months.order_by(MonthlyReport.month.desc()).limit(_MOST))
    return {"items": found.all()}


@router.get(
    "/communities/{slug}/monthly-reports/{month}",
    response_model=ReportOut,
    responses=problems(NotFound),
)
async def read_report(
    session: Session, slug: Annotated[Slug, Path()], month: Annotated[Month, Path()]
) -> MonthlyReport:
    """The report of a month, for everybody."""
    of_month = reports.published(await _community(session, slug))
    return await existing(session, of_month.where(MonthlyReport.month == month))
