"""The phone: a page to hold in the hand, and the same by JSON for scripts and tests."""

import json
from datetime import datetime
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app.core.clock import CHINA
from app.sandbox import actions, media
from app.sandbox.actions import BadAction, Hand, NotFollowing
from app.sandbox.addresses import web
from app.sandbox.messages import Fields
from app.sandbox.oauth import COOKIE
from app.sandbox.pages import CLOSED, page
from app.sandbox.phones import clean
from app.sandbox.state import Account, Bubble, Delivery, User, World

_SPOKEN = b"#!AMR\n"


def printed(bubble: Bubble | None) -> dict[str, Any] | None:
    """A bubble as scripts and the page read it, with the time in China."""
    if bubble is None:
        return None
    at = datetime.fromtimestamp(bubble.at, CHINA).isoformat(timespec="milliseconds")
    return {**bubble.content, **bubble.model_dump(exclude={"content"}), "at": at}


def owner(request: Request) -> tuple[User, Account]:
    """Whose phone the address names, and the account it follows; or 404."""
    world: World = request.app.state.world
    user = world.users.get(request.path_params["openid"])
    account = world.accounts.get(user.app_id) if user else None
    if user is None or account is None:
        raise HTTPException(404, "no such phone")
    return user, account


async def phone_page(_: Request) -> Response:
    """GET /sandbox/: the phone and the people who may hold it."""
    return HTMLResponse(page("phone.html"), headers=CLOSED)


async def _listed(request: Request, openid: str | None) -> Response:
    query = request.query_params
    try:
        after, wait = int(query.get("after", "0")), float(query.get("wait", "0"))
    except ValueError:
        raise HTTPException(422, "after and wait are numbers") from None
    found = await request.app.state.phones.since(openid, after, wait)
    last = found[-1].seq if found else after
    return JSONResponse({"messages": [printed(bubble) for bubble in found], "last": last})


async def read_phone(request: Request) -> Response:
    """GET /sandbox/phones/{openid}/messages?after=&wait=: what one phone shows."""
    user, _account = owner(request)
    return await _listed(request, user.openid)


async def read_all(request: Request) -> Response:
    """GET /sandbox/messages?after=&wait=: what all phones show, for the page's live feed."""
    return await _listed(request, None)


async def act(request: Request) -> Response:
    """POST /sandbox/phones/{openid}/messages: do something, and see what comes of it."""
    user, account = owner(request)
    try:
        fields, bubble = await _done(request, user, account)
    except BadAction as error:
        raise HTTPException(422, str(error)) from error
    except NotFollowing:
        raise HTTPException(409, "this person does not follow the account") from None
    delivery, reply = await request.app.state.sender.deliver(account, fields)
    return JSONResponse(_outcome(delivery, bubble, reply))


def _outcome(delivery: Delivery, bubble: Bubble, reply: Bubble | None) -> dict[str, Any]:
    return {
        "message": printed(bubble),
        "msg_id": delivery.msg_id,
        "attempts": len(delivery.attempts),
        "status": delivery.attempts[-1].status,
        "latency_ms": delivery.attempts[-1].latency_ms,
        "outcome": delivery.reply,
        "reason": delivery.reason,
        "reply": printed(reply),
    }


async def _done(request: Request, user: User, account: Account) -> tuple[Fields, Bubble]:
    state = request.app.state
    hand = Hand(state.world, state.phones, account, user)
    if request.headers.get("content-type", "").startswith("multipart/"):
        base = state.world.public_url or str(request.base_url).rstrip("/")
        return actions.picture(hand, await _uploaded(request, account), base=base)
    try:
        action = actions.read(clean(json.loads(await request.body())))
    except (ValueError, RecursionError) as error:
        raise BadAction(str(error)) from error
    voice = ""
    if isinstance(action, actions.Voice):
        voice = media.keep(state.world, state.shelf, account, "voice", _SPOKEN)
    return actions.perform(hand, action, voice=voice)


async def _uploaded(request: Request, account: Account) -> str:
    async with request.form() as form:
        part = form.get("image")
        content = await part.read() if isinstance(part, UploadFile) else b""
    if len(content) > media.LARGEST_IMAGE:
        raise HTTPException(413, "a picture has 10 MB at most")
    if not (media.type_of(content) or "").startswith("image/"):
        message = "the form field `image` must be a JPEG, PNG, GIF or WebP file"
        raise BadAction(message)
    state = request.app.state
    return media.keep(state.world, state.shelf, account, "image", content)


async def picture(request: Request) -> Response:
    """GET /sandbox/pictures/{media_id}: a picture or a recording, as `PicUrl` names it."""
    found = request.app.state.world.media.get(request.path_params["media_id"])
    if found is None:
        raise HTTPException(404, "no such picture")
    content = request.app.state.shelf.get(request.path_params["media_id"])
    return Response(content, media_type=found.content_type, headers=CLOSED)


async def open_link(request: Request) -> Response:
    """GET /sandbox/phones/{openid}/open?url=: follow a link as the owner of this phone."""
    user, _account = owner(request)
    url = request.query_params.get("url", "")
    if web(url) is None:
        raise HTTPException(422, "only http and https links open")
    response = RedirectResponse(url, status_code=302, headers={"Referrer-Policy": "no-referrer"})
    response.set_cookie(COOKIE, user.openid, path="/sandbox", httponly=True, samesite="lax")
    return response


ROUTES: list[Route] = [
    Route("/sandbox/", phone_page),
    Route("/sandbox/messages", read_all),
    Route("/sandbox/phones/{openid}/messages", read_phone),
    Route("/sandbox/phones/{openid}/messages", act, methods=["POST"]),
    Route("/sandbox/phones/{openid}/open", open_link),
    Route("/sandbox/pictures/{media_id}", picture),
]
