"""抢单: the first to take a request that is on offer has it."""

from app.core.i18n import N_
from app.service_requests import assignment
from app.service_requests.events import RequestTaken
from app.service_requests.models import Dispatch, ServiceRequest, State
from app.service_requests.permissions import TAKE
from app.service_requests.problems import AlreadyTaken
from app.service_requests.steps import Nothing, Turn, Whose, step


def on_offer(request: ServiceRequest) -> bool:
    """Whether nobody has it yet; `AlreadyTaken` when somebody was quicker."""
    if request.category.dispatch is not Dispatch.TAKING:
        return False
    if request.assignee_id is not None:
        raise AlreadyTaken
    return True


@step(
    "take",
    N_("抢单"),
    by=TAKE,
    whose=Whose.PERSON,
    form=Nothing,
    takes=frozenset({State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS}),
    leaves=State.ASSIGNED,
    event=RequestTaken,
    line=N_("{worker}接单"),
    told=assignment.told,
    when=on_offer,
)
async def take(turn: Turn[Nothing]) -> RequestTaken:
    """Make whoever takes it its worker."""
    await assignment.receive(turn.session, turn.request, turn.person_id, by=turn.by)
    return RequestTaken(request_id=turn.request.id, worker_id=turn.person_id)
