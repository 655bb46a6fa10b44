"""The life of the embedded server: up when it is asked for, shared by directory, then down."""

import fcntl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg

from app.core.postgres.errors import NotStarted, NotStopped
from app.core.postgres.home import DATABASE, PORT, SUPERUSER, Home, home_of, take
from app.core.postgres.launch import launch, run

PATIENCE = 60.0
"""Seconds a server may take to start, crash recovery included, or to stop."""
_ALIVE = "postgres.alive"
"""Held by the server, all its processes together."""
_TURN = "postgres.turn"
"""Held by whoever starts or stops it."""
_USERS = "postgres.users"
"""Shared by those it is `running` for."""
_AS_IT_IS: Mapping[str, str] = MappingProxyType({})


def start(data_dir: Path, *, settings: Mapping[str, str] = _AS_IT_IS) -> str:
    """Bring the server of this directory up unless it is, and return the URL of its database.

    Safe to call again and again, from any number of processes: where a server answers it costs
    one connection (about 5 ms). `settings` hold for the server that this call starts. Raises
    `NotStarted` with the end of the server's log.
    """
    home = home_of(data_dir)
    if not _answers(home):
        with home.lock(_TURN, fcntl.LOCK_EX):
            _start(home, settings)
    return home.url


def stop(data_dir: Path) -> None:
    """End the server of this directory if it runs, and wait until the last of it is gone.

    What it acknowledged is safe, what it was doing is undone. Raises `NotStopped`.
    """
    home = home_of(data_dir)
    if home.cluster.exists():
        with home.lock(_TURN, fcntl.LOCK_EX):
            _stop(home)


def alive(data_dir: Path) -> bool:
    """Whether the server of this directory answers a connection."""
    return _answers(home_of(data_dir))


@contextmanager
def running(data_dir: Path, *, settings: Mapping[str, str] = _AS_IT_IS) -> Iterator[str]:
    """The server's URL while the block runs; the last process to leave stops the server."""
    home = home_of(data_dir)
    with home.lock(_USERS, fcntl.LOCK_SH) as users:
        try:
            yield start(data_dir, settings=settings)
        finally:
            with home.lock(_TURN, fcntl.LOCK_EX):
                if take(users, fcntl.LOCK_EX):
                    _stop(home)


def _start(home: Home, settings: Mapping[str, str]) -> None:
    launched = False
    deadline = time.monotonic() + PATIENCE
    while not _answers(home, create=True):
        with home.lock(_ALIVE) as held:
            if take(held, fcntl.LOCK_EX):
                if launched:
                    raise NotStarted(home.last_words())
                launch(home, held, settings)
                launched = True
        if time.monotonic() > deadline:
            raise NotStarted(home.last_words())
        time.sleep(0.02)


def _stop(home: Home) -> None:
    begun = time.monotonic()
    while not _gone(home):
        waited = time.monotonic() - begun
        if waited > PATIENCE:
            raise NotStopped(home.last_words())
        mode = "fast" if waited < PATIENCE / 2 else "immediate"
        run(home, "pg_ctl", "stop", "-t", "1", "-m", mode, "-D", str(home.cluster))
        time.sleep(0.02)
    if home.sockets != home.cluster:
        with suppress(OSError):
            home.sockets.rmdir()


def _gone(home: Home) -> bool:
    with home.lock(_ALIVE) as held:
        return take(held, fcntl.LOCK_SH)


def _answers(home: Home, *, create: bool = False) -> bool:
    where: dict[str, Any] = {"host": str(home.listening), "port": PORT, "user": SUPERUSER}
    where["connect_timeout"] = 3
    try:
        psycopg.connect(**where, dbname=DATABASE).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.OperationalError:
        return create and _create_database(where)
    return True


def _create_database(where: Mapping[str, Any]) -> bool:
    with suppress(psycopg.Error):
        with psycopg.connect(**where, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        return True
    return False
