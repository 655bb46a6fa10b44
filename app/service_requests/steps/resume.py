"""恢复: what the work waited for is there, or the time of waiting is over."""

from app.core.i18n import N_, _
from app.service_requests import pauses, telling
from app.service_requests.events import RequestResumed
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import HANDLE
from app.service_requests.problems import NotSuspended
from app.service_requests.steps import Nothing, Turn, Whose, step


def suspended(request: ServiceRequest) -> bool:
    """Whether it waits; otherwise `NotSuspended`."""
    if request.suspended_at is None:
        raise NotSuspended
    return True


def told(request: ServiceRequest) -> str | None:
    """By when it will be done now."""
    due = telling.clock(request)
    return _("您反映的事项恢复办理，预计{due}前办结。").format(due=due)


@step(
    "resume",
    N_("恢复"),
    by=HANDLE,
    whose=Whose.ASSIGNEE,
    form=Nothing,
    takes=frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    leaves=None,
    event=RequestResumed,
    line=N_("恢复办理"),
    told=told,
    when=suspended,
    while_suspended=True,
)
async def resume(turn: Turn[Nothing]) -> RequestResumed:
    """Let time count again."""
    await pauses.lift(turn.session, turn.request)
    if turn.by.id != turn.request.assignee_id:
        await telling.tell_worker(turn.session, turn.request, N_("挂起的工单已恢复，请继续办理。"))
    return RequestResumed(request_id=turn.request.id)
