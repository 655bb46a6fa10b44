"""The same thing done to many requests: each by itself, and each with its own answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import problems
from app.core.problems import Internal, NotFound
from app.people.access import Actor
from app.service_requests import queries, service, workflow
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import DESK

Act: TypeAlias = Callable[[ServiceRequest], Awaitable[ServiceRequest]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request; `problem` is None when it was done."""

    id: UUID | None
    number: int | None
    state: State | None = None
    problem: dict[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.problem is None


def step(session: AsyncSession, name: str, form: Mapping[str, Any], *, by: Actor) -> Act:
    """Taking the same step with the same form."""

    async def act(request: ServiceRequest) -> ServiceRequest:
        return await workflow.take(session, request, name, form, by=by)

    return act


def remark(session: AsyncSession, text: str, *, internal: bool, by: Actor) -> Act:
    """Adding the same words."""

    async def act(request: ServiceRequest) -> ServiceRequest:
        if internal:
            await service.note(session, request, text=text, by=by)
        else:
            await service.amend(session, request, text=text, by=by)
        return request

    return act


async def each(
    session: AsyncSession,
    act: Act,
    *,
    ids: Sequence[UUID] = (),
    numbers: Sequence[int] = (),
    by: Actor,
) -> list[Outcome]:
    """Do it to every one of these requests, or say of each why not; `Forbidden` for residents.

    A refusal undoes what was done to that request and to no other. They are taken in the order of
    their ids, so that two who name the same ones do not wait for each other.
    """
    DESK.demand_somewhere(by)
    named = ServiceRequest.id.in_(ids) if ids else ServiceRequest.number.in_(numbers)
    seen = queries.seen_by(by).where(named).order_by(ServiceRequest.id)
    outcomes: dict[UUID | int | None, Outcome] = {}
    for request in (await session.scalars(seen)).all():
        outcome = await _one(session, act, request)
        outcomes[outcome.id] = outcomes[outcome.number] = outcome
    for id_ in ids:
        outcomes.setdefault(id_, Outcome(id_, None, problem=NotFound().body()))
    for number in numbers:
        outcomes.setdefault(number, Outcome(None, number, problem=NotFound().body()))
    order: list[UUID | int] = [*ids, *numbers]
    return [outcomes[key] for key in dict.fromkeys(order)]


async def _one(session: AsyncSession, act: Act, request: ServiceRequest) -> Outcome:
    id_, number = request.id, request.number
    try:
        async with session.begin_nested():
            done = await act(request)
    except Exception as error:
        problem = problems.of(error)
        if isinstance(problem, Internal):
            raise
        return Outcome(id_, number, problem=problem.body())
    return Outcome(id_, number, state=done.state)
