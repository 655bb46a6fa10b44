"""A lane goes no faster than its platform allows, however many workers are at it."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.database import Sessions
from app.notices import pace, pumping
from app.notices.channels import Limits
from app.notices.models import State
from tests.conftest import Worker
from tests.notices.conftest import Reader
from tests.notices.ways import LANE, Way, as_they_are, promised

SOON = 0.02
"""Seconds by which a call may reach us later than it left."""


@pytest.mark.parametrize(("most", "seconds"), [(20, 60.0), (5, 1.0), (2, 60.0)])
def test_any_stretch_holds_no_more_than_the_limit_with_both_of_its_ends(
    most: int, seconds: float
) -> None:
    limits = Limits(per_minute=most) if seconds > 1 else Limits(per_second=most)
    gap = pace.of(limits).gap

    assert int(seconds / gap) + 1 <= most


def test_the_strictest_limit_counts() -> None:
    both = pace.of(Limits(per_second=5, per_minute=100))

    assert both.gap == pace.of(Limits(per_minute=100)).gap


@pytest.mark.parametrize("dedupes", [True, False])
async def test_two_workers_keep_one_pace(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    way: Way,
    dedupes: bool,
) -> None:
    way.limits, way.dedupes = Limits(per_second=6), dedupes
    ids = await promised(session, reader.account.community_id, 9)
    context = SimpleNamespace(additional_context={"sessions": sessions})
    await asyncio.gather(*(pumping.deliver.func(context, LANE) for _ in range(2)))

    assert dict(way.times) == dict.fromkeys(ids, 1)
    moments = [at for at, _ in way.sent]
    gaps = [(later - at).total_seconds() for at, later in pairwise(moments)]
    assert min(gaps) > pace.of(way.limits).gap - SOON - 0.1
    for at in moments:
        within = [each for each in moments if timedelta() <= each - at < timedelta(seconds=1)]
        assert len(within) <= 6


async def test_a_long_gap_keeps_no_worker_waiting(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    way.limits = Limits(per_minute=2)
    await promised(session, reader.account.community_id, 3)
    async with asyncio.timeout(10):
        await worker.catch_up()
    assert len(way.sent) == 1

    async with asyncio.timeout(30):
        await worker.catch_up(later=True)
    assert len(way.sent) == 3


async def test_a_day_holds_so_many_and_the_next_one_as_many_again(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, way: Way
) -> None:
    way.limits, way.dedupes = Limits(per_day=2), False
    await promised(session, reader.account.community_id, 5)
    context = SimpleNamespace(additional_context={"sessions": sessions})
    counts = []
    for days in range(3):
        clock.shift(timedelta(days=days))
        await pumping.deliver.func(context, LANE)
        counts.append(len(way.sent))

    assert counts == [2, 4, 5]
    assert {one.state for one in await as_they_are(sessions)} == {State.SENT}
