"""Going back to ask (回访): what the answer means for the work.

Who is not content has the work begin again. The first time it goes back to its worker, the second
time to the leader of the area; after that it stays as it is, and the leader decides.
"""

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import N_
from app.core.wire import In, Prose
from app.people.access import Actor
from app.service_requests import chain, remarks, rounds
from app.service_requests.events import RequestSentBack, RequestVisited
from app.service_requests.models import ReturnVisit, ServiceRequest
from app.service_requests.problems import AlreadyVisited

_TO_THE_LEADER = 1
"""So often was the answer bad before, when the leader gets the work."""


class Verdict(In):
    """Whether the matter is resolved, and whether whoever reported it is satisfied."""

    resolved: bool = Field(description=N_("问题解决了吗？请回复“是”或“否”。"))
    satisfied: bool = Field(description=N_("居民满意吗？请回复“是”或“否”。"))
    comment: Prose | None = None


def awaited(request: ServiceRequest) -> bool:
    """Whether nobody has asked yet about the work as it stands; otherwise `AlreadyVisited`."""
    if request.visit:
        raise AlreadyVisited
    return True


async def keep(
    session: AsyncSession,
    request: ServiceRequest,
    verdict: Verdict,
    *,
    by: Actor,
    by_reporter: bool = False,
) -> tuple[RequestVisited, RequestSentBack | None]:
    """Keep what was said of this round, and begin the next one where that is what follows."""
    spoilt = sum(not visit.good for visit in request.visits)
    asked_by = by.id if by.kind == "person" and not by_reporter else None
    visit = ReturnVisit(
        community_id=request.community_id,
        request_id=request.id,
        round=request.round,
        resolved=verdict.resolved,
        satisfied=verdict.satisfied,
        comment=verdict.comment,
        by_reporter=by_reporter,
        by_id=asked_by,
    )
    session.add(visit)
    request.visit_resolved, request.visit_satisfied = verdict.resolved, verdict.satisfied
    remark_id = None
    if verdict.comment:
        remark_id = await remarks.add(session, request, verdict.comment, by_reporter=by_reporter)
    visited = RequestVisited(
        request_id=request.id,
        round=request.round,
        resolved=verdict.resolved,
        satisfied=verdict.satisfied,
        remark_id=remark_id,
    )
    if visit.good or spoilt > _TO_THE_LEADER:
        return visited, None
    return visited, await _send_back(session, request, to_leader=spoilt == _TO_THE_LEADER)


async def _send_back(
    session: AsyncSession, request: ServiceRequest, *, to_leader: bool
) -> RequestSentBack:
    in_charge = {request.assignee_id, request.escalated_to_id}
    leader_id = await chain.next_above(session, request, in_charge) if to_leader else None
    if leader_id:
        request.escalated_to_id = leader_id
        request.escalation += 1
    rounds.begin(request, leader_id or await rounds.able(session, request))
    return RequestSentBack(
        request_id=request.id,
        worker_id=request.assignee_id,
        round=request.round,
        to_leader=leader_id is not None,
    )
