"""A way out that a test holds in its hands, and what is to go by it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.ids import new_id
from app.core.lanes import wake
from app.notices.audiences import Audience
from app.notices.channels import Content, Limits, Where
from app.notices.models import Attempt, Delivery, Notice, State
from app.notices.pumping import deliver
from app.people.models import Person
from app.places.models import Place

LANE = "way:1"


class Way:
    """Keeps what it is given, and when; does with each what the test says."""

    def __init__(self) -> None:
        self.limits = Limits(width=4)
        self.dedupes = True
        self.disturbs = True
        self.sent: list[tuple[datetime, UUID]] = []
        self.does: Callable[[Delivery, Content], Any] = lambda _delivery, _content: None
        self.gate = asyncio.Event()
        self.gate.set()
        self.busy = asyncio.Event()
        """Set once something is being sent."""

    @property
    def times(self) -> Counter[UUID]:
        """How often each was sent."""
        return Counter(id_ for _, id_ in self.sent)

    async def addresses(
        self, _session: AsyncSession, _community_id: UUID, _person_id: UUID
    ) -> Sequence[Where]:
        return ()

    def recipients(self, notice: Notice, _audience: Audience) -> Select[Any, Any, Any] | None:
        """Everybody there is."""
        return select(Person.id, Person.id.label("person_id"), literal(LANE)).where(
            Person.community_id == notice.community_id
        )

    @asynccontextmanager
    async def lane(self, _sessions: Sessions, _lane: str) -> AsyncIterator[Self]:
        yield self

    async def send(self, delivery: Delivery, content: Content) -> str | None:
        self.busy.set()
        await self.gate.wait()
        outcome = self.does(delivery, content)
        if isinstance(outcome, Exception):
            raise outcome
        if asyncio.iscoroutine(outcome):
            await outcome
        self.sent.append((now(), delivery.id))
        return "taken"


async def promised(
    session: AsyncSession, community_id: UUID, count: int = 1, *, lane: str = LANE, **given: Any
) -> list[UUID]:
    """Deliveries that wait in a lane, with somebody to send them; committed."""
    told = {
        "channel": "way",
        "purpose": "test",
        "title": "停水通知",
        "lines": [],
        "lane": lane,
        "community_id": community_id,
    }
    made = [Delivery(id=new_id(), address_id=new_id(), **(told | given)) for _ in range(count)]
    session.add_all(made)
    await session.flush()
    await wake(session, deliver, [lane])
    await session.commit()
    return [delivery.id for delivery in made]


async def as_they_are(sessions: Sessions) -> list[Delivery]:
    """Every delivery, in the order they were made."""
    async with sessions() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.id)))


async def tries(sessions: Sessions) -> list[str | None]:
    """The outcome of every attempt, in the order they were made."""
    async with sessions() as session:
        return list(await session.scalars(select(Attempt.outcome).order_by(Attempt.id)))


async def a_dead_delivery(session: AsyncSession, place: Place) -> dict[str, str]:
    """The id of a message of its own that was tried in vain."""
    delivery = Delivery(
        community_id=place.community_id,
        id=new_id(),
        channel="way",
        address_id=new_id(),
        lane=LANE,
        purpose="test",
        title="停水通知",
        state=State.DEAD,
    )
    session.add(delivery)
    await session.flush()
    return {"delivery_id": str(delivery.id)}
