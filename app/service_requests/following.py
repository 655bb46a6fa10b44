"""Who else a request concerns: neighbours who said "me too", and reporters of merged requests."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests.models import Follower, ServiceRequest


async def concerned(session: AsyncSession, request: ServiceRequest) -> list[UUID]:
    """Everybody who is told of the request's progress: its reporter, then those who follow it."""
    rows = select(Follower.person_id).where(
        Follower.community_id == request.community_id, Follower.request_id == request.id
    )
    followers = await session.scalars(rows.order_by(Follower.id))
    reporter = [request.reporter_id] if request.reporter_id else []
    return list(dict.fromkeys([*reporter, *followers]))
