"""How often something may be tried."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import limits
from app.core.database import Sessions, connect, sessions_of
from app.core.limits import RateBucket, forget_full, take
from app.core.problems import TooManyRequests
from tests.conftest import Worker

HOUR = 3600.0


async def taken(through: AsyncEngine, key: str, *, burst: int = 3) -> bool:
    try:
        await take(through, key, burst=burst, per_seconds=HOUR)
    except TooManyRequests:
        return False
    return True


async def pass_time(session: AsyncSession, seconds: float) -> None:
    """Let every bucket be this much older."""
    earlier = RateBucket.full_at - timedelta(seconds=seconds)
    await session.execute(update(RateBucket).values(full_at=earlier))
    await session.commit()


async def test_a_burst_is_let_through_and_what_follows_is_told_when_to_come_again(
    engine: AsyncEngine,
) -> None:
    for _ in range(3):
        await take(engine, "login:wang", burst=3, per_seconds=HOUR)

    with pytest.raises(TooManyRequests) as refused:
        await take(engine, "login:wang", burst=3, per_seconds=HOUR)

    assert refused.value.status == 429
    assert 1100 <= int(refused.value.headers["Retry-After"]) <= 1200


async def test_keys_do_not_share_a_bucket(engine: AsyncEngine) -> None:
    assert await taken(engine, "login:wang", burst=1)

    assert await taken(engine, "login:li", burst=1)
    assert not await taken(engine, "login:wang", burst=1)


async def test_a_token_comes_back_at_the_time_that_was_told(
    engine: AsyncEngine, session: AsyncSession
) -> None:
    for _ in range(3):
        assert await taken(engine, "k")

    await pass_time(session, 1100)
    assert not await taken(engine, "k")
    await pass_time(session, 100)
    assert await taken(engine, "k")
    assert not await taken(engine, "k")


async def test_a_rest_fills_the_bucket_and_no_more(
    engine: AsyncEngine, session: AsyncSession
) -> None:
    for _ in range(3):
        await taken(engine, "k")

    await pass_time(session, 10 * HOUR)

    assert [await taken(engine, "k") for _ in range(4)] == [True, True, True, False]


async def test_a_refused_attempt_does_not_push_the_next_token_away(
    engine: AsyncEngine, session: AsyncSession
) -> None:
    for _ in range(20):
        await taken(engine, "k")

    await pass_time(session, 1200)

    assert await taken(engine, "k")


async def test_attempts_that_arrive_together_are_counted_one_by_one(engine: AsyncEngine) -> None:
    passed = await asyncio.gather(*(taken(engine, "k", burst=5) for _ in range(30)))

    assert sum(passed) == 5


async def test_an_attempt_counts_although_its_request_is_rolled_back(sessions: Sessions) -> None:
    async with sessions() as session:
        await take(session, "k", burst=1, per_seconds=HOUR)
        await session.rollback()

    async with sessions() as session:
        with pytest.raises(TooManyRequests):
            await take(session, "k", burst=1, per_seconds=HOUR)


async def test_requests_that_hold_every_connection_still_get_their_turn(database: str) -> None:
    engine = connect(database, pool_size=2)
    sessions = sessions_of(engine)
    ready = asyncio.Barrier(2)

    async def request() -> None:
        async with sessions.begin() as session:
            await session.execute(select(1))
            await ready.wait()
            await take(session, "k", burst=2, per_seconds=HOUR)

    async with asyncio.timeout(5):
        await asyncio.gather(request(), request())
    await engine.dispose()


async def test_its_connections_are_closed_with_the_engine(database: str) -> None:
    engine = connect(database, pool_size=1)
    await taken(engine, "k")
    beside = limits._beside(engine.sync_engine)
    assert beside.pool.checkedin() == 1  # type: ignore[attr-defined]

    await engine.dispose()

    assert beside.pool.checkedin() == 0  # type: ignore[attr-defined]


async def test_the_table_does_not_tell_whose_bucket_it_is(
    engine: AsyncEngine, session: AsyncSession
) -> None:
    await taken(engine, "login:13812345678")

    key = await session.scalar(select(RateBucket.key))

    assert key is not None
    assert len(key) == 32


async def test_full_buckets_are_forgotten(
    engine: AsyncEngine, session: AsyncSession, worker: Worker
) -> None:
    await taken(engine, "old")
    await pass_time(session, 2 * HOUR)
    await taken(engine, "new")

    await forget_full.defer_async(timestamp=0)
    await worker.catch_up()

    assert await session.scalar(select(func.count()).select_from(RateBucket)) == 1
    assert not await taken(engine, "new", burst=1)
