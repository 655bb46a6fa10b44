"""挂起: the work waits for something, and whoever reported it is told for what."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from app.core.clock import CHINA, now
from app.core.i18n import N_, _
from app.core.wire import In, Prose
from app.service_requests import clocks, remarks, telling
from app.service_requests.events import RequestSuspended
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import HANDLE
from app.service_requests.steps import Turn, Whose, step

_LONGEST = timedelta(days=365)


def _ahead(until: datetime) -> datetime:
    if not now() < until <= now() + _LONGEST:
        message = "must lie in the next 365 days"
        raise ValueError(message)
    return until


class Suspension(In):
    """Why the work waits, which the reporter sees, and until when at the latest."""

    reason: Prose = Field(description=N_("为什么挂起？居民会看到。"))
    until: Annotated[AwareDatetime, AfterValidator(_ahead)] | None = None


def told(request: ServiceRequest) -> str | None:
    """That it waits, as long as it does; the reason is among the lines."""
    if request.suspended_at is None:
        return None
    if request.suspended_until is None:
        return _("您反映的事项暂缓办理，原因如下。")
    day = request.suspended_until.astimezone(CHINA).strftime("%m-%d")
    return _("您反映的事项暂缓办理，预计{day}恢复，原因如下。").format(day=day)


@step(
    "suspend",
    N_("挂起"),
    by=HANDLE,
    whose=Whose.ASSIGNEE,
    form=Suspension,
    takes=frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    leaves=None,
    event=RequestSuspended,
    line=N_("暂缓办理：{text}"),
    told=told,
)
async def suspend(turn: Turn[Suspension]) -> RequestSuspended:
    """Keep the reason, and let no time count."""
    request = turn.request
    request.suspended_at = now()
    request.suspended_reason, request.suspended_until = turn.form.reason, turn.form.until
    remark_id = await remarks.add(turn.session, request, turn.form.reason)
    await clocks.pause(turn.session, request)
    if turn.by.id != request.assignee_id:
        await telling.tell_worker(turn.session, request, N_("这张工单已挂起，暂不用处理。"))
    return RequestSuspended(request_id=request.id, remark_id=remark_id)
