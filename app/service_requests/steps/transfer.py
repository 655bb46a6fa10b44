"""转办: its worker hands the request on to a colleague or to another organisation, and says why."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.i18n import N_
from app.core.problems import Invalid
from app.core.wire import In, Prose
from app.service_requests import assignment, remarks, routing
from app.service_requests.events import RequestTransferred
from app.service_requests.models import State
from app.service_requests.permissions import HANDLE
from app.service_requests.steps import Turn, Whose, step


class Transfer(In):
    """Who is to do it now, a worker or whoever an organisation has for it, and why."""

    worker_id: UUID | None = Field(default=None, description=N_("转给谁？请回复姓名。"))
    organization_id: UUID | None = None
    reason: Prose = Field(description=N_("为什么转办？请写清理由，居民不会看到。"))

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.worker_id is None) == (self.organization_id is None):
            message = "give worker_id or organization_id, one of them"
            raise ValueError(message)
        return self


@step(
    "transfer",
    N_("转办"),
    by=HANDLE,
    whose=Whose.WORKER,
    form=Transfer,
    takes=frozenset({State.ASSIGNED, State.IN_PROGRESS}),
    leaves=State.ASSIGNED,
    event=RequestTransferred,
    line=N_("转给{worker} {text}"),
    told=assignment.told,
)
async def transfer(turn: Turn[Transfer]) -> RequestTransferred:
    """Give it to them, and keep the reason for staff alone."""
    request, before = turn.request, turn.request.assignee_id
    worker_id = turn.form.worker_id or await _somebody_there(turn)
    await assignment.hand(turn.session, request, worker_id, by=turn.by)
    if turn.form.organization_id:
        request.organization_id = turn.form.organization_id
    remark_id = await remarks.add(turn.session, request, turn.form.reason, internal=True)
    return RequestTransferred(
        request_id=request.id, worker_id=worker_id, instead_of_id=before, remark_id=remark_id
    )


async def _somebody_there(turn: Turn[Transfer]) -> UUID:
    """Whose turn it is in the organisation; `Invalid` when nobody of it works at the place."""
    organization_id = turn.form.organization_id
    if organization_id:
        for person_id in await routing.members(turn.session, turn.request, organization_id):
            if person_id != turn.request.assignee_id:
                return person_id
    error = {"path": "organization_id", "message": "has nobody else who works at this place"}
    raise Invalid(errors=[error])
