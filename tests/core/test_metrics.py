"""Numbers for Prometheus."""

import asyncio

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client.parser import text_string_to_metric_families

from app.core import metrics
from app.core.metrics import RequestMetrics


def number(name: str, **labels: str) -> float:
    """What a scraper reads; 0 where there is nothing yet."""
    text = bytes(metrics.render().body).decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return 0.0


@pytest.fixture
def web() -> FastAPI:
    web = FastAPI()
    things = APIRouter()
    web.state.entered, web.state.released = asyncio.Event(), asyncio.Event()

    @things.get("/things/{name}")
    async def read(name: str) -> str:
        return name

    @things.get("/slow")
    async def slow() -> None:
        web.state.entered.set()
        await web.state.released.wait()

    @things.get("/broken")
    async def broken() -> None:
        raise ValueError

    web.include_router(things, prefix="/metered")
    return web


@pytest.fixture
def caller(web: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(RequestMetrics(web), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://palm.test")


COUNT = "palm_http_request_seconds_count"


async def test_requests_are_counted_by_route_and_class_of_status(
    caller: httpx.AsyncClient,
) -> None:
    route = "/metered/things/{name}"
    before = number(COUNT, method="GET", route=route, status="2xx")

    await caller.get("/metered/things/a")
    await caller.get("/metered/things/b")
    await caller.post("/metered/things/b")
    await caller.get("/metered/broken")

    assert number(COUNT, method="GET", route=route, status="2xx") == before + 2
    assert number(COUNT, method="POST", route=route, status="4xx") == 1
    assert number(COUNT, method="GET", route="/metered/broken", status="5xx") == 1


async def test_a_caller_cannot_make_up_a_label(caller: httpx.AsyncClient) -> None:
    before = number(COUNT, method="-", route="-", status="4xx")

    await caller.request("X13812345678", "/13812345678")

    assert number(COUNT, method="-", route="-", status="4xx") == before + 1
    assert b"13812345678" not in metrics.render().body


async def test_requests_being_answered_are_counted_until_they_are(
    web: FastAPI, caller: httpx.AsyncClient
) -> None:
    flight = asyncio.create_task(caller.get("/metered/slow"))
    await asyncio.wait_for(web.state.entered.wait(), 5)
    assert number("palm_http_requests_in_flight") == 1

    web.state.released.set()
    await flight

    assert number("palm_http_requests_in_flight") == 0


def test_parts_add_their_own_numbers() -> None:
    spoken = metrics.counter("test_words", "Words that were said", "channel")
    spoken.labels("wechat").inc(3)
    metrics.gauge("test_waiting", "Work that waits").set(7)
    metrics.histogram("test_seconds", "How long it took").observe(0.02)

    assert number("palm_test_words_total", channel="wechat") == 3
    assert number("palm_test_waiting") == 7
    assert number("palm_test_seconds_bucket", le="0.025") == 1
    assert number("palm_test_seconds_bucket", le="0.01") == 0


def test_the_answer_is_in_the_format_the_scraper_asked_for() -> None:
    plain = metrics.render()
    modern = metrics.render("application/openmetrics-text; version=1.0.0")

    assert plain.headers["Content-Type"].startswith("text/plain")
    assert modern.headers["Content-Type"].startswith("application/openmetrics-text")
    assert bytes(modern.body).endswith(b"# EOF\n")
    assert number("process_resident_memory_bytes") > 0
