"""受理: the matter is ours to see to."""

from app.core.clock import now
from app.core.i18n import N_, _
from app.service_requests.events import RequestAccepted
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import ACCEPT
from app.service_requests.steps import Nothing, Turn, step


def told(request: ServiceRequest) -> str | None:
    """Nothing when somebody was found at once: that message says more."""
    return None if request.assignee_id else _("您反映的事项已受理，正在安排人员处理。")


@step(
    "accept",
    N_("受理"),
    by=ACCEPT,
    form=Nothing,
    takes=frozenset({State.SUBMITTED}),
    leaves=State.ACCEPTED,
    event=RequestAccepted,
    line=N_("已受理"),
    told=told,
)
async def accept(turn: Turn[Nothing]) -> RequestAccepted:
    """Note when the matter was taken on."""
    turn.request.accepted_at = now()
    return RequestAccepted(request_id=turn.request.id)
