"""A notice that goes out over channels of every kind, and where it arrives."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.lanes import wake
from app.core.settings import settings
from app.notices.models import Delivery, State
from app.notices.pumping import deliver
from app.people.access import system
from tests.conftest import Worker
from tests.notices.builders import sent
from tests.sandbox.conftest import (
    box,
    callback_url,
    clock,
    desk,
    desk_server,
    platform_server,
)
from tests.sandbox.rig import Box
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People
from tests.webhooks.conftest import receiver, receivers

__all__ = [
    "box",
    "callback_url",
    "clock",
    "desk",
    "desk_server",
    "platform_server",
    "receiver",
    "receivers",
]

Publishes = Callable[..., Awaitable[dict[str, Delivery]]]
Repeats = Callable[[Delivery], Awaitable[None]]


@pytest.fixture
def publishes(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession
) -> Publishes:
    """Send a notice over some channels, and carry it out; its deliveries by channel.

    It is an emergency, so that it goes at any hour.
    """

    async def publish(*names: str, **differently: Any) -> dict[str, Delivery]:
        caller = acting(people.manager)
        urgent: dict[str, Any] = {"kind": "emergency", "channels": list(names)}
        notice = await sent(caller, town, **urgent, **differently)
        await worker.catch_up()
        found = select(Delivery).where(Delivery.notice_id == notice["id"])
        return {each.channel: each for each in await session.scalars(found)}

    return publish


@pytest.fixture
def repeats(worker: Worker, session: AsyncSession) -> Repeats:
    """Make a delivery once more, as after a worker that died before it noted what came."""

    async def repeat(delivery: Delivery) -> None:
        lost = {"state": State.PENDING, "receipt": None, "due_at": now()}
        await session.execute(update(Delivery).values(lost))
        await wake(session, deliver, [delivery.lane])
        await session.commit()
        await worker.catch_up(later=True)
        await session.refresh(delivery)

    return repeat


@pytest.fixture
def weibo(box: Box, monkeypatch: pytest.MonkeyPatch) -> Box:
    """The sandbox's Weibo, with one account."""
    author = {"name": "伊伊社区发布", "domain": "127.0.0.1"}
    box.http.put("/weibo/accounts/W1", json=author).raise_for_status()
    monkeypatch.setenv("PALM_WEIBO_API", f"{box.address}/sandbox/weibo")
    settings.cache_clear()
    return box


def by(town: Town) -> Any:
    """The service itself, acting in the town."""
    return system(town.community.id)
