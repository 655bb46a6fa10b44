"""The card of a poll: a sheet to print and hang up, or to send on, with a code that leads to it."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.core.clock import now
from app.core.i18n import _
from app.core.problems import NotFound, problems
from app.core.settings import settings
from app.core.web import Route, Session
from app.polls.forms import Form
from app.polls.models import OVER, Poll, PollPolicy, PollState, Secrecy
from app.web import qr
from app.web.frame import HTML
from app.web.site.addressed import There
from app.web.site.conditional import answer
from app.web.voting import promises
from app.web.voting.pages import frame
from app.web.voting.public import not_there, path_of, poll_of, summary
from app.web.voting.reading import everybody, result_of
from app.web.voting.visits import wants_large

router = APIRouter(prefix="/c/{slug}/polls/{number}", route_class=Route, tags=["voting"])


@router.get("/card", response_class=Response, responses=problems(NotFound))
async def poll_card(session: Session, there: There, number: str, http: Request) -> Response:
    """What is asked, until when, and how to vote, around a code that leads to the poll's page."""
    large = wants_large(http)
    poll = await poll_of(session, there, number)
    if poll is None or poll.state is PollState.CANCELLED:
        return not_there(there, large=large)
    at = f"{path_of(there)}/{poll.number}"
    address = f"{settings().base_url}{at}"
    over = poll.state in OVER
    result = await result_of(session, poll, by=everybody(there.id)) if over else None
    body = frame.filled(
        "card.html",
        large=large,
        community=there.name,
        poll=poll,
        form=Form.model_validate(poll.form),
        summary=summary(there, poll, out=result is not None),
        consultation=promises.consultation(poll, await session.get(PollPolicy, there.id)),
        ways=[] if over else list(_ways(poll)),
        at=at,
        address=address,
        code=qr.svg(address),
    )
    return answer(http, body, media_type=HTML, changed_at=now(), headers=frame.closed)


def _ways(poll: Poll) -> Iterator[str]:
    said = _("在社区公众号里发“投票 {number}”，再点开收到的链接；链接只给您本人，请不要转发")
    yield said.format(number=poll.number)
    if poll.secrecy is Secrecy.RECORDED:
        yield _("也可以在楼栋群里 @ 机器人，说“投票 {number}”").format(number=poll.number)
    yield _("没有微信，或者手机用不惯的，请找社区工作人员")


@router.get("/code.png", response_class=Response, responses=problems(NotFound))
async def poll_code(session: Session, there: There, number: str) -> Response:
    """The code alone, as a picture."""
    poll = await poll_of(session, there, number)
    if poll is None:
        raise NotFound
    address = f"{settings().base_url}{path_of(there)}/{poll.number}"
    return Response(qr.png(address), media_type="image/png", headers=frame.closed)
