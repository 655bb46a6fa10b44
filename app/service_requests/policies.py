"""How a community deals with requests: what it has set, or what everybody starts with."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.service_requests.models import Policy

OFFICE_HOURS = [["09:00", "12:00"], ["14:00", "18:00"]]


async def of(session: AsyncSession, community_id: UUID) -> Policy:
    """The policy of this community, made with the usual amounts on first sight."""
    if policy := await session.get(Policy, community_id):
        return policy
    usual = {
        "community_id": community_id,
        "office_hours": OFFICE_HOURS,
        "urge_most": 3,
        "urge_gap_minutes": 1440,
        "reopen_days": 15,
        "visit_days": 3,
        "version": 1,
        "updated_at": now(),
    }
    await session.execute(insert(Policy).values(usual).on_conflict_do_nothing())
    return await session.get_one(Policy, community_id)
