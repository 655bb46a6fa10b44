"""Numbers for Prometheus: what each process counted since it started.

Nothing is shared between processes: every api and worker process is a target of its own, and the
sum is Prometheus's work.
"""

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.log import route_of

registry = CollectorRegistry()
ProcessCollector(registry=registry)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SERVER_ERROR = 500


def counter(name: str, documentation: str, *labels: str) -> Counter:
    """A number that only grows, as `palm_<name>_total`; labels take values from short lists."""
    return Counter(f"palm_{name}", documentation, labels, registry=registry)


def gauge(name: str, documentation: str, *labels: str) -> Gauge:
    """A number that rises and falls, as `palm_<name>`."""
    return Gauge(f"palm_{name}", documentation, labels, registry=registry)


def histogram(name: str, documentation: str, *labels: str) -> Histogram:
    """How often something took how many seconds, as `palm_<name>_bucket`, `_sum`, `_count`."""
    return Histogram(f"palm_{name}", documentation, labels, buckets=_SECONDS, registry=registry)


_latency = histogram(
    "http_request_seconds",
    "Requests answered, and how long each took",
    *("method", "route", "status"),
)
_in_flight = gauge("http_requests_in_flight", "Requests being answered")
_seen: dict[tuple[str, str, int], Histogram] = {}


def _observe(scope: Scope, status: int, seconds: float) -> None:
    method, route = route_of(scope)
    key = (method, route, status // 100)
    latency = _seen.get(key)
    if latency is None:
        latency = _seen[key] = _latency.labels(method, route, f"{status // 100}xx")
    latency.observe(seconds)


class RequestMetrics:
    """Counts requests and their time by method, route as declared, and class of status."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), _SERVER_ERROR

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        _in_flight.inc()
        try:
            await self.app(scope, receive, watched)
        finally:
            _in_flight.dec()
            _observe(scope, status, perf_counter() - started)


def render(accept: str = "") -> Response:
    """The answer of `/metrics` to a scraper with this `Accept` header."""
    encode, content_type = choose_encoder(accept)
    return Response(encode(registry), headers={"Content-Type": content_type})
