"""开始: the worker is at it."""

from app.core.i18n import N_
from app.service_requests.events import RequestStarted
from app.service_requests.models import State
from app.service_requests.permissions import HANDLE
from app.service_requests.steps import Nothing, Turn, Whose, step


@step(
    "start",
    N_("开始"),
    by=HANDLE,
    whose=Whose.ASSIGNEE,
    form=Nothing,
    takes=frozenset({State.ASSIGNED}),
    leaves=State.IN_PROGRESS,
    event=RequestStarted,
    line=N_("开始处理"),
    told=N_("您反映的事项正在处理。"),
)
async def start(turn: Turn[Nothing]) -> RequestStarted:
    """Nothing is noted but the fact."""
    return RequestStarted(request_id=turn.request.id)
