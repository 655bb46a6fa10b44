"""重新办理: a matter that had ended is taken up again."""

from pydantic import Field

from app.core.i18n import N_, _
from app.core.wire import In, Prose
from app.people.access import Actor
from app.service_requests import remarks, rounds, telling
from app.service_requests.events import RequestReopened
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import REOPEN
from app.service_requests.steps import Turn, step


class Reopening(In):
    """Why it is not over."""

    reason: Prose = Field(description=N_("为什么重新办理？居民会看到。"))


def reporter(request: ServiceRequest, by: Actor) -> bool:
    """Whether it is whoever reported it, and it was not turned down but done."""
    own = by.kind == "person" and by.id is not None and by.id == request.reporter_id
    return own and request.state is State.CLOSED


def told(request: ServiceRequest) -> str | None:
    """By when it will be done now."""
    due = telling.clock(request)
    return _("您反映的事项已重新办理，预计{due}前办结。").format(due=due)


@step(
    "reopen",
    N_("重新办理"),
    by=REOPEN,
    besides=reporter,
    form=Reopening,
    takes=frozenset({State.CLOSED, State.REJECTED}),
    leaves=None,
    event=RequestReopened,
    line=N_("重新办理：{text}"),
    told=told,
)
async def reopen(turn: Turn[Reopening]) -> RequestReopened:
    """Begin the next round with the worker it had, or with whoever is found.

    Refuses its reporter with `TooLateToReopen` when it ended long ago; staff are not bound by that.
    """
    request, by = turn.request, turn.by
    if not REOPEN.allows(by, at=request.place.path):
        await rounds.in_time(turn.session, request)
    own = by.kind == "person" and by.id == request.reporter_id
    remark_id = await remarks.add(turn.session, request, turn.form.reason, by_reporter=own)
    rounds.begin(request, await rounds.able(turn.session, request))
    return RequestReopened(request_id=request.id, remark_id=remark_id)
