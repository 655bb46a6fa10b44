"""Misbehaving on demand, the ways the real platform has been seen to misbehave."""

import asyncio
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from app.sandbox.errors import refusal
from app.sandbox.state import Rule, Rules, World

UNDONE = ("errcode", "timeout", "http_500", "html", "body")
"""Kinds where the call has had no effect."""

_PAGE = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"


def strike(world: World, door: str, path: str) -> Rule | None:
    """The fault to commit now, if one is switched on; it is then spent once.

    The doors are `api`, where calls come in, and `callback`, where replies come back.
    """
    rules = (world.faults.get(door) or Rules()).rules
    rule = next((rule for rule in rules if rule.path in ("*", path)), None)
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


async def commit(rule: Rule, request: Request, honest: Response | None) -> Response:
    """The answer as the fault leaves it; `honest` is the true one where the call was done."""
    match rule.kind:
        case "timeout" | "timeout_after_acceptance":
            return await _hang(request, rule.seconds)
        case "errcode":
            return JSONResponse(refusal(rule.errcode))
        case "http_500":
            return PlainTextResponse("Internal Server Error", 500)
        case "html":
            return HTMLResponse(_PAGE)
        case "truncated":
            whole = bytes(honest.body) if honest else b""
            return Response(whole[: len(whole) // 2], media_type="application/json")
        case _:
            return honest or Response(rule.body, media_type="application/json")
