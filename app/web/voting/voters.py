"""The doors of a voting link: the ballot, what is sent of it, objections, and its files."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.files.documents import download
from app.core.i18n import _
from app.core.problems import Forbidden, NotFound, Problem, TooLarge, problems
from app.core.web import Route, Session
from app.polls import bundles, queries, saving
from app.polls.problems import HasVoted, NonceTaken, NotOnRoll, PollNotOpen, ResultsNotYet
from app.web.voting import ballots, objecting, pages
from app.web.voting.answers import fields_of, last
from app.web.voting.ballots import Filling
from app.web.voting.standing import broken, missing, shown, standing
from app.web.voting.taking import taken
from app.web.voting.visits import Visit, Vote, submitted, visit, wants_large

router = APIRouter(prefix="/v", route_class=Route, tags=["voting"])
_CONFLICT = 409
_TOO_LARGE = 413
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/assets/{name}.js", response_class=Response, include_in_schema=False)
async def script(name: str) -> Response:
    """The one script of these pages."""
    if f"/v/assets/{name}.js" != pages.SCRIPT_PATH:
        raise NotFound
    return Response(pages.SCRIPT, media_type="text/javascript", headers=_FOREVER)


@router.get("/{token}", response_class=Response)
async def read_ballot(session: Session, token: str, http: Request) -> Response:
    """The ballot of whoever was sent the link; or what there is to say instead of it."""
    found = await visit(session, token, http)
    if found is None:
        return broken(large=wants_large(http))
    if said := await standing(session, found):
        return said
    vote = found.vote(http.query_params.get("entry", ""))
    if vote is None:
        return shown("choose.html", found, votes=found.votes)
    changing = "change" in http.query_params and not found.secret
    if vote.is_cast and not changing:
        return await ballots.voted(session, found, vote)
    return await _begun(session, found, vote, http.query_params)


async def _begun(
    session: AsyncSession, found: Visit, vote: Vote, asked: Mapping[str, str]
) -> Response:
    """The form, or one page of it, with what was saved or chosen before."""
    kept = await saving.saved(session, found.poll, vote.entry_id)
    choice = kept if kept is not None else vote.choice or {}
    steps = ballots.steps(found)
    numbered = {str(step.number): step for step in steps}
    filling = Filling(
        choice=choice,
        fields=fields_of(found.form, choice),
        step=numbered.get(asked.get("section", ""), steps[0]) if steps else None,
        kept="kept" in asked,
        changing=vote.is_cast,
    )
    return await ballots.ballot(session, found, vote, filling)


@router.post("/{token}", response_class=Response)
async def send_ballot(session: Session, token: str, http: Request) -> Response:
    """Take what was entered: a page of it, all of it to look over, or the vote itself."""
    found = await visit(session, token, http)
    if found is None or found.poll.opened_at is None:
        return broken(large=wants_large(http))
    try:
        fields = await submitted(http)
        vote = found.vote(last(fields, "entry"))
        if vote is not None:
            return await taken(session, found, vote, fields)
        if found.votes:
            return shown("choose.html", found, votes=found.votes)
        return missing(found)
    except NotOnRoll:
        return missing(found)
    except (PollNotOpen, HasVoted, NonceTaken, TooLarge) as refused:
        return _refused(found, refused)


def _refused(found: Visit, problem: Problem) -> Response:
    """Why a vote was not taken, in a voter's words."""
    said = ""
    match problem:
        case PollNotOpen():
            heading = _("投票已截止，这次没有投出")
        case HasVoted():
            heading = _("这一票已经投过了")
            said = _("秘密投票只能投一次，先投出的那张有效，这次没有投出。")
        case TooLarge():
            heading = _("填写的内容太多，没有投出")
        case _:
            heading, said = _("没有投出，请再试一次"), _("请返回投票页面重新填写。")
    return objecting.told(found, heading, said, status=problem.status)


@router.post("/{token}/objection", response_class=Response)
async def object_to_roll(session: Session, token: str, http: Request) -> Response:
    """Take an objection to the roll from whoever was sent the link."""
    found = await visit(session, token, http)
    if found is None or found.poll.opened_at is None:
        return broken(large=wants_large(http))
    try:
        return await objecting.object_to_roll(session, found, await submitted(http))
    except TooLarge as refused:
        return objecting.refusal(found, refused)


@router.get(
    "/{token}/bundle",
    response_class=Response,
    responses=problems(NotFound, Forbidden, ResultsNotYet),
)
async def read_bundle(session: Session, token: str, http: Request) -> Response:
    """The ballots of a poll, to be counted again, for who may have them; the look is kept."""
    found = await visit(session, token, http)
    if found is None or not found.votes:
        raise NotFound
    data = await bundles.taken(session, found.poll, by=found.by)
    named = f'attachment; filename="poll-{found.poll.number}.json"'
    headers = {"Content-Disposition": named, "Cache-Control": "private, no-store"}
    return Response(data, media_type="application/json", headers=headers)


@router.get("/{token}/files/{file_id}", responses=problems(NotFound))
async def read_file(session: Session, token: str, file_id: UUID, http: Request) -> FileResponse:
    """A picture or a document of the poll."""
    found = await visit(session, token, http)
    if found is None or (found.poll.announced_at is None and found.poll.opened_at is None):
        raise NotFound
    file = await queries.file_of(session, found.poll, file_id)
    if file is None:
        raise NotFound
    return download(*file, shown=True)
