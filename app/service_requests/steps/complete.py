"""完成: the worker says what was done, and the resident is asked how it went."""

from uuid import UUID

from pydantic import Field

from app.core.clock import now
from app.core.i18n import N_, _
from app.core.wire import In, Prose
from app.service_requests import photos, remarks
from app.service_requests.events import RequestCompleted
from app.service_requests.models import ServiceRequest, Stage, State, VisitPolicy
from app.service_requests.permissions import HANDLE
from app.service_requests.steps import Turn, Whose, step


class Completion(In):
    """What was done, with photos where they show it."""

    note: Prose
    photos: list[UUID] = Field(default_factory=list, max_length=photos.MOST)


def told(request: ServiceRequest) -> str | None:
    """That it is done, and how to rate it, or first whether it is resolved."""
    if request.category.visit_policy is not VisitPolicy.ASKED:
        return _("已办完，回复“评价 {number} 5”打分。").format(number=request.number)
    return _(
        "已办完，问题解决了吗？回复“解决 {number}”或“未解决 {number}”，"
        "也可回复“评价 {number} 5”打分。"
    ).format(number=request.number)


@step(
    "complete",
    N_("完成"),
    N_("办结"),
    by=HANDLE,
    whose=Whose.ASSIGNEE,
    form=Completion,
    takes=frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    leaves=State.COMPLETED,
    event=RequestCompleted,
    line=N_("已完成：{text}"),
    told=told,
    others_told=N_("您关注的事项已办完。"),
)
async def complete(turn: Turn[Completion]) -> RequestCompleted:
    """Keep the worker's note and photos."""
    shown = await photos.owned(turn.session, turn.form.photos, by=turn.by)
    remark_id = await remarks.add(turn.session, turn.request, turn.form.note)
    await photos.put(turn.session, turn.request, shown, stage=Stage.OUTCOME, remark_id=remark_id)
    turn.request.outcome = turn.form.note
    turn.request.completed_at = now()
    return RequestCompleted(request_id=turn.request.id, remark_id=remark_id)
