"""Every ten minutes: closing what is done, when nobody answered whether it is resolved."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from app.core.clock import now
from app.core.database import Sessions
from app.core.jobs import periodic
from app.service_requests import automatic, policies
from app.service_requests.automatic import Due
from app.service_requests.models import (
    Category,
    ReturnVisit,
    ServiceRequest,
    State,
    VisitPolicy,
)

_DONE = ServiceRequest.state.in_((State.COMPLETED, State.VERIFIED))


@periodic("service_requests.close", cron="*/10 * * * *")
async def close_what_is_done(sessions: Sessions) -> None:
    """Close what has been done for as many days as the community's policy says."""
    async with sessions() as session:
        with_some = select(ServiceRequest.community_id).where(_DONE).distinct()
        communities = (await session.scalars(with_some)).all()
    for community_id in communities:
        async with sessions.begin() as session:
            days = (await policies.of(session, community_id)).visit_days
        due = _done_before(community_id, now() - timedelta(days=days))
        await automatic.take(sessions, "close", due)


def _done_before(community_id: UUID, moment: datetime) -> Due:
    """What was done by then, unless staff have to call first, or its leader has to decide."""
    visit = select(ReturnVisit.id).where(
        ReturnVisit.community_id == ServiceRequest.community_id,
        ReturnVisit.request_id == ServiceRequest.id,
        ReturnVisit.round == ServiceRequest.round,
    )
    bad = visit.where(~(ReturnVisit.resolved & ReturnVisit.satisfied))
    return (
        select(ServiceRequest.community_id, ServiceRequest.id)
        .join(ServiceRequest.category)
        .where(
            ServiceRequest.community_id == community_id,
            _DONE,
            ServiceRequest.completed_at <= moment,
            ~bad.exists(),
            or_(Category.visit_policy != VisitPolicy.CALLED, visit.exists()),
        )
    )
