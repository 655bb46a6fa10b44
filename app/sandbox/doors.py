"""A door of another platform than WeChat: where faults may strike and nothing goes unnoted."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox import faults, log
from app.sandbox.state import Rule, World

_CODES = ("errcode", "code", "retcode", "error_code")


@dataclass(frozen=True)
class Door:
    """One way in: its name among the faults, its path there and in the log, how it refuses."""

    name: str
    path: str
    refuse: Callable[[int], Response]
    rate_limit: int
    """The code for too many calls."""
    bad_signature: int
    """The code for a call that is not signed as it should be."""


def _code(response: Response | None) -> int | None:
    if not isinstance(response, JSONResponse):
        return None
    content = json.loads(bytes(response.body))
    return next((content[name] for name in _CODES if name in content), 0)


def _in_its_words(door: Door, rule: Rule | None) -> Rule | None:
    """The rule with the number that this door has for it."""
    if rule is None or rule.kind not in faults.OF_ROBOTS:
        return rule
    return rule.model_copy(update={"kind": "errcode", "errcode": getattr(door, rule.kind)})


async def enter(
    door: Door,
    request: Request,
    body: Mapping[str, Any],
    answer: Callable[[], Awaitable[Response]],
    *,
    owner: str = "",
) -> Response:
    """Answer a call, or misbehave; `owner` is whom the log names as the caller."""
    world: World = request.app.state.world
    began = perf_counter()
    struck = faults.strike(world, door.name, door.path, when=lambda one: _here(door, one))
    rule = _in_its_words(door, struck)
    if rule and rule.kind == "latency":
        await asyncio.sleep(rule.seconds)
    response = None
    if rule is None or rule.kind not in faults.UNDONE:
        response = await answer()
    log.called(
        world,
        app_id=owner,
        method=request.method,
        path=door.path,
        body=body,
        errcode=rule.errcode if rule and rule.kind == "errcode" else _code(response),
        fault=struck.kind if struck else None,
        latency_ms=(perf_counter() - began) * 1000,
    )
    if rule:
        return await faults.commit(rule, request, response, door.refuse)
    return response or door.refuse(-1)


def _here(door: Door, rule: Rule) -> bool:
    """Whether this is a rule for calls; in groups some are for what the platform reports."""
    return door.name != "groups" or rule.kind not in faults.OF_REPORTS
