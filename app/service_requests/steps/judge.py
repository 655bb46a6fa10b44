"""反馈: whoever reported it says by themselves whether it is done, and well."""

from app.core.i18n import N_
from app.service_requests import rounds, visits
from app.service_requests.events import RequestVisited
from app.service_requests.models import State
from app.service_requests.permissions import JUDGE
from app.service_requests.steps import Turn, Whose, step
from app.service_requests.visits import Verdict


@step(
    "judge",
    N_("反馈"),
    by=JUDGE,
    whose=Whose.REPORTER,
    form=Verdict,
    takes=frozenset({State.COMPLETED, State.VERIFIED, State.CLOSED}),
    leaves=None,
    event=RequestVisited,
    line=N_("回访：{verdict} {text}"),
    when=visits.awaited,
)
async def judge(turn: Turn[Verdict]) -> RequestVisited:
    """The same as a return visit; `TooLateToReopen` when it was closed long ago."""
    await rounds.in_time(turn.session, turn.request)
    visited, sent_back = await visits.keep(
        turn.session, turn.request, turn.form, by=turn.by, by_reporter=True
    )
    turn.also.extend([sent_back] if sent_back else [])
    return visited
