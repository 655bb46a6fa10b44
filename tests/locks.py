"""Waiting until a statement waits for a lock, for tests of what two do at the same time."""

import asyncio

from sqlalchemy import text

from app.core.database import Sessions

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def somebody_waits(sessions: Sessions, *, count: int = 1) -> None:
    """Return once so many statements of this test's database wait for a lock.

    Each look is a transaction of its own: within one, the server shows what it showed at first.
    """
    async with asyncio.timeout(20), sessions() as session:
        while (await session.scalar(_WAITING) or 0) < count:
            await session.rollback()
            await asyncio.sleep(0.01)
