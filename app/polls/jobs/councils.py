"""Calling the next sitting of every council in time."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.database import Sessions
from app.core.jobs import periodic
from app.core.log import log
from app.polls.councils import sitting
from app.polls.models import Council


@periodic("councils.call_sittings", cron="23 1 * * *")
async def call_sittings(sessions: Sessions) -> None:
    """Call what is due within the next two weeks."""
    await call_due(sessions)


async def call_due(sessions: Sessions) -> None:
    """Call the next sitting of every council that has none, each in a transaction of its own.

    One that breaks keeps no other from being called, and is tried again the next day.
    """
    async with sessions() as session:
        rows = select(Council.community_id, Council.id).where(Council.ended_at.is_(None))
        ids = (await session.execute(rows.order_by(Council.id))).all()
    for community_id, council_id in ids:
        try:
            async with sessions.begin() as session:
                await _call(session, community_id, council_id)
        except Exception as error:  # noqa: BLE001 - the others are to be called all the same
            log.exception("sitting_not_called", council_id=council_id, exc_info=error)


async def _call(session: AsyncSession, community_id: UUID, council_id: UUID) -> None:
    this = (
        select(Council)
        .where(
            Council.community_id == community_id,
            Council.id == council_id,
            Council.ended_at.is_(None),
        )
        .options(joinedload(Council.place, innerjoin=True))
    )
    claimed = this.with_for_update(of=Council, key_share=True, skip_locked=True)
    if council := await session.scalar(claimed):
        await sitting.call_next(session, council)
