"""撤回: whoever reported it does not want it any more."""

from app.core.clock import now
from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import pauses, remarks
from app.service_requests.events import RequestWithdrawn
from app.service_requests.models import UNDONE, ServiceRequest, State
from app.service_requests.permissions import WITHDRAW
from app.service_requests.problems import FollowedByOthers
from app.service_requests.steps import Turn, Whose, step


class Withdrawal(In):
    """Why, if they like to say."""

    reason: Prose | None = None


def nobody_else(request: ServiceRequest) -> bool:
    """Whether only its reporter waits for it; otherwise `FollowedByOthers`."""
    if request.followers:
        raise FollowedByOthers
    return True


@step(
    "withdraw",
    N_("撤回"),
    by=WITHDRAW,
    whose=Whose.REPORTER,
    form=Withdrawal,
    takes=UNDONE,
    leaves=State.WITHDRAWN,
    event=RequestWithdrawn,
    line=N_("居民撤回诉求 {text}"),
    when=nobody_else,
    while_suspended=True,
)
async def withdraw(turn: Turn[Withdrawal]) -> RequestWithdrawn:
    """End it; its clocks are cancelled, for nothing is owed any more."""
    await pauses.lift(turn.session, turn.request)
    turn.request.closed_at = now()
    remark_id = None
    if reason := turn.form.reason:
        remark_id = await remarks.add(turn.session, turn.request, reason, by_reporter=True)
    return RequestWithdrawn(request_id=turn.request.id, remark_id=remark_id)
