"""核查: somebody else makes sure that it is done."""

from app.core.i18n import N_
from app.service_requests.events import RequestVerified
from app.service_requests.models import State
from app.service_requests.permissions import VERIFY
from app.service_requests.steps import Nothing, Turn, Whose, step


@step(
    "verify",
    N_("核查"),
    by=VERIFY,
    whose=Whose.ANOTHER,
    form=Nothing,
    takes=frozenset({State.COMPLETED}),
    leaves=State.VERIFIED,
    event=RequestVerified,
    line=N_("已核查"),
    told=N_("您反映的事项已核查，处理结果属实。"),
)
async def verify(turn: Turn[Nothing]) -> RequestVerified:
    """Nothing is noted but the fact."""
    return RequestVerified(request_id=turn.request.id)
