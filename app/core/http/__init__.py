"""The one way out: HTTP calls with limits, over connections that are kept.

`await http.client().post(url, json=…)` is plain httpx. An answer is read whole, up to 64 kB in
10 s, redirects are not followed, and cookies not kept; `extensions=http.call(…)` sets other limits.
For an address that a stranger gave, take `http.guarded()`.
"""

import asyncio
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from typing_extensions import override

from app.core.http.guard import WEB_PORTS, AddressRefused, Guard, GuardedResolver
from app.core.http.transport import CAP, TOTAL, AnswerTooLarge, Bounded
from app.core.settings import settings

__all__ = [
    "MEDIA",
    "AddressRefused",
    "AnswerTooLarge",
    "Guard",
    "allowed",
    "call",
    "client",
    "close",
    "guarded",
]

MEDIA = 10 * 1024 * 1024
"""Cap for pictures and sounds, in bytes."""
_CONNECT = 3.0
_CONNECTIONS = 100
_USER_AGENT = "palm-community"

_clients: dict[asyncio.AbstractEventLoop, dict[Guard | None, httpx.AsyncClient]] = {}


def call(*, cap: int = CAP, total: float = TOTAL, idempotent: bool = False) -> dict[str, Any]:
    """Limits of one call, for `extensions=`: bytes of the answer unpacked, seconds in all.

    An idempotent call is tried three times within its seconds when the network or a gateway fails.
    """
    return {"cap": cap, "total": total, "idempotent": idempotent}


def _connections(
    guard: Guard | None, resolver: aiohttp.abc.AbstractResolver | None
) -> aiohttp.ClientSession:
    if guard is None:
        connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ttl_dns_cache=30)
    else:
        connector = aiohttp.TCPConnector(
            limit=_CONNECTIONS,
            limit_per_host=10,
            resolver=GuardedResolver(guard, resolver),
            use_dns_cache=False,
            socket_factory=guard.socket,
        )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


class _Guarded(httpx.AsyncClient):
    """Refuses an address before anything is made of it; the transport asks again at every hop."""

    def __init__(self, guard: Guard, **how: Any) -> None:
        super().__init__(**how)
        self._guard = guard

    @override
    def build_request(self, method: str, url: httpx.URL | str, **what: Any) -> httpx.Request:
        return super().build_request(method, self._guard.check(url), **what)


def make(
    guard: Guard | None = None, resolver: aiohttp.abc.AbstractResolver | None = None
) -> httpx.AsyncClient:
    """A client of one's own, to be closed by who made it; `client` and `guarded` are shared."""
    beneath = AiohttpTransport(client=partial(_connections, guard, resolver))
    how: dict[str, Any] = {
        "transport": Bounded(beneath, guard),
        "timeout": httpx.Timeout(TOTAL, connect=_CONNECT, pool=None),
        "headers": {"User-Agent": _USER_AGENT, "Accept-Encoding": "gzip"},
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        "follow_redirects": False,
        "trust_env": False,
    }
    return httpx.AsyncClient(**how) if guard is None else _Guarded(guard, **how)


def _shared(guard: Guard | None) -> httpx.AsyncClient:
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    if guard not in clients:
        clients[guard] = make(guard)
    return clients[guard]


def client() -> httpx.AsyncClient:
    """The client of this process for addresses that the operator chose."""
    return _shared(None)


def allowed() -> Guard:
    """Where an address that a stranger gave may lead: to the web, and where the operator says."""
    chosen = settings()
    return Guard(chosen.outbound_allow, WEB_PORTS | chosen.outbound_ports)


def guarded(guard: Guard | None = None) -> httpx.AsyncClient:
    """The client of this process for addresses that strangers gave.

    An address that is not public, or not plain http(s) at a web port, raises `AddressRefused` (422)
    and sees no connection, unless the settings allow it; `guard` takes their place.
    """
    return _shared(guard or allowed())


async def close() -> None:
    """Close the connections of this event loop; what is asked for later opens new ones."""
    for one in _clients.pop(asyncio.get_running_loop(), {}).values():
        await one.aclose()
