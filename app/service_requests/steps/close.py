"""结案: nothing is left to do."""

from app.core.clock import now
from app.core.i18n import N_
from app.service_requests.events import RequestWasClosed
from app.service_requests.models import ServiceRequest, State, VisitPolicy
from app.service_requests.permissions import CLOSE
from app.service_requests.problems import VisitFirst
from app.service_requests.steps import Nothing, Turn, step


def visited(request: ServiceRequest) -> bool:
    """Whether who reported it was asked, where that has to be; otherwise `VisitFirst`."""
    called = request.category.visit_policy is VisitPolicy.CALLED and request.reporter_id
    if called and request.visit is None:
        raise VisitFirst
    return True


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
    when=visited,
)
async def close(turn: Turn[Nothing]) -> RequestWasClosed:
    """Note when the file was closed."""
    turn.request.closed_at = now()
    return RequestWasClosed(request_id=turn.request.id)
