"""Every minute: taking up again what was put aside until now."""

from sqlalchemy import select

from app.core.clock import now
from app.core.database import Sessions
from app.core.jobs import periodic
from app.service_requests import automatic
from app.service_requests.models import ServiceRequest


@periodic("service_requests.resume", cron="*/1 * * * *")
async def resume_what_waited(sessions: Sessions) -> None:
    """Resume every request whose time of waiting is over."""
    waited = select(ServiceRequest.community_id, ServiceRequest.id).where(
        ServiceRequest.suspended_until <= now()
    )
    await automatic.take(sessions, "resume", waited)
