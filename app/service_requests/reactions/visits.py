"""What follows when a worker needs time, and when a resident urges or says how it went."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import N_, _
from app.people.access import system
from app.service_requests import chain, queries, telling, workflow
from app.service_requests.events import (
    ExtensionAsked,
    ExtensionDecided,
    RequestReopened,
    RequestSentBack,
    RequestUrged,
    RequestVisited,
    RequestWithdrawn,
)
from app.service_requests.models import ENDED, UNDONE, Petition, Remark, ServiceRequest, State

_OFTEN = 2
"""From the second time on, those above the worker hear of it too."""


async def _words(session: AsyncSession, community_id: UUID, remark_id: UUID | None) -> str | None:
    remark = await session.get_one(Remark, (community_id, remark_id)) if remark_id else None
    return remark.text if remark else None


async def _tell(
    session: AsyncSession,
    request: ServiceRequest,
    people: Iterable[UUID | None],
    sentence: str,
    *,
    note: str | None,
) -> None:
    """Tell each of them once."""
    for person_id in dict.fromkeys(people):
        if person_id:
            to = telling.ATTENTION
            await telling.tell(
                session, request, person_id, purpose=to, sentence=sentence, note=note
            )


@reacts_to(ExtensionAsked)
async def ask_for_time(session: AsyncSession, event: ExtensionAsked, community_id: UUID) -> None:
    """Tell the nearest who may decide it."""
    request = await queries.whole(session, community_id, event.request_id)
    petition = await session.get_one(Petition, (community_id, event.petition_id))
    over = await chain.over(session, request, but=petition.asked_by_id)
    sentence = N_("有工单申请延期，请审批。")
    await _tell(session, request, over, sentence, note=petition.reason)


def _moved(request: ServiceRequest) -> str:
    due = telling.clock(request)
    return _("您反映的事项需要更多时间，预计{due}前办结。").format(due=due)


@reacts_to(ExtensionDecided)
async def tell_of_the_time(
    session: AsyncSession, event: ExtensionDecided, community_id: UUID
) -> None:
    """Tell whoever asked and, when there is more time, those who wait for it."""
    request = await queries.whole(session, community_id, event.request_id)
    petition = await session.get_one(Petition, (community_id, event.petition_id))
    refused = N_("延期申请未获同意，请按期办结。")
    sentence = N_("延期申请已获同意。") if event.granted else refused
    people = [petition.asked_by_id, request.assignee_id]
    await _tell(session, request, people, sentence, note=petition.answer)
    if event.granted and request.state in UNDONE:
        await telling.tell_concerned(session, request, _moved)


@reacts_to(RequestUrged)
async def hurry_them(session: AsyncSession, event: RequestUrged, community_id: UUID) -> None:
    """Tell the worker; and those above them, when it is not the first time or nobody has it."""
    request = await queries.whole(session, community_id, event.request_id)
    if request.state not in UNDONE:
        return
    note = await _words(session, community_id, event.remark_id)
    await telling.tell_worker(session, request, N_("居民催单，请尽快处理。"), note=note)
    if event.nth >= _OFTEN or request.assignee_id is None:
        over = await chain.over(session, request, but=request.assignee_id)
        people = [request.escalated_to_id, *over]
        await _tell(session, request, people, N_("居民催单，请督促办理。"), note=note)


@reacts_to(RequestWithdrawn)
async def call_it_off(session: AsyncSession, event: RequestWithdrawn, community_id: UUID) -> None:
    """Tell the worker that nothing is left to do."""
    request = await queries.whole(session, community_id, event.request_id)
    note = await _words(session, community_id, event.remark_id)
    await telling.tell_worker(session, request, N_("居民撤回了诉求，您无需再处理。"), note=note)


@reacts_to(RequestVisited)
async def conclude(session: AsyncSession, event: RequestVisited, community_id: UUID) -> None:
    """Close what its reporter is content with, and let a leader decide what they never are."""
    request = await queries.whole(session, community_id, event.request_id, lock=True)
    visit = request.visit
    if visit is None or visit.round != event.round:
        return
    if not visit.good:
        sentence = N_("居民多次表示未解决，请决定如何办理。")
        leader = request.escalated_to_id
        people = [leader] if leader else await chain.over(session, request)
        await _tell(session, request, people, sentence, note=visit.comment)
    elif visit.by_reporter and request.state not in ENDED | UNDONE:
        await workflow.take(session, request, "close", {}, by=system(community_id))


def _again(request: ServiceRequest) -> str:
    due = telling.clock(request)
    return _("很抱歉没有办好，已退回重新办理，预计{due}前办结。").format(due=due)


@reacts_to(RequestSentBack)
async def do_it_again(session: AsyncSession, event: RequestSentBack, community_id: UUID) -> None:
    """Tell those who wait for it, and whoever has to do it now."""
    request = await queries.whole(session, community_id, event.request_id)
    if request.round != event.round or request.state not in UNDONE:
        return
    await telling.tell_concerned(session, request, _again)
    if request.assignee_id != event.worker_id:
        return
    said = {visit.round: visit.comment for visit in request.visits}
    own = N_("居民表示未解决，请重新办理。")
    sentence = N_("居民再次表示未解决，请您接手办理。") if event.to_leader else own
    await telling.tell_worker(session, request, sentence, note=said.get(event.round - 1))


@reacts_to(RequestReopened)
async def take_it_up(session: AsyncSession, event: RequestReopened, community_id: UUID) -> None:
    """Tell the worker that it is to be done again, and why."""
    request = await queries.whole(session, community_id, event.request_id)
    if request.state is not State.ASSIGNED:
        return
    note = await _words(session, community_id, event.remark_id)
    await telling.tell_worker(session, request, N_("工单需要重新办理，请及时处理。"), note=note)
