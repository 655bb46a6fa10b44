"""记工时: how long somebody worked on it, so that the load can be shown."""

from typing import Annotated

from pydantic import Field

from app.core.i18n import N_
from app.core.ids import new_id
from app.core.wire import In, Prose
from app.service_requests.events import EffortLogged
from app.service_requests.models import Effort, State
from app.service_requests.permissions import LOG_EFFORT
from app.service_requests.steps import Turn, Whose, step


class Worked(In):
    """Minutes, a day at most, and what was done in them."""

    minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        description=N_("用了多少分钟？请回复数字，比如“30”。")
    )
    note: Prose | None = None


@step(
    "log-effort",
    N_("记工时"),
    by=LOG_EFFORT,
    whose=Whose.PERSON,
    form=Worked,
    takes=frozenset(State) - {State.SUBMITTED, State.MERGED},
    leaves=None,
    event=EffortLogged,
    line=N_("记录用时{minutes}分钟"),
    internal=True,
    while_suspended=True,
)
async def log_effort(turn: Turn[Worked]) -> EffortLogged:
    """Keep it, as often as somebody worked."""
    effort = Effort(
        community_id=turn.request.community_id,
        id=new_id(),
        request_id=turn.request.id,
        person_id=turn.person_id,
        minutes=turn.form.minutes,
        note=turn.form.note,
    )
    turn.session.add(effort)
    return EffortLogged(request_id=turn.request.id, effort_id=effort.id, minutes=turn.form.minutes)
