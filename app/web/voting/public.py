"""The polls of a community as everybody reads them: what is asked, what came of it, and proof."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.clock import now
from app.core.files.documents import download
from app.core.i18n import _
from app.core.problems import NotFound, problems
from app.core.settings import settings
from app.core.web import Route, Session
from app.places.models import Community
from app.polls import chain, counting, queries
from app.polls.forms import Form
from app.polls.models import OVER, Poll, PollPolicy, PollState, Secrecy
from app.polls.problems import ResultsNotYet
from app.web.frame import HTML
from app.web.site.addressed import There, numbered
from app.web.site.conditional import answer
from app.web.times import moment
from app.web.voting import promises
from app.web.voting.pages import frame
from app.web.voting.reading import described, everybody, links_of, public_in, result_of
from app.web.voting.results import shown_of
from app.web.voting.standing import cancelled, waiting_for
from app.web.voting.visits import wants_large
from app.web.voting.words import kind_word

router = APIRouter(prefix="/c/{slug}/polls", route_class=Route, tags=["voting"])
_AT_ONCE = 20
_NOT_FOUND = 404
_PLACES_FOR_HEADS = 200


@router.get("", response_class=Response, responses=problems(NotFound))
async def list_polls(session: Session, there: There, http: Request) -> Response:
    """The polls that stand on the site, the newest first, a page at a time."""
    large, before = wants_large(http), numbered(http.query_params.get("before", ""))
    rows = public_in(there.id).order_by(Poll.number.desc()).limit(_AT_ONCE + 1)
    if before:
        rows = rows.where(Poll.number < before)
    polls = (await session.scalars(rows)).all()
    sized = "&large=1" if large else ""
    body = frame.filled(
        "polls.html",
        large=large,
        community=there.name,
        polls=polls[:_AT_ONCE],
        at=path_of(there),
        older=f"?before={polls[_AT_ONCE - 1].number}{sized}" if len(polls) > _AT_ONCE else "",
        first=before is None,
        place={"before": before},
    )
    return answer(http, body, media_type=HTML, changed_at=now(), headers=frame.closed)


def path_of(there: Community) -> str:
    """Where the polls of a community are listed, and each below it."""
    return f"/c/{there.slug}/polls"


def _others(there: Community, *, large: bool) -> tuple[str, str]:
    """The way to the other polls, and what it is called."""
    return path_of(there) + ("?large=1" if large else ""), _("看看别的投票")


async def poll_of(session: AsyncSession, there: Community, number: str) -> Poll | None:
    """The poll of this number, if it stands on the site."""
    wanted = numbered(number)
    if wanted is None:
        return None
    return await session.scalar(public_in(there.id).where(Poll.number == wanted))


@router.get("/{number}", response_class=Response, responses=problems(NotFound))
async def poll_page(session: Session, there: There, number: str, http: Request) -> Response:
    """A poll with how it stands or what came of it; with `receipt`, where that ballot is."""
    large = wants_large(http)
    poll = await poll_of(session, there, number)
    if poll is None:
        return not_there(there, large=large)
    if poll.state is PollState.CANCELLED:
        return cancelled(poll, there, large=large, onward=_others(there, large=large))
    code = http.query_params.get("receipt", "").strip()[:40]
    found = await _found(session, poll, code) if code else None
    body = frame.filled(
        "poll.html",
        large=large,
        community=there.name,
        others=_others(there, large=large),
        **await _content(session, there, poll),
        code=code,
        found=found,
    )
    if code:
        return frame.alone(body)
    return answer(http, body, media_type=HTML, changed_at=_changed(poll), headers=frame.closed)


def _changed(poll: Poll) -> datetime:
    """Since when the page reads as it does; what is open may change at any moment."""
    return (poll.state in OVER and (poll.published_at or poll.closed_at)) or now()


async def _content(session: AsyncSession, there: Community, poll: Poll) -> dict[str, Any]:
    form = Form.model_validate(poll.form)
    at = f"{path_of(there)}/{poll.number}"
    result = await result_of(session, poll, by=everybody(there.id))
    out = poll.state in OVER and result is not None
    links = await links_of(session, poll)
    return {
        "poll": poll,
        "form": form,
        "at": at,
        "address": f"{settings().base_url}{at}",
        "summary": summary(there, poll, out=out),
        **await described(session, poll, form, at),
        "consultation": promises.consultation(poll, await session.get(PollPolicy, there.id)),
        "secrecy": promises.secrecy(poll),
        "rules_said": promises.rules_of(poll, form),
        "proves": promises.proves(poll),
        "limits": promises.limits(poll),
        "turnout": await queries.turnout(session, poll) if poll.opened_at else None,
        "shown": shown_of(form, result) if result else [],
        "over": poll.state in OVER,
        "out": out,
        "waiting": waiting_for(poll) if poll.state in OVER else "",
        "links": links[-_PLACES_FOR_HEADS:],
        "secret": poll.secrecy is Secrecy.SECRET,
        "bundle": f"/api/v1/polls/{poll.id}/bundle",
    }


def summary(there: Community, poll: Poll, *, out: bool) -> str:
    """What a card says below the title, where the link is shared."""
    until = poll.closes_at and moment(poll.closes_at)
    match poll.state:
        case PollState.OPEN if until:
            said = _("正在投票，{until} 截止").format(until=until)
        case PollState.ANNOUNCED:
            said = _("已公告，尚未开始")
        case _:
            said = _("投票已截止") if not out else _("结果已公布")
    return f"{there.name} · {kind_word(poll.kind)} · {said}"


async def _found(session: AsyncSession, poll: Poll, code: str) -> str:
    """Where the ballot of a receipt is, as far as that is told."""
    found = await chain.find(session, poll, code) if poll.secrecy is Secrecy.SECRET else None
    if found is None:
        return _(
            "没有找到这个编号，请核对有没有抄错。要是没有抄错，请带着回执全文联系社区或者街道。"
        )
    if found.batch is None:
        return _("这张票已收到，等凑够一批再封存；请过一会儿再查。")
    sealed = _("这张票已封存在第 {number} 批。").format(number=found.batch)
    if poll.state in OVER:
        return sealed + _("要核对票上的内容，请下载选票数据，用重新计票程序加上您的回执编号来查。")
    return sealed + _("截止后可以核对票上的内容。")


def not_there(there: Community, *, large: bool) -> Response:
    """The answer where no poll of that number stands on the site."""
    return frame.told(
        _("没有这次投票，或者它不对外公开"),
        status=_NOT_FOUND,
        large=large,
        community=there.name,
        onward=_others(there, large=large),
    )


@router.get("/{number}/result.json", responses=problems(NotFound, ResultsNotYet))
async def read_result(session: Session, there: There, number: str) -> dict[str, Any]:
    """The counts as JSON, for everybody as soon as they are shown to everybody."""
    poll = await poll_of(session, there, number)
    if poll is None:
        raise NotFound
    return (await counting.shown(session, poll, by=everybody(there.id))).result


@router.get("/{number}/files/{file_id}", responses=problems(NotFound))
async def public_file(session: Session, there: There, number: str, file_id: UUID) -> FileResponse:
    """A picture or a document of a poll that stands on the site."""
    poll = await poll_of(session, there, number)
    file = poll and await queries.file_of(session, poll, file_id)
    if not file:
        raise NotFound
    return download(*file, shown=True)
