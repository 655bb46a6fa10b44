"""Real parts for every test: a PostgreSQL, a migrated database of its own, the service, a worker.

The server is started once for all parallel runs (`PALM_TEST_DATABASE_URL` names another one), the
migrations run once into a template, and each test that asks for a database gets a clone of it.
"""

import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from procrastinate import PsycopgConnector
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app import worker as working
from app.core import clock, http, jobs, migrations, postgres
from app.core.database import Sessions, connect, sessions_of, with_driver
from app.core.settings import settings
from app.main import create_app

working.load()

HASTY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""No test outlives its database; those about durability start a server of their own."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
_ROOM = 4 * 1024**3


def _fastest() -> Path:
    """Memory, where there is room: a database is some thousand files, made anew for every test."""
    roomy = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if roomy else Path(tempfile.gettempdir())


RUN_FOLDER = _fastest() / (
    f"palm-tests-{os.getuid()}-{sha256(str(migrations.ROOT).encode()).hexdigest()[:8]}"
)
"""What the parallel runs of this checkout's suite share."""


def _template() -> str:
    """A name that changes whenever the migrations do."""
    files = sorted((migrations.ROOT / "migrations").rglob("*.py"))
    digest = sha256(b"".join(file.read_bytes() for file in files))
    return f"palm_template_{digest.hexdigest()[:16]}"


def administer(url: str, *statements: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _migrated(url: str, template: str) -> None:
    """Make the template database unless it is there; half-made ones bear another name."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [template]).fetchone():
            return
    making = f"{template}_new"
    administer(url, f"DROP DATABASE IF EXISTS {making} WITH (FORCE)", f"CREATE DATABASE {making}")
    migrations.upgrade(named(url, making))
    administer(url, f"ALTER DATABASE {making} RENAME TO {template}")


@contextmanager
def _locked(name: str, how: int) -> Iterator[int]:
    RUN_FOLDER.mkdir(exist_ok=True)
    with (RUN_FOLDER / name).open("w") as file:
        fcntl.flock(file, how)
        yield file.fileno()


def _stop_if_last(users: int) -> None:
    with suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        postgres.stop(RUN_FOLDER / "data")
        shutil.rmtree(RUN_FOLDER / "data", ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Let no test reach further than the loopback."""
    connect = socket.socket.connect

    def near(self: socket.socket, address: Any) -> None:
        far = self.family in {socket.AF_INET, socket.AF_INET6} and address[0] != "localhost"
        if far and not ip_address(address[0]).is_loopback:
            message = f"a test connects to {address[0]}"
            raise AssertionError(message)
        connect(self, address)

    socket.socket.connect = near  # type: ignore[assignment, method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A server with a migrated template database; the last run to end stops what was started."""
    given = os.environ.get("PALM_TEST_DATABASE_URL")
    with _locked("users", fcntl.LOCK_SH) as users:
        with _locked("turn", fcntl.LOCK_EX):
            url = (
                with_driver(given) if given else postgres.start(RUN_FOLDER / "data", settings=HASTY)
            )
            _migrated(url, _template())
        yield url
        if not given:
            _stop_if_last(users)


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """The address of a database that is this test's own."""
    name = f"palm_test_{uuid4().hex}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {_template()} STRATEGY file_copy")
    yield named(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of the test's own, and settings read anew."""
    monkeypatch.setenv("PALM_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()
    clock.shift(timedelta())


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = connect(database, pool_size=10)
    yield engine
    await engine.dispose()


@pytest.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    return sessions_of(engine)


@pytest.fixture
async def session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


class Client(httpx.AsyncClient):
    """A caller of the service, who can be anybody."""

    def with_token(self, token: str) -> "Client":
        """Call as whoever holds this token from here on."""
        self.headers["Authorization"] = f"Bearer {token}"
        return self


@pytest.fixture
async def client(engine: AsyncEngine) -> AsyncIterator[Client]:
    web = create_app(engine)
    transport = httpx.ASGITransport(web)
    async with Client(transport=transport, base_url="http://palm.test") as client:
        yield client
    await web.state.desk.close()
    await web.state.hooks.close()
    await web.state.booth.close()


_DUE_NOW = (
    "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'",
    "UPDATE deliveries SET due_at = now() WHERE state = 'pending' AND due_at > now()",
    "UPDATE delivery_lanes SET stopped_until = NULL, next_at = now()",
)


class Worker:
    """The worker process, run by hand."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    async def catch_up(self, *, later: bool = False) -> None:
        """Run everything that is due, and with `later` what waits for another attempt too."""
        while True:
            if later:
                async with self.sessions.begin() as session:
                    for due in _DUE_NOW:
                        await session.execute(text(due))
            await jobs.queue.run_worker_async(
                wait=False,
                install_signal_handlers=False,
                listen_notify=False,
                additional_context={"sessions": self.sessions},
            )
            if not await self._waiting(later=later):
                return

    async def _waiting(self, *, later: bool) -> bool:
        due = "" if later else "AND (scheduled_at IS NULL OR scheduled_at <= now())"
        waiting = f"SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' {due}"  # noqa: S608 - a constant
        async with self.sessions() as session:
            return bool(await session.scalar(text(waiting)))


@pytest.fixture
async def worker(
    sessions: Sessions, database: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Worker]:
    """Without what comes round by the clock: what a test finds is not a question of the hour."""
    monkeypatch.setattr(jobs.queue.periodic_registry, "periodic_tasks", {})
    connector = PsycopgConnector(conninfo=database.replace("+psycopg", ""), min_size=1, max_size=4)
    with jobs.queue.replace_connector(connector):
        async with jobs.queue.open_async():
            yield Worker(sessions)
    await http.close()
