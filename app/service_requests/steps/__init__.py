"""The steps a request can take: one file each, found by looking.

A step's file holds its form, who may take it, its words in the chat, its event, the states it
takes and leaves, what it does, and what the resident is told. To add one is to add a file.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Event, reacts_to
from app.core.plugins import Plugins
from app.core.problems import Forbidden, Problem
from app.core.wire import In
from app.people.access import Actor, Permission
from app.service_requests import queries, telling
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import OVERSEE
from app.service_requests.problems import OwnWork

F = TypeVar("F", bound=In)


class Whose(Enum):
    """Who takes a step, among those who have the right to."""

    ANYBODY = auto()
    ANOTHER = auto()
    """Anybody but its worker: nobody checks what they did themselves."""
    PERSON = auto()
    """Anybody but a program: what it leads to happens to whoever takes it."""
    ASSIGNEE = auto()
    """The worker it was given to, or who oversees the place."""
    WORKER = auto()
    """The worker it was given to, and nobody in their stead."""
    CO_HANDLER = auto()
    """Somebody who works along on it, wherever else they have the right."""
    REPORTER = auto()
    CONCERNED = auto()
    """Whoever reported it, or follows it."""


RESIDENTS = frozenset({Whose.REPORTER, Whose.CONCERNED})
"""Their steps are for who waits for the work, and not for who does it."""


@dataclass(frozen=True, slots=True)
class Turn(Generic[F]):
    """Somebody taking a step: the request is theirs alone until the transaction ends."""

    session: AsyncSession
    request: ServiceRequest
    form: F
    by: Actor
    also: list[Event] = field(default_factory=list)
    """What has happened besides, to be recorded after the step's own event."""

    @property
    def person_id(self) -> UUID:
        """Who takes it, where that has to be a person; `Forbidden` for anybody else."""
        if self.by.kind != "person" or self.by.id is None:
            raise Forbidden
        return self.by.id


When: TypeAlias = Callable[[ServiceRequest], bool]
"""What else must hold of a request; it may raise the problem that says why it does not."""
Besides: TypeAlias = Callable[[ServiceRequest, Actor], bool]
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
    """What is asked, in this order; the description of a field is its question in the chat."""
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
    besides: Besides | None
    """Who may take it without having the right."""
    asked_it: Besides | None
    """Whose own wish it would decide: that is for somebody else."""

    def demand(self, request: ServiceRequest, by: Actor) -> None:
        """Refuse with `Forbidden` whose turn it is not, and with `OwnWork` who checks their own."""
        if self.besides and self.besides(request, by):
            return
        if self.whose is Whose.CO_HANDLER:
            self.by.demand_somewhere(by)
        else:
            self.by.demand(by, at=request.place.path)
        if self.asked_it and self.asked_it(request, by):
            raise OwnWork
        if self.whose is Whose.ANOTHER and by.id is not None and by.id == request.assignee_id:
            raise OwnWork
        if _is(self.whose, request, by):
            return
        if self.whose is not Whose.ASSIGNEE:
            raise Forbidden(self.by.name)
        OVERSEE.demand(by, at=request.place.path)

    def fits(self, request: ServiceRequest) -> bool:
        """Whether the request stands where this step can be taken.

        Raises the problem that says why not, where there is one.
        """
        if request.suspended_at and not self.while_suspended:
            return False
        return request.state in self.takes and (self.when is None or self.when(request))

    def offered(self, request: ServiceRequest, by: Actor) -> bool:
        """Whether this actor could take it now."""
        try:
            self.demand(request, by)
            return self.fits(request)
        except Problem:
            return False


def _is(whose: Whose, request: ServiceRequest, by: Actor) -> bool:
    """Whether the actor is, to this request, what it takes."""
    if whose in {Whose.ANYBODY, Whose.ANOTHER}:
        return True
    if by.kind != "person" or by.id is None:
        return False
    match whose:
        case Whose.ASSIGNEE | Whose.WORKER:
            whom = {request.assignee_id}
        case Whose.CO_HANDLER:
            whom = {*request.helping}
        case Whose.REPORTER:
            whom = {request.reporter_id}
        case Whose.CONCERNED:
            whom = {request.reporter_id, *(each.person_id for each in request.followers)}
        case _:
            return True
    return by.id in whom


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
    others_told: telling.Sentence | None = None,
    whose: Whose = Whose.ANYBODY,
    internal: bool = False,
    when: When | None = None,
    while_suspended: bool = False,
    besides: Besides | None = None,
    asked_it: Besides | None = None,
) -> Callable[[Work[F]], Work[F]]:
    """Announce the decorated function as a step, of which the reporter is `told`.

    Who follows the request is told the same, or else what the others are told.
    """

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
                besides=besides,
                asked_it=asked_it,
            ),
        )
        if told is not None:
            _tell_when_taken(name, event, told, others_told or told)
        return work

    return announce


def _tell_when_taken(
    name: str, event: type[Event], told: telling.Sentence, others_told: telling.Sentence
) -> None:
    async def tell(session: AsyncSession, happened: Event, community_id: UUID) -> None:
        request_id = getattr(happened, happened.subject)
        request = await queries.whole(session, community_id, request_id)
        await telling.tell_concerned(session, request, told, others=others_told)

    tell.__name__ = f"tell_{name}"
    reacts_to(event)(tell)
