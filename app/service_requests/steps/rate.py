"""评价: who reported it says how it went, once."""

from typing import Annotated

from pydantic import Field

from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests.events import RequestRated
from app.service_requests.models import State
from app.service_requests.permissions import RATE
from app.service_requests.problems import AlreadyRated
from app.service_requests.steps import Turn, Whose, step


class Rating(In):
    """From 1, not at all content, to 5."""

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Prose | None = None


@step(
    "rate",
    N_("评价"),
    N_("打分"),
    by=RATE,
    whose=Whose.REPORTER,
    form=Rating,
    takes=frozenset({State.COMPLETED, State.VERIFIED, State.CLOSED}),
    leaves=None,
    event=RequestRated,
    line=N_("居民评价{score}分 {comment}"),
)
async def rate(turn: Turn[Rating]) -> RequestRated:
    """Keep the first rating; `AlreadyRated` for any other."""
    if turn.request.score is not None:
        raise AlreadyRated
    turn.request.score = turn.form.score
    turn.request.rating_comment = turn.form.comment
    return RequestRated(request_id=turn.request.id, score=turn.form.score)
