"""A town where other software is told of what happens, and that software."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import http
from app.core.clock import shift
from app.core.facts import record
from app.core.ids import new_id
from app.core.settings import settings
from app.people.access import Actor, system
from app.people.models import Person, Role
from app.webhooks import jobs, service
from app.webhooks.models import Subscription, WebhookMessage
from tests.conftest import Worker
from tests.people.builders import a_worker
from tests.people.conftest import Town, acting, town
from tests.webhooks.facts import BellRung
from tests.webhooks.receiver import Receiver, a_receiver

__all__ = ["acting", "town"]

Rings = Callable[[], Awaitable[str]]
Subscribes = Callable[..., Awaitable[Subscription]]


@pytest.fixture
async def receivers(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Receiver]]:
    """Two of them, at addresses that the operator allows."""
    async with a_receiver() as one, a_receiver() as other:
        monkeypatch.setenv("PALM_OUTBOUND_ALLOW", "127.0.0.1/32")
        monkeypatch.setenv("PALM_OUTBOUND_PORTS", f"{one.port},{other.port}")
        settings.cache_clear()
        yield [one, other]
        await http.close()


@pytest.fixture
def receiver(receivers: list[Receiver]) -> Receiver:
    return receivers[0]


@pytest.fixture
async def manager(session: AsyncSession, town: Town) -> Person:
    person = await a_worker(session, town.root, Role.MANAGER)
    await session.commit()
    return person


@pytest.fixture
def by(town: Town) -> Actor:
    return system(town.root.community_id)


@pytest.fixture
def subscribes(session: AsyncSession, by: Actor, receiver: Receiver) -> Subscribes:
    """Subscribe the first receiver, unless said otherwise, to the tests' own facts."""

    async def subscribe(*kinds: str, **columns: object) -> Subscription:
        told = {"name": "hub", "url": receiver.url, "kinds": list(kinds) or ["test_hook.*"]}
        made = await service.subscribe(session, {**told, **columns}, by=by)
        await session.commit()
        return made

    return subscribe


@pytest.fixture
def rings(session: AsyncSession, by: Actor) -> Rings:
    """Record a fact, and give the id of what it is about."""

    async def ring() -> str:
        bell_id = new_id()
        await record(session, BellRung(bell_id=bell_id), by=by)
        await session.commit()
        return str(bell_id)

    return ring


class Course:
    """What becomes of the messages as time goes by."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._passed = 0.0

    async def run(self) -> None:
        """Let the worker do what is due."""
        await self._worker.catch_up()

    async def later(self, *, seconds: float = 0, hours: float = 0) -> None:
        """The same, after so much time."""
        self._passed += seconds + hours * 3600
        shift(timedelta(seconds=self._passed))
        await jobs.sweep.func(_Context(self._worker), 0)
        await self._worker.catch_up()

    async def pump(self, subscription: Subscription) -> None:
        """Run the pump of one endpoint, once."""
        lane = jobs.lane_of(subscription.community_id, subscription.id)
        await jobs.pump.func(_Context(self._worker), lane)

    async def subscription(self) -> Subscription:
        async with self._worker.sessions() as session:
            return (await session.scalars(select(Subscription))).one()

    async def messages(self) -> list[WebhookMessage]:
        async with self._worker.sessions() as session:
            return list(await session.scalars(select(WebhookMessage).order_by(WebhookMessage.id)))


class _Context:
    def __init__(self, worker: Worker) -> None:
        self.additional_context = {"sessions": worker.sessions}


@pytest.fixture
def course(worker: Worker) -> Course:
    return Course(worker)
