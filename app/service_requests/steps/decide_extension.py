"""审批延期: whether there is more time; who reported it hears of it when there is."""

from pydantic import Field

from app.core.clock import now
from app.core.i18n import N_
from app.core.wire import In, Prose
from app.people.access import Actor
from app.service_requests import clocks, remarks
from app.service_requests.events import ExtensionDecided
from app.service_requests.models import PetitionKind, ServiceRequest, State
from app.service_requests.permissions import ADJUDICATE
from app.service_requests.problems import NothingAsked
from app.service_requests.steps import Turn, step


class Decision(In):
    """Yes or no, and what the worker is told."""

    granted: bool = Field(description=N_("同意延期吗？请回复“同意”或“不同意”。"))
    answer: Prose = Field(description=N_("请写给办理人的答复，居民不会看到。"))


def asked(request: ServiceRequest) -> bool:
    """Whether it waits for a decision; otherwise `NothingAsked`."""
    if request.pending(PetitionKind.EXTENSION) is None:
        raise NothingAsked
    return True


def own(request: ServiceRequest, by: Actor) -> bool:
    """Whether they asked for it, or do the work that would have more time."""
    petition = request.pending(PetitionKind.EXTENSION)
    asked_by = petition.asked_by_id if petition else None
    return by.id is not None and by.id in {asked_by, request.assignee_id}


@step(
    "decide-extension",
    N_("审批延期"),
    by=ADJUDICATE,
    form=Decision,
    takes=frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    leaves=None,
    event=ExtensionDecided,
    line=N_("延期申请：{decision} {text}"),
    internal=True,
    when=asked,
    while_suspended=True,
    asked_it=own,
)
async def decide_extension(turn: Turn[Decision]) -> ExtensionDecided:
    """Move what is due, or leave it."""
    request, petition = turn.request, turn.request.pending(PetitionKind.EXTENSION)
    if petition is None or petition.extra is None:
        raise NothingAsked
    petition.granted, petition.answer = turn.form.granted, turn.form.answer
    petition.decided_by_id = turn.by.id if turn.by.kind == "person" else None
    petition.decided_at = now()
    if turn.form.granted:
        await clocks.extend(turn.session, request, petition.extra)
        await clocks.answered(turn.session, request)
    remark_id = await remarks.add(turn.session, request, turn.form.answer, internal=True)
    return ExtensionDecided(
        request_id=request.id,
        petition_id=petition.id,
        granted=turn.form.granted,
        remark_id=remark_id,
    )
