"""上报: the request goes up the chain of its place, and whoever comes next sees to it."""

from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import chain, remarks
from app.service_requests.events import RequestEscalated
from app.service_requests.models import UNDONE
from app.service_requests.permissions import ESCALATE
from app.service_requests.problems import TopOfTheChain
from app.service_requests.steps import Turn, step


class Escalation(In):
    """Why it goes up, if that needs saying."""

    reason: Prose | None = None


@step(
    "escalate",
    N_("上报"),
    by=ESCALATE,
    form=Escalation,
    takes=UNDONE,
    leaves=None,
    event=RequestEscalated,
    line=N_("上报{worker} {text}"),
    internal=True,
    while_suspended=True,
)
async def escalate(turn: Turn[Escalation]) -> RequestEscalated:
    """Put the next above all who have it already in charge; its worker stays its worker.

    Raises `TopOfTheChain` when there is nobody further up.
    """
    request = turn.request
    in_charge = {request.assignee_id, request.escalated_to_id, turn.by.id}
    leader_id = await chain.next_above(turn.session, request, in_charge)
    if leader_id is None:
        raise TopOfTheChain
    request.escalated_to_id = leader_id
    request.escalation += 1
    reason = turn.form.reason
    said = await remarks.add(turn.session, request, reason, internal=True) if reason else None
    return RequestEscalated(
        request_id=request.id, worker_id=leader_id, level=request.escalation, remark_id=said
    )
