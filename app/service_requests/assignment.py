"""Giving a request to somebody: whoever has it first answers for it to the end (首接负责)."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.i18n import _
from app.core.problems import Invalid
from app.organizations.models import Member, Organization
from app.people import access
from app.people.access import Actor
from app.service_requests import remarks, routing, telling
from app.service_requests.models import Petition, PetitionKind, ServiceRequest
from app.service_requests.permissions import HANDLE
from app.service_requests.problems import AlreadyAssigned


def give(request: ServiceRequest, worker_id: UUID) -> None:
    """Make somebody its worker; a clock that runs goes on running."""
    request.assignee_id = worker_id
    request.assigned_at = now()
    request.first_handler_id = request.first_handler_id or worker_id


async def hand(
    session: AsyncSession, request: ServiceRequest, worker_id: UUID, *, by: Actor
) -> None:
    """Give the request to somebody who works at its place.

    Raises `AlreadyAssigned` when they have it, and `Invalid` when they do not work there.
    """
    if worker_id == request.assignee_id:
        raise AlreadyAssigned
    worker = await access.person(session, request.community_id, worker_id)
    if not HANDLE.allows(worker, at=request.place.path):
        raise Invalid(errors=[{"path": "worker_id", "message": "does not work at this place"}])
    await receive(session, request, worker_id, by=by)


async def receive(
    session: AsyncSession, request: ServiceRequest, worker_id: UUID, *, by: Actor
) -> None:
    """Make somebody its worker, and their organisation the one that leads the work.

    What the worker before them asked in order to be rid of it, they have.
    """
    give(request, worker_id)
    await _lead(session, request, worker_id)
    if asked := request.pending(PetitionKind.RETURN):
        decide(asked, granted=True, by=by)


async def ask(
    session: AsyncSession, request: ServiceRequest, *, by: Actor, reason: str, **columns: Any
) -> dict[str, UUID]:
    """Keep what a worker asks for until it is decided; returns what the event of it names."""
    petition = Petition(
        community_id=request.community_id, request_id=request.id, reason=reason, **columns
    )
    petition.asked_by_id = by.id if by.kind == "person" else None
    session.add(petition)
    remark_id = await remarks.add(session, request, reason, internal=True)
    return {"request_id": request.id, "petition_id": petition.id, "remark_id": remark_id}


def decide(asked: Petition, *, granted: bool, by: Actor, answer: str | None = None) -> None:
    """Note what was decided about a petition, by whom and when."""
    asked.granted, asked.answer, asked.decided_at = granted, answer, now()
    asked.decided_by_id = by.id if by.kind == "person" else None


async def _lead(session: AsyncSession, request: ServiceRequest, worker_id: UUID) -> None:
    """Let the worker's organisation lead, or nobody's when one of the community's own does it.

    An organisation that has nobody here stays responsible, whoever of ours sees to it.
    """
    theirs = (
        select(Member.organization_id)
        .join(Member.organization)
        .where(
            Member.community_id == request.community_id,
            Member.person_id == worker_id,
            Member.ended_at.is_(None),
            Organization.active,
        )
        .order_by(Member.id)
    )
    organizations = list(await session.scalars(theirs))
    leads = request.organization_id
    if leads in organizations:
        return
    if organizations:
        request.organization_id = organizations[0]
    elif leads and await routing.members(session, request, leads):
        request.organization_id = None


def told(request: ServiceRequest) -> str | None:
    """Who comes, and until when, as whoever reported it is told."""
    name = request.assignee.name if request.assignee else None
    return _("{worker}来处理，预计{due}前办结。").format(
        worker=name or _("工作人员"), due=telling.clock(request)
    )


async def first_handler(session: AsyncSession, request: ServiceRequest) -> UUID | None:
    """Who received it first and answers for it, when somebody else does it now.

    None when they do it themselves, or do not work here any more.
    """
    first = request.first_handler_id
    if first is None or first == request.assignee_id:
        return None
    person = await access.person(session, request.community_id, first)
    return first if person.is_staff else None
