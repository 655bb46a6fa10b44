"""What waits for its time: notices that are scheduled."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.i18n import _
from app.core.jobs import periodic
from app.core.log import log
from app.core.problems import Problem
from app.notices import publishing, queries, reviewing
from app.notices.models import Notice, NoticeState
from app.people.access import system

_AT_ONCE = 100


@periodic("notices.publish_due", cron="*/1 * * * *")
async def publish_due(sessions: Sessions) -> None:
    """Send every notice whose time has come."""
    await send_due(sessions)


async def send_due(sessions: Sessions) -> None:
    """Send every notice whose time has come, each in a transaction of its own and once.

    One that breaks keeps no other from going, and is tried again the next minute.
    """
    async with sessions() as session:
        due = select(Notice.community_id, Notice.id).where(
            Notice.state == NoticeState.SCHEDULED, Notice.scheduled_at <= now()
        )
        ids = (await session.execute(due.order_by(Notice.scheduled_at).limit(_AT_ONCE))).all()
    for community_id, notice_id in ids:
        try:
            await _send(sessions, community_id, notice_id)
        except Exception as error:  # noqa: BLE001 - the others are to go all the same
            log.exception("notice_not_sent", notice_id=notice_id, exc_info=error)


async def _send(sessions: Sessions, community_id: UUID, notice_id: UUID) -> None:
    try:
        async with sessions.begin() as session:
            if notice := await _claimed(session, community_id, notice_id):
                await publishing.publish(session, notice, by=system(community_id))
    except Problem as refusal:
        await _give_back(sessions, community_id, notice_id, refusal)


async def _claimed(session: AsyncSession, community_id: UUID, notice_id: UUID) -> Notice | None:
    """The notice if its time has come still, and nobody else is about to send it."""
    mine = (
        select(Notice.id)
        .where(
            Notice.community_id == community_id,
            Notice.id == notice_id,
            Notice.state == NoticeState.SCHEDULED,
            Notice.scheduled_at <= now(),
        )
        .with_for_update(skip_locked=True)
    )
    if await session.scalar(mine) is None:
        return None
    return await queries.alone(session, community_id, notice_id)


async def _give_back(
    sessions: Sessions, community_id: UUID, notice_id: UUID, refusal: Problem
) -> None:
    """Let a notice be a draft again that may not go, or that would reach nobody by now."""
    log.warning("scheduled_notice_refused", notice_id=notice_id, problem=refusal.type())
    async with sessions.begin() as session:
        if notice := await _claimed(session, community_id, notice_id):
            by, reason = system(community_id), _(refusal.title())
            await reviewing.send_back(session, notice, reason=reason, by=by)
