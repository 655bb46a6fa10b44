"""What staff tell each other about a request, none of which is for the resident."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import N_
from app.organizations.models import Member
from app.service_requests import assignment, chain, queries, telling
from app.service_requests.events import (
    CoHandlerAdded,
    CoHandlerReleased,
    CoHandlerReported,
    RequestCompleted,
    RequestEscalated,
    RequestSupervised,
    RequestTransferred,
    RequestWasClosed,
    ReturnAsked,
    ReturnDecided,
)
from app.service_requests.models import CoHandler, Petition, Remark, ServiceRequest


async def _tell(
    session: AsyncSession,
    request: ServiceRequest,
    people: Iterable[UUID | None],
    sentence: str,
    *,
    remark_id: UUID | None = None,
) -> None:
    """Tell each of them once, with the words of the remark."""
    remark = await session.get_one(Remark, (request.community_id, remark_id)) if remark_id else None
    for person_id in dict.fromkeys(people):
        if person_id:
            await telling.tell(
                session,
                request,
                person_id,
                purpose=telling.ATTENTION,
                sentence=sentence,
                note=remark.text if remark else None,
            )


@reacts_to(RequestTransferred)
async def tell_whom_it_went_to(
    session: AsyncSession, event: RequestTransferred, community_id: UUID
) -> None:
    """Tell the new worker, and why it is theirs now."""
    request = await queries.whole(session, community_id, event.request_id)
    if request.assignee_id == event.worker_id:
        sentence = N_("同事转来一张工单，请及时处理。")
        await _tell(session, request, [event.worker_id], sentence, remark_id=event.remark_id)


@reacts_to(ReturnAsked)
async def ask_to_decide(session: AsyncSession, event: ReturnAsked, community_id: UUID) -> None:
    """Tell the nearest who may decide it."""
    request = await queries.whole(session, community_id, event.request_id)
    petition = await session.get_one(Petition, (community_id, event.petition_id))
    over = await chain.over(session, request, but=petition.asked_by_id)
    sentence = N_("有工单申请退单，请裁定。")
    await _tell(session, request, over, sentence, remark_id=event.remark_id)


@reacts_to(ReturnDecided)
async def tell_the_decision(
    session: AsyncSession, event: ReturnDecided, community_id: UUID
) -> None:
    """Tell whoever asked to be rid of it."""
    request = await queries.whole(session, community_id, event.request_id)
    petition = await session.get_one(Petition, (community_id, event.petition_id))
    refused = N_("退单申请未获同意，请继续办理。")
    sentence = N_("退单申请已获同意，您无需再处理。") if event.granted else refused
    await _tell(session, request, [petition.asked_by_id], sentence, remark_id=event.remark_id)


@reacts_to(RequestEscalated)
async def tell_the_leader(
    session: AsyncSession, event: RequestEscalated, community_id: UUID
) -> None:
    """Tell whoever is in charge of it now."""
    request = await queries.whole(session, community_id, event.request_id)
    sentence = N_("有工单上报给您，请督促办理。")
    await _tell(session, request, [event.worker_id], sentence, remark_id=event.remark_id)


@reacts_to(RequestSupervised)
async def hurry_the_worker(
    session: AsyncSession, event: RequestSupervised, community_id: UUID
) -> None:
    """Tell the worker, and whoever received it first, what is expected."""
    request = await queries.whole(session, community_id, event.request_id)
    people = [request.assignee_id, await assignment.first_handler(session, request)]
    sentence = N_("这张工单已被督办，请抓紧办理。")
    await _tell(session, request, people, sentence, remark_id=event.remark_id)


@reacts_to(CoHandlerAdded)
async def ask_for_help(session: AsyncSession, event: CoHandlerAdded, community_id: UUID) -> None:
    """Tell who is to work along: the person, or the heads of the organisation."""
    request = await queries.whole(session, community_id, event.request_id)
    people = _helpers(request, event.co_handler_id)
    sentence = N_("请您协办一张工单。")
    await _tell(session, request, people, sentence, remark_id=event.remark_id)


@reacts_to(CoHandlerReported)
async def pass_the_report_on(
    session: AsyncSession, event: CoHandlerReported, community_id: UUID
) -> None:
    """Tell whoever leads the work."""
    request = await queries.whole(session, community_id, event.request_id)
    sentence = N_("协办人反馈了办理情况。")
    await _tell(session, request, [request.assignee_id], sentence, remark_id=event.remark_id)


@reacts_to(CoHandlerReleased)
async def tell_the_helpers(
    session: AsyncSession, event: CoHandlerReleased, community_id: UUID
) -> None:
    """Tell who was to work along that they need not."""
    request = await queries.whole(session, community_id, event.request_id)
    people = _helpers(request, event.co_handler_id)
    await _tell(session, request, people, N_("这张工单不再需要您协办。"))


def _helpers(request: ServiceRequest, co_handler_id: UUID) -> list[UUID]:
    """Who is told for a row: the person, or the organisation's heads, or all without any."""
    row: CoHandler = next(each for each in request.co_handlers if each.id == co_handler_id)
    if row.person_id:
        return [row.person_id]
    heads: list[Member] = [member for member in row.members if member.head]
    return [member.person_id for member in heads or row.members]


@reacts_to(RequestCompleted)
async def tell_who_answers_for_it(
    session: AsyncSession, event: RequestCompleted, community_id: UUID
) -> None:
    """Tell whoever received it first that somebody else says it is done."""
    request = await queries.whole(session, community_id, event.request_id)
    first = await assignment.first_handler(session, request)
    await _tell(session, request, [first], N_("您首接的工单已办完，请跟进核实。"))


@reacts_to(RequestWasClosed)
async def tell_who_answered_for_it(
    session: AsyncSession, event: RequestWasClosed, community_id: UUID
) -> None:
    """Tell whoever received it first that the file is closed."""
    request = await queries.whole(session, community_id, event.request_id)
    first = await assignment.first_handler(session, request)
    await _tell(session, request, [first], N_("您首接的工单已结案。"))
