"""How often something may be tried: a bucket of tokens for each key, kept in the database.

A bucket is one row that says when it will be full again; a full one needs no row. It is counted on
connections of its own, in a transaction of its own: an attempt counts although the request it
belongs to is rolled back, and never waits for a pool whose connections wait for it.
"""

import math
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, delete, event, extract, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import blind_index
from app.core.database import Sessions, Table, connect
from app.core.jobs import periodic
from app.core.problems import TooManyRequests

_CONNECTIONS = 2
_aside: WeakKeyDictionary[Engine, AsyncEngine] = WeakKeyDictionary()


class RateBucket(Table):
    """When a bucket will be full again; whose it is cannot be read from its key."""

    __tablename__ = "rate_buckets"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    full_at: Mapped[datetime] = mapped_column(index=True)


def _beside(engine: Engine) -> AsyncEngine:
    """A few connections to the same database, closed together with the engine's own."""
    known = _aside.get(engine)
    if known is None:
        url = engine.url.render_as_string(hide_password=False)
        known = _aside[engine] = connect(url, pool_size=_CONNECTIONS)
        event.listen(engine, "engine_disposed", lambda _: known.sync_engine.dispose())
    return known


async def take(
    through: AsyncSession | AsyncEngine, key: str, *, burst: int, per_seconds: float
) -> None:
    """Take a token: `burst` at once, and as many again every `per_seconds`, evenly.

    Raises `TooManyRequests` (429) with the seconds until the next token in `Retry-After`. What is
    refused takes nothing.
    """
    engine = through.sync_engine if isinstance(through, AsyncEngine) else through.get_bind().engine
    gap = timedelta(seconds=per_seconds / burst)
    spare = gap * (burst - 1)
    now = func.clock_timestamp()
    digest = blind_index(key, "rate")
    taken = (
        insert(RateBucket)
        .values(key=digest, full_at=now + gap)
        .on_conflict_do_update(
            index_elements=[RateBucket.key],
            set_={"full_at": func.greatest(RateBucket.full_at, now) + gap},
            where=RateBucket.full_at <= now + spare,
        )
        .returning(RateBucket.key)
    )
    wait = select(extract("epoch", RateBucket.full_at - now - spare)).where(
        RateBucket.key == digest
    )
    async with _beside(engine).begin() as connection:
        if await connection.scalar(taken) is not None:
            return
        seconds = float(await connection.scalar(wait) or 0)
    refusal = TooManyRequests()
    refusal.headers = {"Retry-After": str(max(1, math.ceil(seconds)))}
    raise refusal


@periodic("core.limits.forget_full", cron="41 * * * *")
async def forget_full(sessions: Sessions) -> None:
    """Drop the buckets that are full again: they are as good as none."""
    async with sessions.begin() as session:
        await session.execute(delete(RateBucket).where(RateBucket.full_at < func.now()))
