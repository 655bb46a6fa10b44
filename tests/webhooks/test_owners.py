"""Whose endpoint fails is told so."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import shift
from app.people.access import Actor, system
from app.webhooks.models import Subscription
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import People, acting, letters, people, town
from tests.webhooks.conftest import Course, Rings, Subscribes
from tests.webhooks.receiver import Receiver, answer

__all__ = ["acting", "letters", "people", "town"]


@pytest.fixture
async def by(town: Town) -> Actor:
    """Whoever the facts of these tests are recorded by."""
    return system(town.community.id)


@pytest.mark.parametrize(
    ("status", "hours", "why"),
    [("410 Gone", 0, "对方已停用该地址"), ("500 Error", 80, "连续三天投递失败")],
)
async def test_the_owner_is_told_that_nothing_is_sent_any_more(
    session: AsyncSession,
    people: People,
    receiver: Receiver,
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
    letters: Letterbox,
    worker: Worker,
    *,
    status: str,
    hours: float,
    why: str,
) -> None:
    await subscribes(name="热线")
    await session.execute(update(Subscription).values(owner_id=people.manager.id))
    await session.commit()
    receiver.usual = answer(status)
    await rings()
    await course.run()
    await course.later(hours=hours)
    shift(timedelta())  # the lanes of deliveries go by the database's clock
    await worker.catch_up(later=True)

    assert letters.to(people.manager) == ["消息推送已停止，请检查接收地址"]
    assert letters.last_to(people.manager) == {"名称": "热线", "原因": why}
    assert len(letters.letters) == 1
