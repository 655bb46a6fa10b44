"""What follows from what happens to a request: it finds its worker, and people are told."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.facts import reacts_to, record
from app.core.files import File
from app.core.i18n import N_, _
from app.organizations.models import Organization
from app.people.access import system
from app.people.events import PeopleMerged
from app.people.models import Role
from app.service_requests import chain, queries, routing, telling, workflow
from app.service_requests.events import (
    RequestAmended,
    RequestAssigned,
    RequestFiled,
    RequestOffered,
    RequestReclassified,
    RequestReopened,
    RequestSentBack,
    ReturnDecided,
)
from app.service_requests.models import (
    UNDONE,
    CategoryPartner,
    CoHandler,
    Dispatch,
    Petition,
    Remark,
    ServiceRequest,
    State,
)


@reacts_to(RequestFiled)
async def route(session: AsyncSession, event: RequestFiled, community_id: UUID) -> None:
    """Take the matter on, give it to whose it is, and call those who always work along."""
    request = await queries.whole(session, community_id, event.request_id, lock=True)
    if request.state is State.SUBMITTED:
        request = await _dispatch(session, request)
    if request.state in UNDONE:
        await _call_partners(session, request)


@reacts_to(ReturnDecided)
async def route_anew(session: AsyncSession, event: ReturnDecided, community_id: UUID) -> None:
    """Find somebody else for what its worker was allowed to give back."""
    if event.granted:
        await _find_somebody(session, community_id, event.request_id)


@reacts_to(RequestSentBack)
async def route_again(session: AsyncSession, event: RequestSentBack, community_id: UUID) -> None:
    """Find somebody for what its worker cannot do again, because they do not work there now."""
    await _find_somebody(session, community_id, event.request_id)


@reacts_to(RequestReopened)
async def route_once_more(
    session: AsyncSession, event: RequestReopened, community_id: UUID
) -> None:
    """Find somebody for what was taken up again, when it has no worker."""
    await _find_somebody(session, community_id, event.request_id)


async def _find_somebody(session: AsyncSession, community_id: UUID, request_id: UUID) -> None:
    request = await queries.whole(session, community_id, request_id, lock=True)
    if request.state is State.ACCEPTED and request.assignee_id is None:
        await _dispatch(session, request)


@reacts_to(RequestReclassified)
async def route_as_another_kind(
    session: AsyncSession, event: RequestReclassified, community_id: UUID
) -> None:
    """Send what nobody has yet the way of its category, and call those who always work along."""
    request = await queries.whole(session, community_id, event.request_id, lock=True)
    waits = request.state in (State.SUBMITTED, State.ACCEPTED) and request.suspended_at is None
    if waits and request.assignee_id is None:
        request = await _dispatch(session, request)
    if request.state in UNDONE:
        await _call_partners(session, request)


async def _dispatch(session: AsyncSession, request: ServiceRequest) -> ServiceRequest:
    """Let the request go the way of its category; if there is nobody, tell the managers."""
    how, by = request.category.dispatch, system(request.community_id)
    found = [] if how is Dispatch.HAND else await routing.candidates(session, request)
    if not found and how is not Dispatch.HAND:
        managers = await routing.nearest(session, request, Role.MANAGER, Role.ADMIN)
        sentence = N_("有一件诉求没有找到处理人，请受理并派单。")
        await _tell_each(session, request, managers, telling.ATTENTION, sentence)
        return request
    if request.state is State.SUBMITTED:
        request = await workflow.take(session, request, "accept", {}, by=by)
    if how is Dispatch.HAND:
        over = await chain.over(session, request)
        sentence = N_("有一件诉求等待派单，请指定处理人。")
        await _tell_each(session, request, over, telling.ATTENTION, sentence)
    elif how is Dispatch.TAKING:
        await record(session, RequestOffered(request_id=request.id), by=by)
    else:
        form = {"worker_id": found[0]}
        request = await workflow.take(session, request, "assign", form, by=by)
    return request


async def _call_partners(session: AsyncSession, request: ServiceRequest) -> None:
    """Let the organisations that work along on every request of its category do so, once."""
    partners = (
        select(CategoryPartner.organization_id)
        .join(
            Organization,
            (Organization.community_id == CategoryPartner.community_id)
            & (Organization.id == CategoryPartner.organization_id),
        )
        .where(
            CategoryPartner.community_id == request.community_id,
            CategoryPartner.category_id == request.category_id,
            Organization.active,
        )
        .order_by(CategoryPartner.id)
    )
    called = {request.organization_id, *(each.organization_id for each in request.co_handlers)}
    by = system(request.community_id)
    for organization_id in await session.scalars(partners):
        if organization_id not in called:
            form = {"organization_id": organization_id}
            await workflow.take(session, request, "convene", form, by=by)


async def _tell_each(
    session: AsyncSession,
    request: ServiceRequest,
    people: list[UUID],
    purpose: str,
    sentence: telling.Sentence,
) -> None:
    for person_id in people:
        await telling.tell(session, request, person_id, purpose=purpose, sentence=sentence)


def _on_offer(request: ServiceRequest) -> str:
    return _("有新工单可抢，回复“抢单 {number}”。").format(number=request.number)


@reacts_to(RequestOffered)
async def offer(session: AsyncSession, event: RequestOffered, community_id: UUID) -> None:
    """Tell everybody who could take it, while nobody has."""
    request = await queries.whole(session, community_id, event.request_id)
    if request.state is State.ACCEPTED and request.assignee_id is None:
        people = await routing.candidates(session, request)
        await _tell_each(session, request, people, telling.ASSIGNED, _on_offer)


@reacts_to(RequestAssigned)
async def tell_the_workers(
    session: AsyncSession, event: RequestAssigned, community_id: UUID
) -> None:
    """Tell the worker who has it now, and the one who need not do it any more."""
    request = await queries.whole(session, community_id, event.request_id)
    if request.assignee_id == event.worker_id:
        await telling.tell(
            session,
            request,
            event.worker_id,
            purpose=telling.ASSIGNED,
            sentence=N_("您有一张新工单，请及时处理。"),
        )
    if event.instead_of_id and request.assignee_id != event.instead_of_id:
        await telling.tell(
            session,
            request,
            event.instead_of_id,
            purpose=telling.ATTENTION,
            sentence=N_("这张工单已改派他人，您无需再处理。"),
        )


@reacts_to(RequestAmended)
async def pass_on(session: AsyncSession, event: RequestAmended, community_id: UUID) -> None:
    """Show what the reporter added to the worker, and what staff added to the reporter."""
    request = await queries.whole(session, community_id, event.request_id)
    remark = await session.get_one(Remark, (community_id, event.remark_id))
    if not remark.by_reporter:
        sentence = N_("社区工作人员回复了您反映的事项。")
        await telling.tell_concerned(session, request, sentence, note=remark.text)
    elif request.assignee_id:
        await telling.tell(
            session,
            request,
            request.assignee_id,
            purpose=telling.ATTENTION,
            sentence=N_("居民对工单作了补充。"),
            note=remark.text,
        )


_THEIRS = (
    ServiceRequest.reporter_id,
    ServiceRequest.assignee_id,
    ServiceRequest.first_handler_id,
    ServiceRequest.escalated_to_id,
    Petition.asked_by_id,
    Petition.decided_by_id,
    CoHandler.person_id,
    File.uploaded_by,
)


@reacts_to(PeopleMerged)
async def follow_the_person(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """What one entry of the register reported, was given or sent is the other's."""
    await _end_doubles(session, event, community_id)
    for column in _THEIRS:
        table = column.class_
        theirs = (table.community_id == community_id, column == event.gone_id)
        await session.execute(update(table).where(*theirs).values({column.key: event.kept_id}))


async def _end_doubles(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """Where both work along on one request, let it be once."""
    kept = aliased(CoHandler)
    twice = (
        select(kept.request_id)
        .where(kept.community_id == community_id, kept.person_id == event.kept_id)
        .where(kept.ended_at.is_(None))
    )
    doubles = update(CoHandler).where(
        CoHandler.community_id == community_id,
        CoHandler.person_id == event.gone_id,
        CoHandler.ended_at.is_(None),
        CoHandler.request_id.in_(twice),
    )
    await session.execute(doubles.values(ended_at=now()))
