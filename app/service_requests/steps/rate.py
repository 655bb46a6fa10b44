"""评价: who reported it says how it went, once in each round of the work."""

from typing import Annotated

from pydantic import Field

from app.core.i18n import N_
from app.core.wire import In, Prose
from app.service_requests import remarks
from app.service_requests.events import RequestRated
from app.service_requests.models import ServiceRequest, State
from app.service_requests.permissions import RATE
from app.service_requests.problems import AlreadyRated
from app.service_requests.steps import Turn, Whose, step


class Rating(In):
    """From 1, not at all content, to 5."""

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Prose | None = None


def unrated(request: ServiceRequest) -> bool:
    """Whether it was not rated yet; otherwise `AlreadyRated`."""
    if request.score is not None:
        raise AlreadyRated
    return True


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
    line=N_("居民评价{score}分 {text}"),
    when=unrated,
)
async def rate(turn: Turn[Rating]) -> RequestRated:
    """Keep the rating, and its words also with the record: another round forgets them."""
    request, form = turn.request, turn.form
    request.score, request.rating_comment = form.score, form.comment
    remark_id = None
    if form.comment:
        remark_id = await remarks.add(turn.session, request, form.comment, by_reporter=True)
    return RequestRated(
        request_id=request.id, score=form.score, round=request.round, remark_id=remark_id
    )
