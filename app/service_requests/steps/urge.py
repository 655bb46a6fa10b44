"""催单: whoever waits for it asks where it stays, as often as the policy allows."""

from datetime import timedelta

from app.core.clock import now
from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import policies, remarks
from app.service_requests.events import RequestUrged
from app.service_requests.models import UNDONE, Urge
from app.service_requests.permissions import URGE
from app.service_requests.problems import UrgedTooOften
from app.service_requests.steps import Turn, Whose, step


class Urging(In):
    """What makes it urgent, if there is anything to add."""

    text: Prose | None = None


@step(
    "urge",
    N_("催单"),
    N_("催办"),
    by=URGE,
    whose=Whose.CONCERNED,
    form=Urging,
    takes=UNDONE,
    leaves=None,
    event=RequestUrged,
    line=N_("居民催单 {text}"),
    while_suspended=True,
)
async def urge(turn: Turn[Urging]) -> RequestUrged:
    """Count it; `UrgedTooOften` beyond the policy's number, or too soon after the last.

    What a neighbour says is for staff: who reported it did not ask to read it.
    """
    request, who = turn.request, turn.person_id
    policy = await policies.of(turn.session, request.community_id)
    before = [urge for urge in request.urged if urge.person_id == who]
    gap = timedelta(minutes=policy.urge_gap_minutes)
    if len(before) >= policy.urge_most or (before and now() < before[-1].at + gap):
        raise UrgedTooOften
    turn.session.add(
        Urge(
            community_id=request.community_id,
            request_id=request.id,
            person_id=who,
            nth=len(before) + 1,
        )
    )
    own, remark_id = who == request.reporter_id, None
    if text := turn.form.text:
        remark_id = await remarks.add(
            turn.session, request, text, by_reporter=own, internal=not own
        )
    nth = len(request.urged) + 1
    return RequestUrged(request_id=request.id, nth=nth, remark_id=remark_id)
