"""协办: a colleague or an organisation is asked to work along."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.i18n import N_
from app.core.ids import new_id
from app.core.problems import Invalid
from app.core.wire import In, Prose
from app.organizations.models import Organization
from app.people import access
from app.service_requests import remarks
from app.service_requests.events import CoHandlerAdded
from app.service_requests.models import UNDONE, CoHandler, ServiceRequest
from app.service_requests.permissions import CONVENE, HANDLE
from app.service_requests.problems import AlreadyHelping
from app.service_requests.steps import Turn, Whose, step


class Helper(In):
    """A person or an organisation."""

    person_id: UUID | None = None
    organization_id: UUID | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.person_id is None) == (self.organization_id is None):
            message = "give person_id or organization_id, one of them"
            raise ValueError(message)
        return self

    def is_of(self, row: CoHandler) -> bool:
        """Whether it is they who work along by this row."""
        same = (row.person_id, row.organization_id) == (self.person_id, self.organization_id)
        return same and row.ended_at is None


class Convening(Helper):
    """Who is to work along, and on what."""

    person_id: UUID | None = Field(default=None, description=N_("请谁协办？请回复姓名。"))
    asked: Prose | None = None


@step(
    "convene",
    N_("协办"),
    by=CONVENE,
    whose=Whose.ASSIGNEE,
    form=Convening,
    takes=UNDONE,
    leaves=None,
    event=CoHandlerAdded,
    line=N_("请{worker}协办 {text}"),
    internal=True,
    while_suspended=True,
)
async def convene(turn: Turn[Convening]) -> CoHandlerAdded:
    """Let them work along; `AlreadyHelping` when they do, and `Invalid` for who is not of us."""
    request, form = turn.request, turn.form
    if _works_on(request, form):
        raise AlreadyHelping
    await _demand_known(turn)
    row = CoHandler(
        community_id=request.community_id,
        id=new_id(),
        request_id=request.id,
        person_id=form.person_id,
        organization_id=form.organization_id,
        asked=form.asked,
    )
    turn.session.add(row)
    said = (
        await remarks.add(turn.session, request, form.asked, internal=True) if form.asked else None
    )
    return CoHandlerAdded(
        request_id=request.id,
        co_handler_id=row.id,
        worker_id=form.person_id,
        organization_id=form.organization_id,
        remark_id=said,
    )


def _works_on(request: ServiceRequest, form: Convening) -> bool:
    """Whether they work along, or lead the work themselves."""
    if any(form.is_of(row) for row in request.co_handlers):
        return True
    if form.person_id:
        return form.person_id == request.assignee_id
    return form.organization_id == request.organization_id


async def _demand_known(turn: Turn[Convening]) -> None:
    """Refuse with `Invalid` who does not work for the community, here or in another place of it."""
    community_id, form = turn.request.community_id, turn.form
    if form.person_id:
        person = await access.person(turn.session, community_id, form.person_id)
        known, path = bool(HANDLE.paths(person)), "person_id"
    else:
        key = (community_id, form.organization_id)
        organization = await turn.session.get(Organization, key)
        known, path = organization is not None and organization.active, "organization_id"
    if not known:
        raise Invalid(errors=[{"path": path, "message": "does not work here"}])
