"""A matter that was put aside is taken up again."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests import clocks
from app.service_requests.models import ServiceRequest


async def lift(session: AsyncSession, request: ServiceRequest) -> None:
    """Let the work go on, and its clocks with it, if it was put aside."""
    if request.suspended_at is None:
        return
    request.suspended_at = request.suspended_until = request.suspended_reason = None
    await clocks.resume(session, request)
