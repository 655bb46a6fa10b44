"""派单: a worker of the place is given the request, perhaps instead of another."""

from uuid import UUID

from app.core.i18n import N_
from app.core.problems import Invalid
from app.core.wire import In
from app.people.access import Actor
from app.service_requests import assignment, routing
from app.service_requests.events import RequestAssigned
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import ASSIGN
from app.service_requests.steps import Turn, step


class Assignment(In):
    """Who is to do it."""

    worker_id: UUID


def heads_it(request: ServiceRequest, by: Actor) -> bool:
    """Whether they give out what the organisation that leads has to do."""
    return by.kind == "person" and by.id in request.heads


@step(
    "assign",
    N_("派单"),
    N_("转派"),
    by=ASSIGN,
    form=Assignment,
    takes=frozenset({State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS}),
    leaves=State.ASSIGNED,
    event=RequestAssigned,
    line=N_("已派给{worker}"),
    told=assignment.told,
    besides=heads_it,
)
async def assign(turn: Turn[Assignment]) -> RequestAssigned:
    """Give it to somebody who works at the place, of ours or of an organisation.

    The head of an organisation gives its requests to its own people.
    """
    if not ASSIGN.allows(turn.by, at=turn.request.place.path):
        await _demand_own(turn)
    before = turn.request.assignee_id
    await assignment.hand(turn.session, turn.request, turn.form.worker_id, by=turn.by)
    return RequestAssigned(
        request_id=turn.request.id, worker_id=turn.form.worker_id, instead_of_id=before
    )


async def _demand_own(turn: Turn[Assignment]) -> None:
    request = turn.request
    own: list[UUID] = []
    if request.organization_id:
        own = await routing.members(turn.session, request, request.organization_id)
    if turn.form.worker_id not in own:
        error = {"path": "worker_id", "message": "does not work for your organisation"}
        raise Invalid(errors=[error])
