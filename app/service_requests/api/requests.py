"""Requests: filing, reading, taking steps, adding remarks."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request, Response

from app.core.database import existing
from app.core.i18n import _
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.core.wire import Code
from app.people.access import Actor, Me
from app.service_requests import intake, queries, service, workflow
from app.service_requests.models import ServiceRequest
from app.service_requests.problems import (
    AnonymityNotOffered,
    CategoryWithdrawn,
    FormEnded,
    PhotoTaken,
    RequestClosed,
    StepNotOffered,
)
from app.service_requests.schemas.requests import (
    UNSEEN,
    RemarkIn,
    RequestIn,
    RequestWhole,
    StepOut,
    TimelineOut,
)
from app.service_requests.timeline import timeline

router = APIRouter(prefix="/api/v1/service-requests", tags=["service-requests"], route_class=Route)


async def held(session: Session, me: Me, request_id: UUID) -> ServiceRequest:
    """The request of this id, if the caller may see it."""
    seen = queries.visible_to(me).where(ServiceRequest.id == request_id)
    return await existing(session, seen)


Held = Annotated[ServiceRequest, Depends(held)]


async def held_alone(session: Session, me: Me, request_id: UUID, http: Request) -> ServiceRequest:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    seen = queries.seen_by(me).where(ServiceRequest.id == request_id)
    if await session.scalar(seen.with_only_columns(ServiceRequest.id)) is None:
        raise NotFound
    alone = await queries.whole(session, me.community_id, request_id, lock=True)
    matches(http, alone.version)
    return alone


HeldAlone = Annotated[ServiceRequest, Depends(held_alone)]


async def whole(
    session: Session, request: ServiceRequest, me: Actor, response: Response
) -> RequestWhole:
    """The request as its reader sees it, with the steps they could take.

    What staff settle among themselves is for those who handle it alone.
    """
    response.headers["ETag"] = etag(request.version)
    shown = RequestWhole.model_validate(request)
    if not await queries.handles(session, request, me):
        shown = shown.model_copy(update=UNSEEN)
    offered = workflow.offered(request, me)
    shown.steps = [StepOut(name=step.name, label=_(step.words[0])) for step in offered]
    return shown


@router.post(
    "",
    status_code=201,
    responses=problems(
        Forbidden, Invalid, AnonymityNotOffered, CategoryWithdrawn, FormEnded, PhotoTaken
    ),
)
async def file_request(
    session: Session, me: Me, asked: RequestIn, response: Response
) -> RequestWhole:
    """Ask for something, for oneself or on behalf of a resident."""
    filed = await intake.receive(session, asked, by=me)
    request = await queries.whole(session, filed.community_id, filed.id)
    return await whole(session, request, me, response)


@router.get("/{request_id}", responses=problems(NotFound))
async def read_request(session: Session, me: Me, request: Held, response: Response) -> RequestWhole:
    """A request with everything that belongs to it."""
    return await whole(session, request, me, response)


@router.get("/{request_id}/timeline", response_model=TimelineOut, responses=problems(NotFound))
async def read_timeline(session: Session, me: Me, request: Held) -> dict[str, object]:
    """What happened to a request, oldest first; internal remarks for staff alone."""
    return {"items": await timeline(session, request, me=me)}


@router.post(
    "/{request_id}/steps/{step}",
    responses=problems(NotFound, Forbidden, StepNotOffered, Changed, Invalid),
)
async def take_step(
    session: Session,
    me: Me,
    request: HeldAlone,
    *,
    step: Code,
    form: Annotated[dict[str, Any], Body()],
    response: Response,
) -> RequestWhole:
    """Take the next step of a request's workflow; each step has its own form."""
    taken = await workflow.take(session, request, step, form, by=me, alone=True)
    return await whole(session, taken, me, response)


@router.post(
    "/{request_id}/remarks",
    status_code=201,
    response_model=TimelineOut,
    responses=problems(NotFound, Forbidden, RequestClosed, PhotoTaken),
)
async def add_remark(
    session: Session, me: Me, request: Held, remark: RemarkIn
) -> dict[str, object]:
    """Add words or photos to a request; the answer is its timeline."""
    if remark.internal:
        await service.note(session, request, text=remark.text or "", by=me)
    else:
        await service.amend(session, request, text=remark.text, photos=remark.photos, by=me)
    return {"items": await timeline(session, request, me=me)}
