"""不予受理: the matter is not ours, and it is said why and whose it is."""

from app.core.clock import now
from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import pauses, remarks
from app.service_requests.events import RequestRejected
from app.service_requests.models import State
from app.service_requests.permissions import REJECT
from app.service_requests.steps import Turn, step


class Rejection(In):
    """Why it is not ours, and where it can be taken instead."""

    reason: Prose
    channel: Prose


@step(
    "reject",
    N_("不予受理"),
    by=REJECT,
    form=Rejection,
    takes=frozenset({State.SUBMITTED, State.ACCEPTED, State.ASSIGNED}),
    leaves=State.REJECTED,
    event=RequestRejected,
    line=N_("不予受理：{text} 办理途径：{channel}"),
    told=N_("您反映的事项不属于本社区受理范围，原因和办理途径如下。"),
    while_suspended=True,
)
async def reject(turn: Turn[Rejection]) -> RequestRejected:
    """Keep the reason and the right channel, and close the file."""
    session, request, form = turn.session, turn.request, turn.form
    await pauses.lift(session, request)
    request.reason, request.right_channel = form.reason, form.channel
    request.closed_at = now()
    return RequestRejected(
        request_id=request.id,
        remark_id=await remarks.add(session, request, form.reason),
        channel_id=await remarks.add(session, request, form.channel),
    )
