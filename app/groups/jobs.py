"""Forgetting what was said in groups when its time is over."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.jobs import periodic
from app.groups.models import KEPT_DAYS, GroupMessage, GroupPolicy, Question
from app.groups.policies import LEAST_DAYS
from app.places.models import Community

BATCH = 5000
"""Messages that are forgotten in one transaction."""


@periodic("groups.forget", cron="23 4 * * *")
async def forget(sessions: Sessions) -> None:
    """Delete what was said longer ago than each community keeps it."""
    kept = func.coalesce(GroupPolicy.messages_kept_days, KEPT_DAYS)
    policies = select(Community.id, func.greatest(kept, LEAST_DAYS)).outerjoin(
        GroupPolicy, GroupPolicy.community_id == Community.id
    )
    async with sessions() as session:
        rows = list(await session.execute(policies))
    for community_id, days in rows:
        before = now() - timedelta(days=days)
        while await _forget_some(sessions, community_id, before) == BATCH:
            pass


async def _forget_some(sessions: Sessions, community_id: UUID, before: datetime) -> int:
    async with sessions.begin() as session:
        old = select(GroupMessage.id).where(
            GroupMessage.community_id == community_id, GroupMessage.received_at < before
        )
        ids = list(await session.scalars(old.limit(BATCH)))
        await _forget(session, community_id, ids)
    return len(ids)


async def _forget(session: AsyncSession, community_id: UUID, ids: list[UUID]) -> None:
    """Delete messages; that something was asked and answered, and when, stays counted."""
    for column in (Question.message_id, Question.answer_id):
        theirs = Question.community_id == community_id, column.in_(ids)
        await session.execute(update(Question).where(*theirs).values({column: None}))
    gone = GroupMessage.community_id == community_id, GroupMessage.id.in_(ids)
    await session.execute(delete(GroupMessage).where(*gone))
