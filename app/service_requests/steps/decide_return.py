"""裁定: it is decided whether a worker may give the request back."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.i18n import N_
from app.core.wire import In, Prose
from app.people.access import Actor
from app.service_requests import assignment, clocks, remarks
from app.service_requests.events import RequestAssigned, ReturnDecided
from app.service_requests.models import PetitionKind, ServiceRequest, State
from app.service_requests.permissions import ADJUDICATE
from app.service_requests.problems import NothingAsked
from app.service_requests.steps import Turn, step


class Adjudication(In):
    """Whether it is granted, why, and who is to do it instead; with nobody, the rule says who."""

    granted: bool = Field(description=N_("同意退单吗？请回复“同意”或“不同意”。"))
    answer: Prose = Field(description=N_("请写明裁定理由，居民不会看到。"))
    worker_id: UUID | None = None

    @model_validator(mode="after")
    def _stays_when_refused(self) -> Self:
        if self.worker_id and not self.granted:
            message = "what is not granted goes to nobody else"
            raise ValueError(message)
        return self


def asked(request: ServiceRequest) -> bool:
    """Whether there is something to decide; `NothingAsked` when there is not."""
    if request.pending(PetitionKind.RETURN) is None:
        raise NothingAsked
    return True


def own(request: ServiceRequest, by: Actor) -> bool:
    """Whether they asked to be rid of it."""
    petition = request.pending(PetitionKind.RETURN)
    return petition is not None and by.id is not None and by.id == petition.asked_by_id


@step(
    "decide-return",
    N_("裁定"),
    by=ADJUDICATE,
    form=Adjudication,
    takes=frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    leaves=None,
    event=ReturnDecided,
    line=N_("退单裁定：{decision} {text}"),
    internal=True,
    when=asked,
    asked_it=own,
)
async def decide_return(turn: Turn[Adjudication]) -> ReturnDecided:
    """Let the request go where it was decided."""
    request, form = turn.request, turn.form
    petition = request.pending(PetitionKind.RETURN)
    if petition is None:
        raise NothingAsked
    assignment.decide(petition, granted=form.granted, by=turn.by, answer=form.answer)
    if form.worker_id:
        await _give(turn, form.worker_id)
    elif form.granted:
        request.assignee_id = request.assigned_at = None
        request.state = State.ACCEPTED
    remark_id = await remarks.add(turn.session, request, form.answer, internal=True)
    return ReturnDecided(
        request_id=request.id, petition_id=petition.id, granted=form.granted, remark_id=remark_id
    )


async def _give(turn: Turn[Adjudication], worker_id: UUID) -> None:
    """Give it to somebody else at once, of which the reporter is told as of any assignment."""
    await assignment.hand(turn.session, turn.request, worker_id, by=turn.by)
    turn.request.state = State.ASSIGNED
    turn.also.append(RequestAssigned(request_id=turn.request.id, worker_id=worker_id))
    if turn.by.kind != "system":
        await clocks.answered(turn.session, turn.request)
