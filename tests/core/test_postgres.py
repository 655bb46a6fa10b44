"""The embedded server survives what can happen to it, and no server that forgets is trusted."""

import os
import pwd
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlalchemy import NullPool, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.core import postgres
from app.core.postgres import server

AS_ROOT = os.geteuid() == 0


@contextmanager
def directory() -> Iterator[Path]:
    """A data directory; not pytest's, which other runs of pytest close to the server's user."""
    with TemporaryDirectory(prefix="palm-") as name:
        yield Path(name)
        postgres.stop(Path(name))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A data directory whose server the tests of this file start, stop and kill."""
    with directory() as place:
        yield place


@pytest.fixture
def another() -> Iterator[Path]:
    """A data directory without a server."""
    with directory() as another:
        yield another


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute(statement.encode())
        return found.fetchall() if found.description else []


def postmaster(place: Path) -> int:
    return int((place / "postgres" / "postmaster.pid").read_text().split()[0])


def processes(place: Path) -> list[int]:
    """The postmaster and its children: all of them work in the cluster's directory."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if each.readlink() == place / "postgres":
                found.append(int(each.parent.name))
        except OSError:
            continue
    return found


def send(how: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, how)


@contextmanager
def program_of_the_same_user(place: Path) -> Iterator[int]:
    """A living process that PostgreSQL, asked about its id, would take for a server."""
    owner = (place / "postgres").stat().st_uid
    with subprocess.Popen(["/bin/sleep", "60"], user=owner if AS_ROOT else None) as program:
        try:
            yield program.pid
        finally:
            program.kill()


@contextmanager
def as_user(name: str) -> Iterator[int]:
    """The block runs in a child process of this user; yields 0 there, and its id here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        yield child
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        return
    try:
        user = pwd.getpwnam(name)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        yield 0
    except BaseException:  # noqa: BLE001 - a child of a test ends here, whatever happened
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


@contextmanager
def restarted(place: Path, **settings: str) -> Iterator[str]:
    postgres.stop(place)
    try:
        yield postgres.start(place, settings=settings)
    finally:
        postgres.stop(place)


async def checked(url: str, *statements: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await prepared(connection, *statements)
        await postgres.check_durability(connection)


async def prepared(connection: AsyncConnection, *statements: str) -> None:
    for statement in statements:
        await connection.execute(text(statement))


async def test_what_we_start_is_durable_checked_private_and_in_utf8(place: Path) -> None:
    url = postgres.start(place)

    await checked(url)

    asked = ("data_checksums", "listen_addresses", "server_encoding", "TimeZone")
    assert rows(url, "SELECT " + ", ".join(f"current_setting('{name}')" for name in asked)) == [
        ("on", "", "UTF8", "UTC")
    ]
    sockets = Path(str(make_url(url).query["host"]))
    assert sockets.stat().st_mode & 0o077 == 0
    assert (sockets / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
async def test_a_server_that_may_forget_is_refused(place: Path, setting: str) -> None:
    with (
        restarted(place, **{setting: "off"}) as url,
        pytest.raises(postgres.NotDurable, match=f"^{setting} is off"),
    ):
        await checked(url)


async def test_a_setting_of_our_database_alone_counts_too(place: Path) -> None:
    url = postgres.start(place)
    rows(url, "ALTER DATABASE palm SET synchronous_commit = off")
    try:
        with pytest.raises(postgres.NotDurable, match="synchronous_commit"):
            await checked(url)
    finally:
        rows(url, "ALTER DATABASE palm RESET synchronous_commit")


@pytest.mark.parametrize("how", ["on", "local", "remote_write", "remote_apply"])
async def test_every_way_of_committing_to_the_disk_is_accepted(place: Path, how: str) -> None:
    await checked(postgres.start(place), f"SET synchronous_commit = {how}")


async def test_a_server_before_15_is_refused(place: Path) -> None:
    claim = "CREATE TEMP VIEW pg_settings AS SELECT 'server_version_num' AS name, '{}' AS setting"
    url = postgres.start(place)

    await checked(url, claim.format(150000))
    with pytest.raises(postgres.TooOld, match="PostgreSQL 14 is too old: 15 or newer"):
        await checked(url, claim.format(140018))


def test_a_server_that_runs_is_not_started_again(place: Path) -> None:
    first = postgres.start(place)
    running = postmaster(place)

    assert postgres.start(place) == first
    assert postmaster(place) == running
    assert os.getsid(running) != os.getsid(0), "a Ctrl-C of ours would reach it"


def test_what_was_acknowledged_is_there_after_everything_was_killed(place: Path) -> None:
    url = postgres.start(place)
    rows(url, "CREATE TABLE told AS SELECT 1 AS word")
    left = (place / "postgres" / "postmaster.pid").read_text().splitlines()

    send(signal.SIGKILL, processes(place))
    assert not postgres.alive(place)
    with program_of_the_same_user(place) as pid:
        (place / "postgres" / "postmaster.pid").write_text("\n".join([str(pid), *left[1:], ""]))
        (place / "postgres" / ".s.PGSQL.5432.lock").write_text(f"{pid}\n{place}\n")

        assert postgres.start(place) == url
        assert rows(url, "TABLE told") == [(1,)]


def test_a_server_is_not_started_beside_a_living_child_of_a_killed_one(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.start(place)
    dead, *orphans = sorted(processes(place), key=lambda pid: pid != postmaster(place))
    send(signal.SIGSTOP, orphans)
    send(signal.SIGKILL, [dead])
    monkeypatch.setattr(server, "PATIENCE", 0.2)

    with pytest.raises(postgres.NotStarted):
        postgres.start(place)

    assert not processes(place) or postmaster(place) == dead
    send(signal.SIGKILL, orphans)
    monkeypatch.undo()
    assert rows(postgres.start(place), "SELECT 1") == [(1,)]


def test_processes_that_start_together_share_one_server(another: Path) -> None:
    script = "import sys, pathlib; from app.core import postgres; "
    script += "print(postgres.start(pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-c", script, str(another)]

    def told(_: int) -> str:
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        return done.stdout

    with ThreadPoolExecutor() as threads:
        first, second = threads.map(told, range(2))

    assert first.splitlines()[-1] == second.splitlines()[-1] == postgres.start(another)
    assert (another / "postgres.log").read_text().count("starting PostgreSQL") == 1


def test_a_server_is_stopped_even_where_its_user_was_shut_out(place: Path) -> None:
    postgres.start(place)
    place.chmod(0o700)

    postgres.stop(place)

    assert processes(place) == []


def test_the_last_to_leave_stops_the_server(place: Path) -> None:
    with postgres.running(place) as url:
        with postgres.running(place) as same:
            assert same == url
        assert postgres.alive(place)
    assert not postgres.alive(place)
    assert processes(place) == []


def test_stopping_what_does_not_run_does_nothing(place: Path, another: Path) -> None:
    postgres.stop(place)
    postgres.stop(place)
    postgres.stop(another / "nothing")
    assert not (another / "nothing").exists()


def test_a_start_that_was_killed_half_way_is_begun_anew(another: Path) -> None:
    (another / "postgres.new" / "base").mkdir(parents=True)

    assert rows(postgres.start(another), "SELECT 1") == [(1,)]


def test_a_path_no_socket_can_have_is_got_round(another: Path) -> None:
    long = another / f"a, 'b' $(c) {'x' * 100}" / "伊伊小区"
    url = postgres.start(long)
    sockets = Path(str(make_url(url).query["host"]))
    assert rows(url, "SELECT 1") == [(1,)]
    assert sockets.stat().st_mode & 0o077 == 0

    postgres.stop(long)
    assert not sockets.exists()


def test_the_word_of_a_copied_cluster_is_not_taken(place: Path, another: Path) -> None:
    postgres.start(place)
    copied = (place / "postgres" / "postmaster.pid").read_bytes()
    (another / "postgres").mkdir()
    (another / "postgres" / "postmaster.pid").write_bytes(copied)

    assert not postgres.alive(another)


def test_a_server_that_does_not_yet_say_where_it_listens_is_not_up(another: Path) -> None:
    (another / "postgres").mkdir()
    begun = f"1\n{another / 'postgres'}\n0\n5432\n\n"
    (another / "postgres" / "postmaster.pid").write_text(begun)

    assert not postgres.alive(another)


def test_a_server_that_cannot_start_says_why(place: Path) -> None:
    postgres.stop(place)
    with pytest.raises(postgres.NotStarted, match="shared_buffers"):
        postgres.start(place, settings={"shared_buffers": "plenty"})


@pytest.fixture
def public(place: Path) -> Iterator[Path]:
    """A directory that everybody may enter; so is what the server needs, once root started one."""
    if not AS_ROOT:
        pytest.skip("the whole file runs as an ordinary user already")
    postgres.start(place)
    with TemporaryDirectory() as public:
        Path(public).chmod(0o711)
        yield Path(public)


def theirs(public: Path, name: str) -> Path:
    """A data directory of this user's."""
    theirs = public / name
    theirs.mkdir()
    os.chown(theirs, pwd.getpwnam(name).pw_uid, -1)
    return theirs


def test_two_ordinary_users_of_one_machine_have_their_own_servers(public: Path) -> None:
    for name in ("nobody", "daemon"):
        data = theirs(public, name)
        with as_user(name) as child:
            if not child:
                with postgres.running(data) as url:
                    assert rows(url, "SELECT 1") == [(1,)]


def test_the_server_runs_for_root_as_whoever_owns_its_data(public: Path) -> None:
    data = theirs(public, "nobody")
    with as_user("nobody") as child:
        if not child:
            postgres.start(data)
            postgres.stop(data)

    with postgres.running(data) as url:
        assert rows(url, "SELECT 1") == [(1,)]
        assert Path(f"/proc/{postmaster(data)}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
