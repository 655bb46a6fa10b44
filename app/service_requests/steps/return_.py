"""退单: its worker says that the request is not theirs, and asks to be rid of it."""

from pydantic import Field

from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import assignment
from app.service_requests.events import ReturnAsked
from app.service_requests.models import PetitionKind, ServiceRequest, State
from app.service_requests.permissions import HANDLE
from app.service_requests.problems import PetitionPending, ReturnRefusedBefore
from app.service_requests.steps import Turn, Whose, step


class Return(In):
    """Why it is not theirs."""

    reason: Prose = Field(description=N_("为什么退单？请写清理由，居民不会看到。"))


def returnable(request: ServiceRequest) -> bool:
    """Whether its worker may ask: not while a petition pends, and never after a refusal."""
    if request.pending(PetitionKind.RETURN):
        raise PetitionPending
    if any(
        each.kind is PetitionKind.RETURN
        and each.granted is False
        and each.asked_by_id == request.assignee_id
        for each in request.petitions
    ):
        raise ReturnRefusedBefore
    return True


@step(
    "return",
    N_("退单"),
    by=HANDLE,
    whose=Whose.WORKER,
    form=Return,
    takes=frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    leaves=None,
    event=ReturnAsked,
    line=N_("申请退单：{text}"),
    internal=True,
    when=returnable,
)
async def ask_to_return(turn: Turn[Return]) -> ReturnAsked:
    """Put the petition down; the request stays with its worker until it is decided."""
    said = dict(turn.form, kind=PetitionKind.RETURN)
    return ReturnAsked(**await assignment.ask(turn.session, turn.request, by=turn.by, **said))
