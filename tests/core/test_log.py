"""What the logs say, and what they never do."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope, Send

from app.core.log import RequestLog, configure, lines, log, request_id

PHONE = "13812345678"
ID_NUMBER = "11010519491231002X"
NAME = "王小明"


class Written(io.StringIO):
    """Everything that was logged."""

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def last(self) -> dict[str, Any]:
        return self.lines()[-1]

    def leaks(self) -> bool:
        return any(canary in self.getvalue() for canary in (PHONE, ID_NUMBER, NAME, "\\u738b"))


@pytest.fixture
def written() -> Iterator[Written]:
    hook, handlers, level = sys.excepthook, logging.root.handlers, logging.root.level
    out = Written()
    configure(stream=out)
    yield out
    configure()
    sys.excepthook, logging.root.handlers = hook, handlers
    logging.root.setLevel(level)


def test_a_line_says_what_happened_when_and_how_bad(written: Written) -> None:
    job = uuid4()

    log.warning("job_dead", task="tell", job_id=job, attempts=8)

    line = written.last()
    assert (line["event"], line["level"], line["task"]) == ("job_dead", "warning", "tell")
    assert (line["job_id"], line["attempts"]) == (str(job), 8)
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phone", 1),
        ("phone", PHONE),
        ("reason", f"called {PHONE}"),
        ("name", NAME),
        ("person_id", "oABC-an-openid"),
        ("state", {"phone": PHONE}),
        ("code", "x" * 201),
        ("path", "a\nb"),
    ],
)
def test_what_is_not_on_the_list_is_dropped_and_named(
    written: Written, name: str, value: object
) -> None:
    log.info("something", **{name: value})

    assert name not in written.last()
    assert written.last()["dropped"] == [name]
    assert not written.leaks()


@pytest.mark.parametrize("event", [f"called {PHONE}", f"{NAME} 来电", "called %s"])
def test_an_event_that_is_not_a_constant_is_not_written(written: Written, event: str) -> None:
    log.info(event, *([PHONE] if "%s" in event else []))

    assert written.last()["event"] == "unprintable"
    assert not written.leaks()


def test_an_exception_is_told_by_type_and_place_and_not_in_its_words(written: Written) -> None:
    def read(phone: str) -> None:
        raise ValueError(phone)

    try:
        try:
            read(PHONE)
        except ValueError as error:
            raise RuntimeError(ID_NUMBER) from error
    except RuntimeError:
        log.exception("unexpected")

    line = written.last()
    assert line["error"] == "RuntimeError"
    assert "caused by ValueError" in line["frames"]
    assert line["frames"][-1].startswith("tests/core/test_log.py:")
    assert line["frames"][-1].endswith(" read")
    assert not written.leaks()


def test_causes_that_go_round_in_a_circle_end(written: Written) -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first

    log.error("unexpected", exc_info=first)

    assert written.last()["frames"] == ["caused by KeyError"]


def test_of_a_group_of_exceptions_the_first_is_told(written: Written) -> None:
    log.error("unexpected", exc_info=ExceptionGroup(PHONE, [ValueError(PHONE), KeyError()]))

    assert written.last()["error"] == "ExceptionGroup"
    assert written.last()["frames"] == ["caused by ValueError"]
    assert not written.leaks()


async def test_a_row_the_database_refuses_is_not_repeated(
    written: Written, session: AsyncSession
) -> None:
    await session.execute(text("CREATE TEMP TABLE t (phone text PRIMARY KEY)"))
    insert = text("INSERT INTO t VALUES (:phone), (:phone)")
    with pytest.raises(DBAPIError, match=PHONE) as refused:
        await session.execute(insert, {"phone": PHONE})
    log.exception("unexpected", exc_info=refused.value)

    line = written.last()
    assert (line["sqlstate"], line["constraint"]) == ("23505", "t_pkey")
    assert not written.leaks()


def test_libraries_speak_in_templates(written: Written) -> None:
    logging.getLogger("sqlalchemy.pool").error("Exception for %r", PHONE)
    assert written.last()["event"] == "Exception for %r"

    logging.getLogger("procrastinate.worker").info(
        f"Starting job tell[3](phone={PHONE})",  # noqa: G004 - as the library does
        extra={
            "action": "start_job",
            "job": {"id": 3, "task_name": "tell", "task_kwargs": {"phone": PHONE}},
        },
    )
    line = written.last()
    assert (line["event"], line["action"], line["job_id"]) == ("library", "start_job", 3)

    logging.getLogger("uvicorn.error").info("Application startup complete.")
    assert written.last()["event"] == "Application startup complete."
    assert not written.leaks()


def test_outgoing_addresses_are_not_logged_because_they_carry_tokens(written: Written) -> None:
    logging.getLogger("httpx").info("HTTP Request: %s %s", "GET", "https://x.test/?access_token=1")

    assert not written.getvalue()


async def test_what_a_lost_task_died_of_is_not_repeated(written: Written) -> None:
    async def call() -> None:
        raise ValueError(PHONE)

    task = asyncio.create_task(call())
    await asyncio.wait([task])
    asyncio.get_running_loop().call_exception_handler(
        {
            "message": "Task exception was never retrieved",
            "task": task,
            "exception": task.exception(),
        }
    )

    assert written.last()["error"] == "ValueError"
    assert not written.leaks()


def test_a_crash_is_logged_like_any_other_exception(written: Written) -> None:
    error = OSError(98, PHONE)
    sys.excepthook(OSError, error, None)

    assert (written.last()["event"], written.last()["errno"]) == ("crashed", 98)
    assert not written.leaks()


def test_lines_below_the_level_are_not_written(written: Written) -> None:
    configure(level="error", stream=written)

    log.warning("quiet")
    logging.getLogger("anything").warning("quiet %s", 1)

    assert not written.getvalue()


def test_people_get_text_when_they_ask_for_it(written: Written) -> None:
    configure(style="text", stream=written)

    log.info("poll_closed", count=3, phone=PHONE)

    assert "poll_closed" in written.getvalue()
    assert "count" in written.getvalue()
    assert not written.getvalue().startswith("{")
    assert not written.leaks()


def test_a_closed_output_loses_the_line_and_nothing_else(written: Written) -> None:
    written.close()

    log.info("nobody_hears")
    configure()


@pytest.fixture
def web() -> FastAPI:
    web = FastAPI()
    things = APIRouter(prefix="/things")

    @things.get("/{phone}")
    async def read(phone: str) -> dict[str, str]:
        log.info("reading")
        return {"phone": phone, "request_id": request_id.get() or ""}

    @things.get("/{phone}/broken")
    async def broken(phone: str) -> None:
        raise ValueError(phone)

    @web.get("/healthz")
    async def healthz() -> None:
        return

    web.include_router(things, prefix="/api/v1")
    return web


@pytest.fixture
def caller(web: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(RequestLog(web), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://palm.test")


async def test_a_request_is_one_line_by_the_route_as_declared(
    written: Written, caller: httpx.AsyncClient
) -> None:
    answer = await caller.get(f"/api/v1/things/{PHONE}?phone={PHONE}")

    line = written.last()
    assert (line["event"], line["level"], line["method"]) == ("request", "info", "GET")
    assert (line["route"], line["status"]) == ("/api/v1/things/{phone}", 200)
    assert line["bytes"] == len(answer.content)
    assert 0 < line["ms"] < 10_000
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert not written.leaks()


async def test_every_line_of_a_request_bears_its_id(
    written: Written, caller: httpx.AsyncClient
) -> None:
    answer = await caller.get("/api/v1/things/1", headers={"X-Request-ID": "abc-1.2_3"})

    assert answer.headers["X-Request-ID"] == "abc-1.2_3"
    assert answer.json()["request_id"] == "abc-1.2_3"
    assert [line["request_id"] for line in written.lines()] == ["abc-1.2_3"] * 2
    assert request_id.get() is None


@pytest.mark.parametrize("bad", ["a" * 65, 'x","admin":"y', "a b", ""])
async def test_an_id_that_could_forge_a_line_is_replaced(
    written: Written, caller: httpx.AsyncClient, bad: str
) -> None:
    answer = await caller.get("/api/v1/things/1", headers={"X-Request-ID": bad})

    assert answer.headers["X-Request-ID"] != bad
    assert written.last()["request_id"] == answer.headers["X-Request-ID"]


async def test_a_request_that_breaks_is_an_error_without_its_words(
    written: Written, caller: httpx.AsyncClient
) -> None:
    await caller.get(f"/api/v1/things/{PHONE}/broken")

    assert (written.last()["status"], written.last()["level"]) == (500, "error")
    assert not written.leaks()


async def test_an_address_nobody_serves_and_a_made_up_method_are_dashes(
    written: Written, caller: httpx.AsyncClient
) -> None:
    await caller.request(f"X{PHONE}", f"/nowhere/{PHONE}")

    assert (written.last()["method"], written.last()["route"]) == ("-", "-")
    assert not written.leaks()


async def test_health_checks_leave_no_line(written: Written, caller: httpx.AsyncClient) -> None:
    await caller.get("/healthz")

    assert not written.getvalue()


async def test_what_is_no_request_is_passed_on(written: Written) -> None:
    seen: list[str] = []

    async def started(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Any:
        return None

    await RequestLog(started)({"type": "lifespan"}, nothing, nothing)

    assert seen == ["lifespan"]
    assert not written.getvalue()


async def test_request_lines_follow_level_and_style(
    written: Written, caller: httpx.AsyncClient
) -> None:
    configure(level="error", stream=written)
    await caller.get("/api/v1/things/1")
    assert not written.getvalue()

    configure(style="text", stream=written)
    await caller.get("/api/v1/things/1")
    assert "200 GET /api/v1/things/{phone}" in written.getvalue()
    assert lines.output.text
