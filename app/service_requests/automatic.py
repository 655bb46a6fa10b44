"""Steps that the service takes by itself when their time has come."""

from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.log import log
from app.people.access import system
from app.service_requests import queries, workflow
from app.service_requests.models import ServiceRequest

Due = Select[UUID, UUID]
"""The community and the id of every request whose time has come."""


async def take(sessions: Sessions, step: str, due: Due) -> None:
    """Take a step on each, in a transaction of its own, unless its time went by meanwhile.

    What cannot be done is logged, and does not keep the others waiting.
    """
    async with sessions() as session:
        found = (await session.execute(due.order_by(ServiceRequest.id))).all()
    for community_id, request_id in found:
        try:
            async with sessions.begin() as session:
                await _take(session, step, due, community_id, request_id)
        except Exception:  # noqa: BLE001 - whatever it is, the others are not to blame
            log.exception("step_not_taken", step=step, request_id=request_id)


async def _take(
    session: AsyncSession, step: str, due: Due, community_id: UUID, request_id: UUID
) -> None:
    this = due.where(ServiceRequest.community_id == community_id, ServiceRequest.id == request_id)
    request = await queries.whole(session, community_id, request_id, lock=True)
    if (await session.execute(this)).first():
        await workflow.take(session, request, step, {}, by=system(community_id))
