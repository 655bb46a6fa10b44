"""What follows from what happens to a request: it finds its worker, and people are told."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.files import File
from app.core.i18n import N_
from app.people.access import system
from app.people.events import PeopleMerged
from app.people.models import Role
from app.service_requests import queries, routing, telling, workflow
from app.service_requests.events import (
    RequestAmended,
    RequestAssigned,
    RequestFiled,
)
from app.service_requests.models import Remark, ServiceRequest, State


@reacts_to(RequestFiled)
async def route(session: AsyncSession, event: RequestFiled, community_id: UUID) -> None:
    """Take the matter on and give it to whose it is; if there is nobody, tell the managers."""
    request = await queries.whole(session, community_id, event.request_id, lock=True)
    if request.state is not State.SUBMITTED:
        return
    worker_id = await routing.worker_for(session, request)
    if worker_id is None:
        for person_id in await routing.nearest(session, request, Role.MANAGER, Role.ADMIN):
            await telling.tell(
                session,
                request,
                person_id,
                purpose=telling.ATTENTION,
                sentence=N_("有一件诉求没有找到处理人，请受理并派单。"),
            )
        return
    by = system(community_id)
    await workflow.take(session, request, "accept", {}, by=by)
    await workflow.take(session, request, "assign", {"worker_id": worker_id}, by=by)


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


@reacts_to(PeopleMerged)
async def follow_the_person(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """What one entry of the register reported, was given or sent is the other's."""
    for column in (ServiceRequest.reporter_id, ServiceRequest.assignee_id, File.uploaded_by):
        table = column.class_
        theirs = (table.community_id == community_id, column == event.gone_id)
        await session.execute(update(table).where(*theirs).values({column.key: event.kept_id}))
