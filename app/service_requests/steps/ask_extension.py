"""申请延期: the worker needs more time, and says why."""

from pydantic import Field

from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import assignment
from app.service_requests.events import ExtensionAsked
from app.service_requests.limits import LimitText
from app.service_requests.models import PetitionKind, ServiceRequest, State
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
    said = dict(turn.form, kind=PetitionKind.EXTENSION)
    return ExtensionAsked(**await assignment.ask(turn.session, turn.request, by=turn.by, **said))
