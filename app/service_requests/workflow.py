"""Taking a step: what is allowed from where, decided in one place for every door."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import problems
from app.core.facts import record
from app.core.problems import NotFound
from app.people.access import Actor
from app.service_requests import clocks, queries
from app.service_requests.models import DONE, UNDONE, ServiceRequest, State
from app.service_requests.problems import StepNotOffered
from app.service_requests.steps import Step, Turn, steps

steps.load()


def nobody(by: Actor) -> Actor:
    """Somebody of the same community, without a name."""
    return Actor(by.community_id, "anonymous", None)


def shown(by: Actor, request: ServiceRequest) -> Actor:
    """The actor as the record may name them: whoever reported anonymously stays nobody."""
    hidden = {follower.person_id for follower in request.followers if follower.hidden}
    if request.anonymous and request.reporter_id:
        hidden.add(request.reporter_id)
    return nobody(by) if by.id in hidden else by


def offered(request: ServiceRequest, by: Actor) -> list[Step[Any]]:
    """The steps that this actor could take now."""
    return [step for _, step in steps if step.offered(request, by)]


async def take(
    session: AsyncSession,
    request: ServiceRequest,
    step_name: str,
    form: Mapping[str, Any],
    *,
    by: Actor,
    alone: bool = False,
) -> ServiceRequest:
    """Take a step of the workflow, or change nothing at all.

    `alone` says that the caller holds the request, whole and for themselves, since they read it.
    Raises `NotFound` for a step that does not exist, `StepNotOffered` where it cannot be taken,
    `Forbidden` for whose turn it is not, `Invalid` with the paths of the fields at fault, and what
    the step itself refuses.
    """
    step = steps.get(step_name)
    if step is None:
        raise NotFound
    async with session.begin_nested():
        if not alone:
            request = await queries.whole(session, request.community_id, request.id, lock=True)
        if not step.fits(request):
            raise StepNotOffered
        step.demand(request, by)
        before = request.state
        turn = Turn(session, request, _filled(step, form), by)
        events = [await step.work(turn), *turn.also]
        request.state = step.leaves or request.state
        await _set_clocks(session, request, step, before, by)
        await session.flush()
        for event in events:
            await record(session, event, by=shown(by, request))
    return await queries.whole(session, request.community_id, request.id)


async def _set_clocks(
    session: AsyncSession, request: ServiceRequest, step: Step[Any], before: State, by: Actor
) -> None:
    """What a step means to the clocks: somebody answered, the work ended, it began again."""
    own = by.kind == "person" and by.id == request.reporter_id
    if step.answers and by.kind != "system" and not own:
        await clocks.answered(session, request)
    if before in UNDONE and request.state not in UNDONE:
        await clocks.finish(session, request, met=request.state in DONE)
    if before not in UNDONE and request.state in UNDONE:
        await clocks.restart(session, request)


def _filled(step: Step[Any], form: Mapping[str, Any]) -> Any:
    try:
        return step.form.model_validate(dict(form))
    except ValidationError as error:
        raise problems.of_fields(error) from error
