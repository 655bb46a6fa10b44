"""结束协办: somebody need not work along any more."""

from uuid import UUID

from pydantic import Field

from app.core.clock import now
from app.core.i18n import N_
from app.service_requests.events import CoHandlerReleased
from app.service_requests.models import UNDONE, ServiceRequest
from app.service_requests.permissions import CONVENE
from app.service_requests.problems import NotHelping
from app.service_requests.steps import Turn, Whose, step
from app.service_requests.steps.convene import Helper


class Release(Helper):
    """Who need not work along any more."""

    person_id: UUID | None = Field(default=None, description=N_("谁不再协办？请回复姓名。"))


def helped(request: ServiceRequest) -> bool:
    """Whether anybody works along; `NotHelping` when nobody does."""
    if all(row.ended_at for row in request.co_handlers):
        raise NotHelping
    return True


@step(
    "release",
    N_("结束协办"),
    by=CONVENE,
    whose=Whose.ASSIGNEE,
    form=Release,
    takes=UNDONE,
    leaves=None,
    event=CoHandlerReleased,
    line=N_("协办结束"),
    internal=True,
    when=helped,
    while_suspended=True,
)
async def release(turn: Turn[Release]) -> CoHandlerReleased:
    """End it; `NotHelping` when it is not they who work along."""
    for row in turn.request.co_handlers:
        if turn.form.is_of(row):
            row.ended_at = now()
            return CoHandlerReleased(request_id=turn.request.id, co_handler_id=row.id)
    raise NotHelping
