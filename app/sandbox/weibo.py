"""Weibo's share endpoint: who may post, how long a status is, how often, and never the same twice.

Unlike the others it answers an error with HTTP 400 or 403, and a number in the body.
"""

import math
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.core.clock import CHINA
from app.sandbox import doors
from app.sandbox.bodies import In, read
from app.sandbox.journal import Journal, Row, Table
from app.sandbox.phones import clean
from app.sandbox.state import World

LONGEST = 140
PER_HOUR = 30
REPEATED_SECONDS = 86400
LARGEST_PICTURE = 5 * 1024 * 1024
SHARE = "/weibo/2/statuses/share.json"

_URL_LENGTH = 10
_URL = re.compile(r"https?://[^\s\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+")
_HOUR = 3600
_BAD, _FORBIDDEN = 400, 403
_SENTENCES = {
    10017: "param error, see doc for more info.",
    10023: "User requests out of rate limit!",
    20006: "image size too large.",
    20008: "content is null!",
    20012: "text too long, please input text less than 140 characters!",
    20019: "repeat content!",
    21327: "expired_token",
    21332: "invalid_access_token",
}


class Author(Row):
    """An account that may post with a token; `domain` must then be linked in what it posts."""

    token: str = Field(repr=False)
    name: str
    domain: str
    expires_at: float | None


class Status(Row):
    """What was posted."""

    id: int
    author: str
    text: str
    picture: str
    at: float


class AuthorIn(In):
    """An account as it is set up; with `seconds` its token ends after so long."""

    name: str = Field(min_length=1, max_length=64)
    domain: str = ""
    seconds: float | None = Field(default=None, ge=0)


class Timeline:
    """Who may post, and what was posted."""

    def __init__(self, book: Journal) -> None:
        self.authors = Table(book, "weibo authors", Author)
        self.statuses = Table(book, "weibo statuses", Status)


class Refused(Exception):  # noqa: N818 - a refusal is an answer here, not a fault
    """Weibo answers with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def refusal(code: int) -> Response:
    """The answer for an error code."""
    answer = {"error": _SENTENCES.get(code, "system error!"), "error_code": code}
    status = _FORBIDDEN if code == 10023 else _BAD  # noqa: PLR2004 - the platform's own number
    return JSONResponse({**answer, "request": "/2/statuses/share.json"}, status)


def length(text: str) -> int:
    """How long a status is: an address counts ten, two letters of ASCII count one."""
    rest, addresses = _URL.subn("", text)
    halves = sum(1 if char.isascii() else 2 for char in rest)
    return addresses * _URL_LENGTH + math.ceil(halves / 2)


def _author(timeline: Timeline, token: object, now: float) -> Author:
    author = timeline.authors.get(token) if isinstance(token, str) else None
    if author is None:
        raise Refused(21332)
    if author.expires_at is not None and author.expires_at <= now:
        raise Refused(21327)
    return author


def _check(timeline: Timeline, author: Author, text: str, now: float) -> None:
    if not text.strip():
        raise Refused(20008)
    if length(text) > LONGEST:
        raise Refused(20012)
    if author.domain and author.domain not in "".join(_URL.findall(text)):
        raise Refused(10017)
    own = [one for one in timeline.statuses.values() if one.author == author.name]
    if any(one.text == text and now - one.at < REPEATED_SECONDS for one in own):
        raise Refused(20019)
    if sum(now - one.at < _HOUR for one in own) >= PER_HOUR:
        raise Refused(10023)


def _check_picture(picture: bytes) -> None:
    if len(picture) > LARGEST_PICTURE:
        raise Refused(20006)


async def _form(request: Request) -> tuple[dict[str, str], bytes]:
    """The fields of the form, and the picture in `pic`."""
    fields, picture = {}, b""
    async with request.form() as form:
        for name, value in form.items():
            if isinstance(value, UploadFile):
                picture = await value.read() if name == "pic" else picture
            else:
                fields[name] = clean(value)
    return fields, picture


async def _share(request: Request, fields: Mapping[str, str], picture: bytes) -> Response:
    timeline: Timeline = request.app.state.weibo
    world: World = request.app.state.world
    token = fields.get("access_token") or request.query_params.get("access_token")
    try:
        author = _author(timeline, token, world.now())
        _check(timeline, author, fields.get("status", ""), world.now())
        _check_picture(picture)
    except Refused as error:
        return refusal(error.code)
    shown = f"data of {len(picture)} bytes" if picture else ""
    number = 5 * 10**15 + world.count("statuses") * 10**5 + secrets.randbelow(10**5)
    status = Status(
        id=number, author=author.name, text=fields["status"], picture=shown, at=world.now()
    )
    timeline.statuses.put(str(number), status)
    return JSONResponse(_described(status))


def _described(status: Status) -> dict[str, Any]:
    created_at = datetime.fromtimestamp(status.at, CHINA).strftime("%a %b %d %H:%M:%S %z %Y")
    return {
        "created_at": created_at,
        "id": status.id,
        "idstr": str(status.id),
        "mid": str(status.id),
        "text": status.text,
        "user": {"screen_name": status.author},
    }


_DOOR = doors.Door("robots", SHARE, refusal, rate_limit=10023, bad_signature=21332)


async def share(request: Request) -> Response:
    """POST /sandbox/weibo/2/statuses/share.json: post a status, by a form as Weibo asks."""
    fields, picture = await _form(request)
    return await doors.enter(
        _DOOR, request, fields, lambda: _share(request, fields, picture), owner="weibo"
    )


async def put_author(request: Request) -> Response:
    """PUT /sandbox/weibo/accounts/{token}: who posts with a token."""
    author, token = await read(request, AuthorIn), request.path_params["token"]
    timeline: Timeline = request.app.state.weibo
    now: float = request.app.state.world.now()
    expires_at = None if author.seconds is None else now + author.seconds
    row = Author(token=token, name=author.name, domain=author.domain, expires_at=expires_at)
    timeline.authors.put(token, row)
    return JSONResponse({"name": author.name})


async def list_statuses(request: Request) -> Response:
    """GET /sandbox/weibo/statuses: what was posted, oldest first."""
    timeline: Timeline = request.app.state.weibo
    statuses = [
        {**status.model_dump(), "id": str(status.id)} for status in timeline.statuses.values()
    ]
    return JSONResponse({"statuses": statuses})


ROUTES: list[Route] = [
    Route(f"/sandbox{SHARE}", share, methods=["POST"]),
    Route("/sandbox/weibo/accounts/{token}", put_author, methods=["PUT"]),
    Route("/sandbox/weibo/statuses", list_statuses),
]
