"""How an embedded server comes into being: made whole, cleared of a dead one's traces, started.

What calls here holds the lock `postgres.alive` and hands it to the server: the postmaster and all
its children keep it until the last of them is gone, so that neither a reused process id nor a
zombie is ever taken for a server.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app.core.postgres.errors import NotStarted
from app.core.postgres.home import PORT, SUPERUSER, Home
from app.core.postgres.owner import as_owner, give, program

_SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # The server's log must not repeat the values of a refused row: they are personal data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


def launch(home: Home, held: int, settings: Mapping[str, str]) -> None:
    """Start the server with these settings on top of its own, and do not wait for it."""
    if not (home.cluster / "PG_VERSION").exists():
        _make_cluster(home)
    _sweep(home)
    if home.sockets != home.cluster:
        _make_sockets(home)
    _spawn(home, held, settings)


def run(home: Home, name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs to its end, as the user of the server."""
    return subprocess.run(  # noqa: S603 - a program of ours, and no shell
        [program(name), *words],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **as_owner(home),
    )


def _make_cluster(home: Home) -> None:
    # Made elsewhere and moved in whole, so that a start that is killed leaves no half.
    making = home.root / "postgres.new"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    give(home, making)
    how = [f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    settings = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
    made = run(home, "initdb", *how, "--data-checksums", *settings, "-D", str(making))
    if made.returncode:
        raise NotStarted(made.stdout)
    making.rename(home.cluster)
    directory = os.open(home.root, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def _sweep(home: Home) -> None:
    """Clear away what a killed server left.

    PostgreSQL takes any process of its user that bears the old id for a living server. We hold the
    lock, so it is another program, unless somebody started a server here by hand.
    """
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (home.sockets / name).unlink(missing_ok=True)
    left = home.cluster / "postmaster.pid"
    if not left.exists():
        return
    pid = left.read_text().partition("\n")[0].strip()
    with suppress(OSError):
        if Path(f"/proc/{pid}/cwd").readlink() == home.cluster:
            message = f"process {pid}, which we did not start, serves {home.cluster}"
            raise NotStarted(message)
    if not pid or _occupied(int(pid)):
        left.unlink()


def _occupied(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _make_sockets(home: Home) -> None:
    with suppress(FileExistsError):
        home.sockets.mkdir(mode=0o700)
        give(home, home.sockets)
    found = home.sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != home.cluster.stat().st_uid:
        message = f"{home.sockets} is not ours"
        raise NotStarted(message)


def _spawn(home: Home, held: int, settings: Mapping[str, str]) -> None:
    chosen = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(home.sockets),
        "unix_socket_permissions": "0700",
        **settings,
    }
    command = [program("postgres"), "-D", str(home.cluster)]
    command += [f"--{name}={value}" for name, value in chosen.items()]
    said = os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # The shell leaves at once: the server is nobody's child to reap, nor hears our Ctrl-C.
        subprocess.run(  # noqa: S603 - a constant script
            ["/bin/sh", "-c", '"$@" &', "sh", *command],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=(held,),
            start_new_session=True,
            **as_owner(home),
        )
    finally:
        os.close(said)
