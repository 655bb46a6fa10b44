"""The steps a request can take: one file each, found by looking.

A step's file holds its form, who may take it, its words in the chat, its event, the states it
takes and leaves, what it does, and what the resident is told. To add one is to add a file.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Event, reacts_to
from app.core.plugins import Plugins
from app.core.problems import Forbidden
from app.core.wire import In
from app.people.access import Actor, Permission
from app.service_requests import queries, telling
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import OVERSEE

F = TypeVar("F", bound=In)


class Whose(Enum):
    """Who takes a step, among those who have the right to."""

    ANYBODY = auto()
    ASSIGNEE = auto()
    """The worker it was given to, or who oversees the place."""
    REPORTER = auto()


@dataclass(frozen=True, slots=True)
class Turn(Generic[F]):
    """Somebody taking a step: the request is theirs alone until the transaction ends."""

    session: AsyncSession
    request: ServiceRequest
    form: F
    by: Actor


When: TypeAlias = Callable[[ServiceRequest], bool]
Work: TypeAlias = Callable[[Turn[F]], Awaitable[Event]]
"""What a step does to a request that may take it; it returns what has happened then."""


class Nothing(In):
    """A form without fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[F]):
    """One move of the workflow."""

    name: str
    words: tuple[str, ...]
    """What it is called in the chat and on the desk, the usual name first (message ids)."""
    by: Permission
    whose: Whose
    form: type[F]
    takes: frozenset[State]
    leaves: State | None
    """Where the request stands afterwards; None leaves it where it was."""
    event: type[Event]
    line: str
    """Its line in the timeline, a message id; may name what `timeline` fills in."""
    work: Work[F]
    answers: bool
    """Whether the reporter hears of it, so that it counts as an answer when a person takes it."""
    internal: bool
    """Whether its line is for staff alone."""
    when: When | None
    """What else must hold of the request, beyond its state."""
    while_suspended: bool

    def demand(self, request: ServiceRequest, by: Actor) -> None:
        """Refuse with `Forbidden` whose turn it is not."""
        self.by.demand(by, at=request.place.path)
        own = by.kind == "person" and by.id is not None
        if self.whose is Whose.ASSIGNEE and not (own and by.id == request.assignee_id):
            OVERSEE.demand(by, at=request.place.path)
        if self.whose is Whose.REPORTER and not (own and by.id == request.reporter_id):
            raise Forbidden(self.by.name)

    def fits(self, request: ServiceRequest) -> bool:
        """Whether the request stands where this step can be taken."""
        if request.suspended_at and not self.while_suspended:
            return False
        return request.state in self.takes and (self.when is None or self.when(request))

    def offered(self, request: ServiceRequest, by: Actor) -> bool:
        """Whether this actor could take it now."""
        try:
            self.demand(request, by)
        except Forbidden:
            return False
        return self.fits(request)


steps: Plugins[Step[Any]] = Plugins(__name__)


def step(
    name: str,
    *words: str,
    by: Permission,
    form: type[F],
    takes: frozenset[State],
    leaves: State | None,
    event: type[Event],
    line: str,
    told: telling.Sentence | None = None,
    whose: Whose = Whose.ANYBODY,
    internal: bool = False,
    when: When | None = None,
    while_suspended: bool = False,
) -> Callable[[Work[F]], Work[F]]:
    """Announce the decorated function as a step, of which the reporter is `told`."""

    def announce(work: Work[F]) -> Work[F]:
        steps.add(
            name,
            Step(
                name=name,
                words=words,
                by=by,
                whose=whose,
                form=form,
                takes=takes,
                leaves=leaves,
                event=event,
                line=line,
                work=work,
                answers=told is not None,
                internal=internal,
                when=when,
                while_suspended=while_suspended,
            ),
        )
        if told is not None:
            _tell_when_taken(name, event, told)
        return work

    return announce


def _tell_when_taken(name: str, event: type[Event], told: telling.Sentence) -> None:
    async def tell(session: AsyncSession, happened: Event, community_id: UUID) -> None:
        request_id = getattr(happened, happened.subject)
        request = await queries.whole(session, community_id, request_id)
        await telling.tell_concerned(session, request, told)

    tell.__name__ = f"tell_{name}"
    reacts_to(event)(tell)
