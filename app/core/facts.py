"""Facts, and what follows from them.

To record an event is to write one line of the record and, in the same transaction, one job for
everyone who reacts to it. Read by subject the record is a timeline, by actor an audit trail. The
database refuses to change or delete a line of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Index, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant
from app.core.ids import new_id
from app.core.jobs import Deferrable, defer_all, job

E = TypeVar("E", bound="Event")
Reaction: TypeAlias = Callable[[AsyncSession, E, UUID], Awaitable[None]]
Observer: TypeAlias = Callable[[AsyncSession, Mapping[str, Any], "Event"], Awaitable[None]]


class Actor(Protocol):
    """Whoever did something: a person, another program, or the service itself."""

    @property
    def community_id(self) -> UUID: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def id(self) -> UUID | None: ...  # noqa: D102


class Event(BaseModel):
    """Something that happened, named in the past tense; it carries ids, not personal data."""

    model_config = ConfigDict(frozen=True)

    kind: ClassVar[str]
    subject: ClassVar[str]
    kinds: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, *, kind: str, subject: str) -> None:
        """Give the event its stable name, and say which field is the thing it happened to."""
        cls.kind, cls.subject = kind, subject
        Event.kinds[kind] = cls

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Pydantic passes the class's keywords here as well."""


class Fact(Tenant, Table):
    """One line of the record: what happened to what, when, and who did it."""

    __tablename__ = "facts"
    __table_args__ = (
        Index(None, "community_id", "subject_id", "id"),
        Index(None, "community_id", "actor_id", "id"),
        Index(None, "community_id", "kind", "id"),
        {"info": {"append_only": True}},
    )

    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]


_reactions: dict[str, list[Deferrable]] = {}
_observers: list[Observer] = []


def reacts_to(kind: type[E]) -> Callable[[Reaction[E]], Reaction[E]]:
    """Run the decorated function, later, whenever the event is recorded, with one effect.

    It is given a session, the event, and the id of the community in which it happened.
    """

    def register(reaction: Reaction[E]) -> Reaction[E]:
        async def run(session: AsyncSession, *, community_id: str, payload: dict[str, Any]) -> None:
            await reaction(session, kind.model_validate(payload), UUID(community_id))

        task = job(f"{reaction.__module__}.{reaction.__name__}")(run)
        _reactions.setdefault(kind.kind, []).append(task)
        return reaction

    return register


def observe(observer: Observer) -> Observer:
    """Await the decorated function at every fact, in the transaction that records it.

    It is given the session, the columns of the fact, and the event. What it raises undoes the
    fact, and what it costs, everything that happens costs: it should be one statement.
    """
    _observers.append(observer)
    return observer


async def record(session: AsyncSession, event: Event, *, by: Actor) -> None:
    """Write down what happened, and promise what follows from it."""
    payload = event.model_dump(mode="json")
    fact = {
        "community_id": by.community_id,
        "id": new_id(),
        "at": now(),
        "kind": event.kind,
        "subject_id": getattr(event, event.subject),
        "actor_kind": by.kind,
        "actor_id": by.id,
        "payload": payload,
    }
    await session.execute(insert(Fact).values(fact))
    for observer in _observers:
        await observer(session, fact, event)
    arguments = {"community_id": str(by.community_id), "payload": payload}
    await defer_all(session, [(task, arguments) for task in _reactions.get(event.kind, ())])


def about(community_id: UUID, subject_id: UUID) -> Select[Fact]:
    """What happened to one thing, oldest first."""
    return (
        select(Fact)
        .where(Fact.community_id == community_id, Fact.subject_id == subject_id)
        .order_by(Fact.id)
    )
