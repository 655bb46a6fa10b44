"""回访: somebody who did not do the work asks whether it is done, and well."""

from app.core.i18n import N_
from app.service_requests import visits
from app.service_requests.events import RequestVisited
from app.service_requests.models import State
from app.service_requests.permissions import VISIT
from app.service_requests.steps import Turn, Whose, step
from app.service_requests.visits import Verdict


@step(
    "visit",
    N_("回访"),
    by=VISIT,
    whose=Whose.ANOTHER,
    form=Verdict,
    takes=frozenset({State.COMPLETED, State.VERIFIED}),
    leaves=None,
    event=RequestVisited,
    line=N_("回访：{verdict} {text}"),
    when=visits.awaited,
)
async def visit(turn: Turn[Verdict]) -> RequestVisited:
    """Keep what they said, and send the work back if it has to be."""
    visited, sent_back = await visits.keep(turn.session, turn.request, turn.form, by=turn.by)
    turn.also.extend([sent_back] if sent_back else [])
    return visited
