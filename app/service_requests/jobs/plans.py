"""Making the requests that plans are due for."""

from sqlalchemy import Select, select

from app.core.database import Sessions
from app.core.jobs import periodic
from app.service_requests import plans
from app.service_requests.models import VisitPlan


@periodic("service_requests.visits_due", cron="*/5 * * * *")
async def visits_due(sessions: Sessions) -> None:
    """See to all plans that have fallen due."""
    await make_due(sessions)


async def make_due(sessions: Sessions) -> None:
    """Make the request of every plan that falls on today, each in a transaction of its own."""
    while await _one(sessions):
        pass


async def _one(sessions: Sessions) -> bool:
    async with sessions.begin() as session:
        plan = await session.scalar(_due().limit(1).with_for_update(skip_locked=True))
        if plan is not None:
            await plans.fulfil(session, plan)
        return plan is not None


def _due() -> Select[VisitPlan]:
    return (
        select(VisitPlan)
        .where(VisitPlan.ended_at.is_(None), VisitPlan.next_on <= plans.today())
        .order_by(VisitPlan.next_on)
    )
