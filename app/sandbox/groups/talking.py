"""The group page, and the same by JSON for scripts and tests."""

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from app.sandbox.bodies import In, read
from app.sandbox.groups.reporter import Reporter
from app.sandbox.groups.rooms import Rooms, member_of
from app.sandbox.groups.rows import Group, Member, Said
from app.sandbox.groups.setting import printed
from app.sandbox.pages import CLOSED, page
from app.sandbox.phones import clean

LONGEST_TEXT = 5000


class WordsIn(In):
    """What a member says; `at_bot` puts a mention of the bot in front."""

    member: str
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    at_bot: bool = False
    at: list[str] = Field(default=[])
    reply_to: int | None = None


async def group_page(_: Request) -> Response:
    """GET /sandbox/groups/: the groups, and the chat of one of them."""
    return HTMLResponse(page("groups.html"), headers=CLOSED)


def _group(request: Request) -> Group:
    group: Group | None = request.app.state.rooms.groups.get(request.path_params["group_id"])
    if group is None:
        raise HTTPException(404, "no such group")
    return group


async def _listed(request: Request, group: str | None) -> Response:
    rooms: Rooms = request.app.state.rooms
    query = request.query_params
    try:
        after, wait = int(query.get("after", "0")), float(query.get("wait", "0"))
    except ValueError:
        raise HTTPException(422, "after and wait are numbers") from None
    found = await rooms.since(group, after, wait)
    last = found[-1].seq if found else after
    shown = [printed(said) for said in found if not rooms.recalled(said)]
    return JSONResponse({"messages": shown, "last": last})


async def read_group(request: Request) -> Response:
    """GET /sandbox/groups/{group_id}/messages?after=&wait=: what is said in one group."""
    return await _listed(request, _group(request).group_id)


async def read_all(request: Request) -> Response:
    """GET /sandbox/group-messages?after=&wait=: what is said anywhere, for the page's live feed."""
    return await _listed(request, None)


def _said(rooms: Rooms, group: Group, member: Member, words: WordsIn) -> Said:
    """What a member says, as everybody reads it."""
    bot = rooms.bots.get(group.bot)
    if words.at_bot and bot is None:
        raise HTTPException(422, "no bot listens in this group")
    names = {one.id: one.card or one.name for one in group.members}
    names |= {bot.self_id: bot.name} if bot else {}
    at = [*([group.bot] if words.at_bot else []), *words.at]
    if unknown := [one for one in at if one not in names]:
        raise HTTPException(422, f"nobody called {unknown[0]} is in this group")
    if words.reply_to is not None and rooms.message(words.reply_to) is None:
        raise HTTPException(422, "no such message to reply to")
    return rooms.show(
        group.group_id,
        "member",
        " ".join([*(f"@{names[one]}" for one in at), words.text]),
        by=member.id,
        name=member.card or member.name,
        words=words.text,
        at=at,
        reply_to=words.reply_to,
    )


async def say(request: Request) -> Response:
    """POST /sandbox/groups/{group_id}/messages: say something, and see what comes of it."""
    rooms: Rooms = request.app.state.rooms
    reporter: Reporter = request.app.state.reporter
    group, words = _group(request), await read(request, WordsIn)
    member = member_of(group, words.member)
    if member is None:
        raise HTTPException(422, f"nobody called {words.member} is in this group")
    if not clean(words.text).strip():
        raise HTTPException(422, "the text says nothing")
    said = _said(rooms, group, member, words)
    base = rooms.world.public_url or str(request.base_url).rstrip("/")
    told = await reporter.report(group, member, said, base)
    last = told.attempts[-1] if told.attempts else None
    return JSONResponse(
        {
            "message": printed(said),
            "message_id": said.message_id,
            "attempts": len(told.attempts),
            "status": last.status if last else None,
            "latency_ms": last.latency_ms if last else None,
            "outcome": told.outcome,
            "reason": told.reason,
            "reply": printed(told.reply) if told.reply else None,
        }
    )


ROUTES: list[Route] = [
    Route("/sandbox/groups/", group_page),
    Route("/sandbox/group-messages", read_all),
    Route("/sandbox/groups/{group_id}/messages", read_group),
    Route("/sandbox/groups/{group_id}/messages", say, methods=["POST"]),
]
