"""What follows when time runs short, and when it ran out: who can help it is told."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import N_
from app.people.access import system
from app.people.models import Role
from app.service_requests import assignment, chain, clocks, queries, routing, telling, workflow
from app.service_requests.events import ClockBreached, ClockWarned
from app.service_requests.models import Clock, ClockKind, ClockState, ServiceRequest
from app.service_requests.problems import StepNotOffered, TopOfTheChain

_SOON = {
    ClockKind.FIRST_ANSWER: N_("首次答复时限快到了，请尽快答复居民。"),
    ClockKind.NEXT_UPDATE: N_("进展更新时限快到了，请告知居民进展。"),
    ClockKind.RESOLUTION: N_("办理时限快到了，请尽快办结。"),
}
_LATE = {
    ClockKind.FIRST_ANSWER: N_("首次答复已超时，请尽快答复居民。"),
    ClockKind.NEXT_UPDATE: N_("进展更新已超时，请告知居民进展。"),
    ClockKind.RESOLUTION: N_("工单已超过办理时限，请尽快处理。"),
}
_GOES_UP = frozenset({ClockKind.FIRST_ANSWER, ClockKind.RESOLUTION})


async def _clock(
    session: AsyncSession, event: ClockWarned | ClockBreached, community_id: UUID
) -> Clock:
    this = select(Clock).where(
        Clock.community_id == community_id,
        Clock.request_id == event.request_id,
        Clock.kind == event.clock,
        Clock.round == event.round,
    )
    return (await session.scalars(this)).one()


@reacts_to(ClockWarned)
async def hint(session: AsyncSession, event: ClockWarned, community_id: UUID) -> None:
    """Tell the worker, and who answers for it to the end, that there is little time left."""
    clock = await _clock(session, event, community_id)
    if clock.state is not ClockState.RUNNING:
        return
    request = await queries.whole(session, community_id, event.request_id)
    found = (request.assignee_id, await assignment.first_handler(session, request))
    workers = [person_id for person_id in found if person_id]
    to = workers or await chain.over(session, request)
    await _tell(session, request, to, _SOON[clock.kind])


@reacts_to(ClockBreached)
async def hurry(session: AsyncSession, event: ClockBreached, community_id: UUID) -> None:
    """Tell the worker and the nearest leader that time ran out, and take it up the chain.

    What was done meanwhile, if late, needs no hurrying.
    """
    clock = await _clock(session, event, community_id)
    if clock.stopped_at:
        return
    request = await queries.whole(session, community_id, event.request_id)
    worker = [request.assignee_id] if request.assignee_id else []
    to = [*worker, *await chain.over(session, request, but=request.assignee_id)]
    if clock.kind in _GOES_UP and not await _went_up(session, request):
        to += await routing.nearest(session, request, Role.MANAGER, Role.ADMIN)
    await _tell(session, request, to, _LATE[clock.kind])


async def _went_up(session: AsyncSession, request: ServiceRequest) -> bool:
    """Whether there was somebody to take the request to."""
    try:
        await workflow.take(session, request, "escalate", {}, by=system(request.community_id))
    except (TopOfTheChain, StepNotOffered):
        return False
    return True


async def _tell(
    session: AsyncSession, request: ServiceRequest, people: list[UUID], sentence: str
) -> None:
    for person_id in dict.fromkeys(people):
        await telling.tell(
            session, request, person_id, purpose=telling.ATTENTION, sentence=sentence
        )


@reacts_to(ClockBreached)
async def count_as_late(session: AsyncSession, event: ClockBreached, community_id: UUID) -> None:
    """Let the figures know of what ran out at once, and not only when it is done."""
    if column := clocks.OUTCOMES.get(ClockKind(event.clock)):
        late = (
            ServiceRequest.community_id == community_id,
            ServiceRequest.id == event.request_id,
            column.is_(None),
        )
        noted = {column.key: False, "updated_at": ServiceRequest.updated_at}
        await session.execute(update(ServiceRequest).where(*late).values(noted))
