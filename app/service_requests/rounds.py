"""The work on a request beginning anew: it was not resolved, or it was taken up again."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.people import access
from app.service_requests import assignment, policies
from app.service_requests.models import PetitionKind, ServiceRequest, State
from app.service_requests.permissions import HANDLE
from app.service_requests.problems import TooLateToReopen


async def in_time(session: AsyncSession, request: ServiceRequest) -> None:
    """Refuse with `TooLateToReopen` what was closed longer ago than the policy allows."""
    policy = await policies.of(session, request.community_id)
    if request.closed_at and now() > request.closed_at + timedelta(days=policy.reopen_days):
        raise TooLateToReopen


async def able(session: AsyncSession, request: ServiceRequest) -> UUID | None:
    """Its worker, if they may still do what is to be done there."""
    if request.assignee_id is None:
        return None
    worker = await access.person(session, request.community_id, request.assignee_id)
    return worker.id if HANDLE.allows(worker, at=request.place.path) else None


def begin(request: ServiceRequest, worker_id: UUID | None) -> None:
    """Give the next round of the work to somebody; with nobody, it has to find its worker again.

    What was said about the last round stays in the record of the request, not on the request, and
    a wish for more time that nobody had decided is none any more.
    """
    request.round += 1
    request.accepted_at = request.accepted_at or now()
    request.completed_at = request.closed_at = None
    request.outcome = request.reason = request.right_channel = None
    request.score = request.rating_comment = None
    if asked := request.pending(PetitionKind.EXTENSION):
        asked.granted, asked.decided_at = False, now()
    if worker_id is None:
        request.state, request.assignee_id = State.ACCEPTED, None
    else:
        request.state = State.ASSIGNED
        assignment.give(request, worker_id)
