"""派单: a worker of the place is given the request, perhaps instead of another."""

from uuid import UUID

from app.core.i18n import N_, _
from app.core.problems import Invalid
from app.core.wire import In
from app.people import access
from app.service_requests import assignment, telling
from app.service_requests.events import RequestAssigned
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import ASSIGN, HANDLE
from app.service_requests.problems import AlreadyAssigned
from app.service_requests.steps import Turn, step


class Assignment(In):
    """Who is to do it."""

    worker_id: UUID


def told(request: ServiceRequest) -> str | None:
    """Who comes, and until when."""
    name = request.assignee.name if request.assignee else None
    return _("{worker}来处理，预计{due}前办结。").format(
        worker=name or _("工作人员"), due=telling.clock(request)
    )


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
    told=told,
)
async def assign(turn: Turn[Assignment]) -> RequestAssigned:
    """Give it to somebody who works at the place; `Invalid` when they do not."""
    if turn.form.worker_id == turn.request.assignee_id:
        raise AlreadyAssigned
    worker = await access.person(turn.session, turn.request.community_id, turn.form.worker_id)
    if not HANDLE.allows(worker, at=turn.request.place.path):
        raise Invalid(errors=[{"path": "worker_id", "message": "does not work at this place"}])
    before = turn.request.assignee_id
    assignment.give(turn.request, turn.form.worker_id)
    return RequestAssigned(
        request_id=turn.request.id, worker_id=turn.form.worker_id, instead_of_id=before
    )
