"""Waking waits for nobody, adds no more than is needed, and nothing written is ever overlooked."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import jobs, lanes
from app.core.clock import now
from app.core.database import Sessions
from app.core.lanes import Unsettled, pump, wake, wake_at
from tests.conftest import Worker

seen: list[str] = []
"""Names of communities as the pump found them, each time it ran."""


@pump("tests.look")
async def look(sessions: Sessions, lane: str) -> None:
    writers = Unsettled("communities")
    async with sessions() as session:
        await writers.begin(session)
    stays = 20
    while stays:
        stays -= 1
        async with sessions() as session:
            unsettled = await writers.remain(session)
            found = list(await session.scalars(text("SELECT name FROM communities")))
        if found or not unsettled:
            break
        await asyncio.sleep(0.02)
    seen.append(f"{lane}:{len(found)}")
    if unsettled and not found:
        async with sessions.begin() as session:
            await wake_at(session, look, lane, now())


@pytest.fixture(autouse=True)
def unseen() -> Iterator[None]:
    seen.clear()
    yield
    assert jobs.queue.tasks["tests.look"] is look


WRITE = (
    "INSERT INTO communities (id, slug, name, town, created_at)"
    " VALUES (gen_random_uuid(), gen_random_uuid()::text, '伊伊', 'ZJ', now())"
)
WAITING = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"


async def waiting(sessions: Sessions) -> int:
    async with sessions() as session:
        return int(await session.scalar(text(WAITING)) or 0)


async def told(session: AsyncSession, *names: str) -> None:
    await session.execute(text(WRITE))
    await wake(session, look, names or ["a"])


async def test_a_lane_that_is_woken_again_has_one_job(sessions: Sessions) -> None:
    for _ in range(3):
        async with sessions.begin() as session:
            await told(session, "a", "b")

    assert await waiting(sessions) == 2


async def test_nobody_waits_for_another_who_wakes_the_same_lanes(sessions: Sessions) -> None:
    async with sessions() as first, sessions() as second, asyncio.timeout(3):
        await told(first, "a")
        await told(second, "b")
        await told(first, "b")
        await told(second, "a")
        for _ in range(5):
            await told(second, "a")
        await second.commit()
        await first.commit()

    assert await waiting(sessions) == 4


async def test_what_rolls_back_takes_no_others_waking_with_it(
    sessions: Sessions, worker: Worker
) -> None:
    async with sessions() as first, sessions() as second:
        await told(first)
        await told(second)
        await second.commit()
        await first.rollback()
    await worker.catch_up()

    assert seen == ["a:1"]


async def test_a_row_is_found_whose_waking_was_left_to_a_job_that_ran_too_early(
    sessions: Sessions, worker: Worker, session: AsyncSession
) -> None:
    async with sessions.begin() as first:
        await wake(first, look, ["a"])
    await told(session)
    assert await waiting(sessions) == 1, "the job that is there is to find both"
    early = asyncio.create_task(worker.catch_up())
    await asyncio.sleep(0.1)
    assert seen == []
    await session.commit()
    await early

    assert seen == ["a:1"]


async def test_even_when_its_transaction_takes_long(
    sessions: Sessions, worker: Worker, session: AsyncSession
) -> None:
    async with sessions.begin() as first:
        await wake(first, look, ["a"])
    await told(session)
    early = asyncio.create_task(worker.catch_up())
    async with asyncio.timeout(10):
        while not seen:  # noqa: ASYNC110 - it is somebody else's to tell
            await asyncio.sleep(0.05)
    await session.commit()
    await early

    assert seen[0] == "a:0"
    assert seen[-1] == "a:1"


async def test_a_later_waking_holds_up_no_earlier_one(sessions: Sessions, worker: Worker) -> None:
    async with sessions.begin() as session:
        await wake_at(session, look, "a", now().replace(year=now().year + 1))
        await told(session, "a")
    await worker.catch_up()

    assert seen == ["a:1"]
    assert lanes.rouse.name in jobs.queue.tasks
