"""协办反馈: somebody who works along tells whoever leads the work what they did."""

from pydantic import Field

from app.core.clock import now
from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import remarks
from app.service_requests.events import CoHandlerReported
from app.service_requests.models import UNDONE, CoHandler
from app.service_requests.permissions import HANDLE
from app.service_requests.problems import NotHelping
from app.service_requests.steps import Turn, Whose, step


class Report(In):
    """What was done."""

    report: Prose = Field(description=N_("请说说协办情况，居民不会看到。"))


@step(
    "report-back",
    N_("协办反馈"),
    by=HANDLE,
    whose=Whose.CO_HANDLER,
    form=Report,
    takes=UNDONE,
    leaves=None,
    event=CoHandlerReported,
    line=N_("协办反馈：{text}"),
    internal=True,
    while_suspended=True,
)
async def report_back(turn: Turn[Report]) -> CoHandlerReported:
    """Keep what they report; an earlier report stays in the record."""
    row = _theirs(turn)
    row.report, row.reported_at = turn.form.report, now()
    remark_id = await remarks.add(turn.session, turn.request, turn.form.report, internal=True)
    return CoHandlerReported(request_id=turn.request.id, co_handler_id=row.id, remark_id=remark_id)


def _theirs(turn: Turn[Report]) -> CoHandler:
    """What they were asked themselves before what their organisation was."""
    rows = [each for each in turn.request.co_handlers if turn.by.id in each.people]
    if not rows:
        raise NotHelping
    return min(rows, key=lambda row: row.person_id is None)
