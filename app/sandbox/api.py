"""Receiving calls of the platform's API: every answer is HTTP 200, an error is a number in it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox import faults, log, tokens
from app.sandbox.errors import Refused, refusal
from app.sandbox.phones import Phones, clean
from app.sandbox.sender import Sender
from app.sandbox.state import Account, Rule, World


@dataclass(frozen=True)
class Asked:
    """A call, with all that is needed to answer it."""

    world: World
    phones: Phones
    sender: Sender
    request: Request
    body: Mapping[str, Any]

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters in the address."""
        return self.request.query_params

    def text(self, name: str) -> str:
        """A field of the body; empty when it is missing or no text."""
        value = self.body.get(name)
        return value if isinstance(value, str) else ""


Answer = dict[str, Any] | Response
Handler = Callable[[Asked], Awaitable[Answer]]
HolderHandler = Callable[[Asked, Account], Awaitable[Answer]]


def with_token(handler: HolderHandler) -> Handler:
    """Let only the holder of a living access token call this."""

    async def checked(asked: Asked) -> Answer:
        account = tokens.holder(asked.world, asked.query.get("access_token"))
        return await handler(asked, account)

    return checked


def api(path: str, method: str, handler: Handler) -> Route:
    """The route of one call, where faults may strike and nothing goes unnoted."""

    async def endpoint(request: Request) -> Response:
        world: World = request.app.state.world
        began = perf_counter()
        rule = faults.strike(world, "api", path)
        body, unreadable = await _read(request)
        asked = Asked(world, request.app.state.phones, request.app.state.sender, request, body)
        response = None
        if rule and rule.kind == "latency":
            await asyncio.sleep(rule.seconds)
        if rule and rule.kind == "errcode":
            tokens.spoil(world, asked.query.get("access_token"), rule.errcode)
        if rule is None or rule.kind not in faults.UNDONE:
            response = await _answer(asked, method, handler, unreadable)
        _note(asked, path, rule, response, (perf_counter() - began) * 1000)
        return await faults.commit(rule, request, response) if rule else _certain(response)

    return Route(f"/sandbox{path}", endpoint, methods=["GET", "POST"])


def _certain(response: Response | None) -> Response:
    return response or JSONResponse(refusal(-1))


async def _read(request: Request) -> tuple[Mapping[str, Any], int | None]:
    """The JSON body, or the error code that it earns; forms are left to the handler."""
    form = request.headers.get("content-type", "").startswith("multipart/")
    if request.method != "POST" or form:
        return {}, None
    try:
        body = clean(json.loads(await request.body() or b"null"))
    except (ValueError, RecursionError):
        return {}, 47001
    if body is None:
        return {}, 44002
    return (body, None) if isinstance(body, dict) else ({}, 47001)


async def _answer(asked: Asked, method: str, handler: Handler, unreadable: int | None) -> Response:
    if asked.request.method != method:
        return JSONResponse(refusal(43002 if method == "POST" else 43001))
    if unreadable:
        return JSONResponse(refusal(unreadable))
    try:
        answer = await handler(asked)
    except Refused as error:
        answer = refusal(error.code)
    return answer if isinstance(answer, Response) else JSONResponse(answer)


def _note(
    asked: Asked, path: str, rule: Rule | None, response: Response | None, latency_ms: float
) -> None:
    errcode = rule.errcode if rule and rule.kind == "errcode" else None
    if isinstance(response, JSONResponse):
        errcode = json.loads(bytes(response.body)).get("errcode", 0)
    token = asked.world.tokens.get(asked.query.get("access_token", ""))
    claimed = asked.text("appid") or asked.query.get("appid", "")
    log.called(
        asked.world,
        app_id=token.app_id if token else claimed,
        method=asked.request.method,
        path=path,
        body=asked.body or asked.query,
        errcode=errcode,
        fault=rule.kind if rule else None,
        latency_ms=latency_ms,
    )
