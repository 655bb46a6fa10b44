"""One line for every request that was answered, under an id that its caller is told."""

import json
import os
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.log import lines

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_UNLOGGED = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_GOOD_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SERVER_ERROR = 500


def route_of(scope: Scope) -> tuple[str, str]:
    """Method and route as declared, `("GET", "/things/{thing_id}")`; `-` where nothing matched.

    Both come from a short list, so that a caller cannot make them up.
    """
    context = scope.get("fastapi", {}).get("effective_route_context")
    route = getattr(context, "starlette_route", None) or context or scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None) or "-"
    return scope["method"] if scope["method"] in _METHODS else "-", path


@lru_cache(maxsize=1024)
def _opening(method: str, route: str, status: int) -> str:
    level = "error" if status >= _SERVER_ERROR else "info"
    fields = {"event": "request", "level": level, "method": method, "route": route}
    return json.dumps({**fields, "status": status}, separators=(",", ":"))[:-1]


def _named(scope: Scope) -> str:
    for header, value in scope["headers"]:
        if header == b"x-request-id" and _GOOD_ID.fullmatch(value):
            return str(value, "ascii")
    return os.urandom(8).hex()


def _write(scope: Scope, name: str, status: int, size: int, seconds: float) -> None:
    """Write the line by hand: every field is harmless by make, and this runs at every request."""
    if not lines.wanted("error" if status >= _SERVER_ERROR else "info"):
        return
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    method, route = route_of(scope)
    ms = f"{seconds * 1000:.2f}"
    if lines.output.text:
        lines.write(f"{at} {status} {method} {route} {ms} ms {size} bytes {name}")
        return
    told = f'"ms":{ms},"bytes":{size},"request_id":"{name}","timestamp":"{at}"'
    lines.write(f"{_opening(method, route, status)},{told}}}")


class RequestLog:
    """Gives each request an id, and writes one line when it has been answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request under its own `X-Request-ID`, or a new one."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, name = perf_counter(), _named(scope)
        status, size = _SERVER_ERROR, 0

        async def counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", name.encode()),
                ]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        token = request_id.set(name)
        try:
            await self.app(scope, receive, counted)
        finally:
            request_id.reset(token)
            if scope["path"] not in _UNLOGGED:
                _write(scope, name, status, size, perf_counter() - started)
