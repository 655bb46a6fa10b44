"""督办: a leader watches over the request, and hurries whoever has it."""

from pydantic import Field

from app.core.clock import now
from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import remarks
from app.service_requests.events import RequestSupervised
from app.service_requests.models import UNDONE
from app.service_requests.permissions import SUPERVISE
from app.service_requests.steps import Turn, step


class Supervision(In):
    """What is expected."""

    text: Prose = Field(description=N_("督办要求是什么？居民不会看到。"))


@step(
    "supervise",
    N_("督办"),
    by=SUPERVISE,
    form=Supervision,
    takes=UNDONE,
    leaves=None,
    event=RequestSupervised,
    line=N_("督办：{text}"),
    internal=True,
    while_suspended=True,
)
async def supervise(turn: Turn[Supervision]) -> RequestSupervised:
    """Mark it, and keep what is expected for staff alone."""
    turn.request.supervised_at = now()
    remark_id = await remarks.add(turn.session, turn.request, turn.form.text, internal=True)
    return RequestSupervised(request_id=turn.request.id, remark_id=remark_id)
