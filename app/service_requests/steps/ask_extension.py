"""申请延期: the worker needs more time, and says why."""

from pydantic import Field

from app.core.i18n import N_
from app.core.ids import new_id
from app.core.wire import In, Prose
from app.service_requests import remarks
from app.service_requests.events import ExtensionAsked
from app.service_requests.limits import LimitText
from app.service_requests.models import Petition, PetitionKind, ServiceRequest, State
from app.service_requests.permissions import HANDLE
from app.service_requests.problems import PetitionPending
from app.service_requests.steps import Turn, Whose, step


class Asking(In):
    """How much more time, as `2d` or `3wd`, and what for."""

    extra: LimitText = Field(description=N_("需要延长多久？比如“2d”是2天，“3wd”是3个工作日。"))
    reason: Prose = Field(description=N_("为什么延期？居民不会看到。"))


def unasked(request: ServiceRequest) -> bool:
    """Whether nothing waits for a decision; otherwise `PetitionPending`."""
    if request.pending(PetitionKind.EXTENSION):
        raise PetitionPending
    return True


@step(
    "ask-extension",
    N_("申请延期"),
    by=HANDLE,
    whose=Whose.ASSIGNEE,
    form=Asking,
    takes=frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    leaves=None,
    event=ExtensionAsked,
    line=N_("申请延期：{text}"),
    internal=True,
    when=unasked,
)
async def ask_extension(turn: Turn[Asking]) -> ExtensionAsked:
    """Put it before the leader; nothing changes until it is decided."""
    request = turn.request
    petition = Petition(
        community_id=request.community_id,
        id=new_id(),
        request_id=request.id,
        kind=PetitionKind.EXTENSION,
        extra=turn.form.extra,
        reason=turn.form.reason,
        asked_by_id=turn.by.id if turn.by.kind == "person" else None,
    )
    turn.session.add(petition)
    remark_id = await remarks.add(turn.session, request, turn.form.reason, internal=True)
    return ExtensionAsked(request_id=request.id, petition_id=petition.id, remark_id=remark_id)
