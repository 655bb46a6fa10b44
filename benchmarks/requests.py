"""The desk among ten thousand requests and among a million: the same questions, side by side.

Two services on one machine, each with a database of its own on the same server, are asked in turns
by one connection, as one person at a desk would. What counts is the ratio: how much longer a page
takes when there are a hundred times as many requests.
"""

import asyncio
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy.engine import make_url

from app import worker
from app.core import database, migrations, postgres
from app.core.clock import CHINA
from app.core.settings import settings
from benchmarks.load import fire, print_row
from benchmarks.processes import Served, free_port, served
from benchmarks.years import COMMON, MEDIUM, RARE, Settled, fill, settle

SIZES = (10_000, 1_000_000)
ROUNDS, EACH = 8, 15
"""So often the sizes take turns at a question, and so often it is asked in one turn."""
_LIST = "/api/v1/service-requests"


@dataclass
class Scene:
    """One of the sizes: its community, its service, and what was seen there."""

    town: Settled
    server: Served
    recent: list[str] = field(default_factory=list)
    """Ids of requests, of the newest and of the oldest."""

    def request(self, who: str, path: str) -> bytes:
        """A question as it goes over the wire."""
        token = self.town.tokens[who]
        return (
            f"GET {quote(path, safe='/?&=:%-_.')} HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()


Paths = Callable[[Scene], Iterator[str]]


@dataclass(frozen=True)
class Question:
    """Something that is asked again and again, each time a little differently if it can be."""

    name: str
    paths: Paths
    who: str = "manager"


def always(path: str) -> Paths:
    """The same each time."""
    return lambda _scene: itertools.repeat(path)


def listed(query: str) -> Paths:
    """A list with these filters."""
    return always(f"{_LIST}?{query}")


def _places(kind: str) -> Paths:
    return lambda scene: (
        f"{_LIST}?place={each}" for each in itertools.cycle(scene.town.places[kind])
    )


def _categories(scene: Scene) -> Iterator[str]:
    return (
        f"{_LIST}?category={code}" for _id, _version, code in itertools.cycle(scene.town.categories)
    )


def _workers(scene: Scene) -> Iterator[str]:
    return (f"{_LIST}?assignee={each}" for each in itertools.cycle(scene.town.workers))


def _one(rest: str = "") -> Paths:
    return lambda scene: (f"{_LIST}/{each}{rest}" for each in itertools.cycle(scene.recent))


def _figures(days: int, by: str) -> Paths:
    """The rates of so many days that have just gone, for each of something."""
    until = datetime.now(CHINA).date()
    since = until - timedelta(days=days)
    return always(f"/api/v1/figures?from={since}&to={until}&by={by}")


QUESTIONS = [
    Question("work list, undone", listed("undone=true")),
    Question("work list, by due", listed("undone=true&order=due")),
    Question("work list, mine", listed("assignee=me&undone=true"), who="grid worker"),
    Question("work list of a grid", listed("undone=true"), who="grid worker"),
    Question("counts", always(f"{_LIST}/counts")),
    Question("counts of a grid", always(f"{_LIST}/counts"), who="grid worker"),
    Question("everything", listed("")),
    Question("a resident's own", listed(""), who="resident"),
    Question("one state of few", listed("state=submitted")),
    Question("two states of few", listed("state=completed&state=verified")),
    Question("overdue", listed("overdue=true")),
    Question("suspended", listed("suspended=true")),
    Question("a category", _categories),
    Question("a worker's", _workers),
    Question("a building's", _places("building")),
    Question("a home's", _places("home")),
    Question("no such channel", listed("channel=open311")),
    Question("search, common", listed(f"q={COMMON}")),
    Question("search, medium", listed(f"q={MEDIUM}")),
    Question("search, rare", listed(f"q={RARE}")),
    Question("search, nothing", listed("q=白鹤")),
    Question("search, two words", listed(f"q={COMMON} 三单元")),
    Question("search, a long word", listed("q=老人出行不便")),
    Question("search, never together", listed(f"q={MEDIUM} 白鹤")),
    Question("search, undone", listed(f"q={COMMON}&undone=true")),
    Question(
        "search, in a building",
        lambda scene: (f"{path}&q={COMMON}" for path in _places("building")(scene)),
    ),
    Question("search, a grid worker", listed(f"q={COMMON}"), who="grid worker"),
    Question("search, a resident", listed(f"q={COMMON}"), who="resident"),
    Question("a number", listed("number=5000")),
    Question("figures of a month", _figures(30, "community")),
    Question("figures, by grid", _figures(30, "grid")),
    Question("figures, by category", _figures(30, "category")),
    Question("figures, by worker", _figures(30, "worker")),
    Question("figures, by building", _figures(30, "building")),
    Question("figures, a year by month", _figures(365, "month")),
    Question("load and ageing", always("/api/v1/figures/load")),
    Question("one request", _one()),
    Question("timeline", _one("/timeline")),
]


async def _ask(scene: Scene, question: Question, paths: Iterator[str], times: int) -> list[float]:
    """How long the answers took, in milliseconds."""
    asked = [scene.request(question.who, path) for path in itertools.islice(paths, times)]
    measured = await fire(scene.server.port, [asked])
    if set(measured.statuses) != {200}:
        message = f"{question.name}: {measured.statuses} {measured.bodies[0][:500]!r}"
        raise RuntimeError(message)
    return [latency * 1000 for latency in measured.latencies]


def _percentile(latencies: list[float], share: float) -> float:
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def _compare(question: Question, scenes: list[Scene]) -> None:
    paths = [question.paths(scene) for scene in scenes]
    latencies: list[list[float]] = [[] for _ in scenes]
    for round_ in range(ROUNDS + 1):
        for at, scene in enumerate(scenes):
            took = await _ask(scene, question, paths[at], EACH)
            latencies[at] += took if round_ else []
    medians = [statistics.median(each) for each in latencies]
    cells = [
        f"{value:.1f} ms"
        for each, median in zip(latencies, medians, strict=True)
        for value in (median, _percentile(each, 0.99))
    ]
    print_row(question.name, *cells, f"{medians[-1] / medians[0]:.2f}")


async def _find_some(scene: Scene) -> None:
    """Ten of the newest requests and ten of the oldest, to read one by one."""
    for query in ("limit=10", "limit=10&filed_before=2025-01-01T00:00:00Z"):
        asked = scene.request("manager", f"{_LIST}?{query}")
        page = json.loads((await fire(scene.server.port, [[asked]])).bodies[0])
        scene.recent += [item["id"] for item in page["items"]]


async def _all(scenes: list[Scene], sizes: tuple[int, ...], questions: list[Question]) -> None:
    for scene in scenes:
        await _find_some(scene)
    heads = [cell for size in sizes for cell in (f"{size:,} p50", "p99")]
    print_row("requests", *heads, "ratio")
    for question in questions:
        await _compare(question, scenes)


async def _settled(url: str) -> Settled:
    engine = database.connect(url)
    async with database.sessions_of(engine).begin() as session:
        town = await settle(session)
    await engine.dispose()
    return town


def _prepared(server: str, size: int) -> tuple[str, Settled]:
    """A database with so many requests; returns where it is."""
    started = time.monotonic()
    with psycopg.connect(database.plain(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE requests_{size}".encode())
    url = make_url(server).set(database=f"requests_{size}").render_as_string(hide_password=False)
    migrations.upgrade(url)
    town = asyncio.run(_settled(url))
    fill(database.plain(url), town, size)
    print_row(f"{size:,} requests made in", f"{time.monotonic() - started:.0f} s")
    return url, town


@contextmanager
def _serving(url: str, town: Settled) -> Iterator[Scene]:
    port = free_port()
    environment = {"PALM_DATABASE_URL": url, "PALM_LOG_LEVEL": "warning", "PALM_PORT": str(port)}
    with served("app.cli", "serve", port=port, environment=environment) as server:
        yield Scene(town, server)


def main(sizes: tuple[int, ...] = SIZES, questions: list[Question] = QUESTIONS) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PALM_DATA_DIR"] = folder
        settings.cache_clear()
        worker.load()
        server = postgres.start(Path(folder), settings={"max_wal_size": "4GB"})
        try:
            small, large = (_prepared(server, size) for size in sizes)
            with _serving(*small) as one, _serving(*large) as other:
                asyncio.run(_all([one, other], sizes, questions))
        finally:
            postgres.stop(Path(folder))
