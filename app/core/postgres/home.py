"""Where the parts of an embedded server lie, and the locks by which its users take turns."""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import URL

from app.core.postgres.errors import NotStarted

DATABASE = "palm"
SUPERUSER = "postgres"
PORT = 5432
"""The number in the name of the socket; nothing listens on the network."""

_SOCKET_DIRECTORY = re.compile(r"/[\w/.-]{1,88}", re.ASCII)
"""What fits a socket's address on every system, and needs no quoting in a setting or a URL."""


@dataclass(frozen=True)
class Home:
    """The directory of one embedded server."""

    root: Path

    @property
    def cluster(self) -> Path:
        """What PostgreSQL calls its data directory."""
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.root / "postgres.log"

    @property
    def sockets(self) -> Path:
        """Where a server started now listens: beside its data, unless that is no address."""
        if _SOCKET_DIRECTORY.fullmatch(str(self.cluster)):
            return self.cluster
        name = sha256(os.fsencode(self.cluster)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"palm-{name}"

    @property
    def listening(self) -> Path:
        """Where the server that is up says it listens; a copied cluster's word is not taken."""
        with suppress(OSError, IndexError):
            told = (self.cluster / "postmaster.pid").read_text().splitlines()
            if told[1] == str(self.cluster) and told[4]:
                return Path(told[4])
        return self.sockets

    @property
    def url(self) -> str:
        """How SQLAlchemy reaches our database."""
        where = {"host": str(self.listening), "port": str(PORT)}
        url = URL.create("postgresql+psycopg", SUPERUSER, database=DATABASE, query=where)
        return url.render_as_string(hide_password=False)

    def last_words(self) -> str:
        """The end of the server's log, for a person to read."""
        if not self.log.exists():
            return f"the server in {self.root} said nothing"
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join([f"the server in {self.root} said last:", *lines[-10:]])

    @contextmanager
    def lock(self, name: str, kind: int = fcntl.LOCK_UN) -> Iterator[int]:
        """Hold a lock of this kind while the block runs; the kernel frees it if we are killed."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            held = os.open(self.root / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            message = f"{self.root} belongs to another user"
            raise NotStarted(message) from error
        try:
            fcntl.flock(held, kind)
            yield held
        finally:
            os.close(held)


def home_of(data_dir: Path) -> Home:
    """The home of the embedded server of this data directory."""
    return Home(data_dir.resolve())


def take(held: int, kind: int) -> bool:
    """Lock an open lock file without waiting; whether it could be had."""
    try:
        fcntl.flock(held, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
