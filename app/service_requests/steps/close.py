"""结案: nothing is left to do."""

from app.core.clock import now
from app.core.i18n import N_
from app.service_requests.events import RequestWasClosed
from app.service_requests.models import State
from app.service_requests.permissions import CLOSE
from app.service_requests.steps import Nothing, Turn, step


@step(
    "close",
    N_("结案"),
    by=CLOSE,
    form=Nothing,
    takes=frozenset({State.COMPLETED, State.VERIFIED}),
    leaves=State.CLOSED,
    event=RequestWasClosed,
    line=N_("已结案"),
    told=N_("您反映的事项已结案，感谢您的支持。"),
)
async def close(turn: Turn[Nothing]) -> RequestWasClosed:
    """Note when the file was closed."""
    turn.request.closed_at = now()
    return RequestWasClosed(request_id=turn.request.id)
