"""Work of the clock: noticing what was not done in time."""

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import record
from app.core.jobs import periodic
from app.people.access import system
from app.service_requests.events import RequestFellDue
from app.service_requests.models import UNDONE, ServiceRequest

_AT_ONCE = 200


@periodic("service_requests.fall_due", cron="*/1 * * * *")
async def fall_due(sessions: Sessions) -> None:
    """Note every request whose time ran out before it was done, each once."""
    noted = _AT_ONCE
    while noted == _AT_ONCE:
        async with sessions.begin() as session:
            noted = await _note_some(session)


async def _note_some(session: AsyncSession) -> int:
    late = (
        select(ServiceRequest.community_id, ServiceRequest.id)
        .where(
            ServiceRequest.due_at <= now(),
            ServiceRequest.fell_due_at.is_(None),
            ServiceRequest.state.in_(UNDONE),
        )
        .order_by(ServiceRequest.due_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = [(community_id, request_id) for community_id, request_id in await session.execute(late)]
    if found:
        these = tuple_(ServiceRequest.community_id, ServiceRequest.id).in_(found)
        noted = {"fell_due_at": now(), "updated_at": ServiceRequest.updated_at}
        await session.execute(update(ServiceRequest).where(these).values(noted))
    for community_id, request_id in found:
        event = RequestFellDue(request_id=request_id)
        await record(session, event, by=system(community_id))
    return len(found)
