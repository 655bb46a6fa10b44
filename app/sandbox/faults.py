"""Misbehaving on demand, the ways the real platform has been seen to misbehave."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from app.sandbox.errors import refusal
from app.sandbox.state import Rule, Rules, World

DOORS: Final = ("api", "callback", "robots", "groups")
"""Calls of the API, replies to callbacks, robots and Weibo, and groups with their bots."""

UNDONE = ("errcode", "timeout", "http_500", "html", "body", "rate_limit", "bad_signature")
"""Kinds where the call has had no effect."""

OF_ROBOTS = ("rate_limit", "bad_signature")
"""Kinds that only robots and groups can commit, each in the words of its platform."""

OF_REPORTS = ("lost_reply", "bad_signature")
"""Kinds that strike what a platform sends to us: a reply not heard, a report signed wrongly."""

_PAGE = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"


class Lost(Response):
    """An answer that begins and breaks off: the connection is closed under it."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"64")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": True})


def strike(
    world: World, door: str, path: str, *, when: Callable[[Rule], bool] = lambda _: True
) -> Rule | None:
    """The fault to commit now, if one is switched on; it is then spent once.

    `when` passes over rules that can not be committed here.
    """
    rules = (world.faults.get(door) or Rules()).rules
    rule = next((rule for rule in rules if rule.path in ("*", path) and when(rule)), None)
    if rule is None:
        return None
    left = [rule] if rule.times is None else []
    if rule.times and rule.times > 1:
        left = [rule.model_copy(update={"times": rule.times - 1})]
    at = rules.index(rule)
    world.faults.put(door, Rules(rules=[*rules[:at], *left, *rules[at + 1 :]]))
    return rule


async def _hang(request: Request, seconds: float) -> Response:
    """Hold the caller until it gives up or the time is over."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    with suppress(TimeoutError):
        await asyncio.wait_for(gone(), seconds)
    return PlainTextResponse("", 504)


def _refused(code: int) -> Response:
    return JSONResponse(refusal(code))


async def commit(
    rule: Rule,
    request: Request,
    honest: Response | None,
    refuse: Callable[[int], Response] = _refused,
) -> Response:
    """The answer as the fault leaves it; `honest` is the true one where the call was done."""
    match rule.kind:
        case "timeout" | "timeout_after_acceptance":
            return await _hang(request, rule.seconds)
        case "errcode":
            return refuse(rule.errcode)
        case "lost":
            return Lost()
        case _:
            return _spoilt(rule, honest)


def _spoilt(rule: Rule, honest: Response | None) -> Response:
    """An answer that comes in time and whole, but not as it should be."""
    match rule.kind:
        case "http_500":
            return PlainTextResponse("Internal Server Error", 500)
        case "html":
            return HTMLResponse(_PAGE)
        case "truncated":
            whole = bytes(honest.body) if honest else b""
            return Response(whole[: len(whole) // 2], media_type="application/json")
        case _:
            return honest or Response(rule.body, media_type="application/json")
