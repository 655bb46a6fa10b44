"""核查: somebody else makes sure that it is done."""

from app.core.i18n import N_
from app.service_requests.events import RequestVerified
from app.service_requests.models import State
from app.service_requests.permissions import VERIFY
from app.service_requests.problems import OwnWork
from app.service_requests.steps import Nothing, Turn, step


@step(
    "verify",
    N_("核查"),
    by=VERIFY,
    form=Nothing,
    takes=frozenset({State.COMPLETED}),
    leaves=State.VERIFIED,
    event=RequestVerified,
    line=N_("已核查"),
    told=N_("您反映的事项已核查，处理结果属实。"),
)
async def verify(turn: Turn[Nothing]) -> RequestVerified:
    """Refuse with `OwnWork` whoever was to do the work."""
    if turn.by.id is not None and turn.by.id == turn.request.assignee_id:
        raise OwnWork
    return RequestVerified(request_id=turn.request.id)
