"""Whether a server keeps what it acknowledged, asked before anything is entrusted to it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.postgres.errors import NotDurable, TooOld

OLDEST = 15
_ASKED = text(
    "SELECT name, setting FROM pg_settings"
    " WHERE name IN ('server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit')"
)


async def check_durability(connection: AsyncConnection) -> None:
    """Refuse a server that may lose an acknowledged write, or that is older than we support.

    Asks as the role and in the database we work with, so that a setting of theirs counts too.
    Raises `TooOld` or `NotDurable`, naming the version or the setting.
    """
    found = {row.name: row.setting for row in await connection.execute(_ASKED)}
    version = int(found.pop("server_version_num")) // 10_000
    if version < OLDEST:
        message = f"PostgreSQL {version} is too old: {OLDEST} or newer is needed"
        raise TooOld(message)
    for name, setting in found.items():
        if setting == "off":
            message = f"{name} is off: this server may lose what it acknowledged; turn it on"
            raise NotDurable(message)
