"""The database's shape: where it stands, and bringing it to where the code expects it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import with_driver

ROOT = Path(__file__).parent.parent.parent


def config(url: str) -> Config:
    """Alembic's configuration for this database."""
    made = Config(ROOT / "alembic.ini")
    made.set_main_option("sqlalchemy.url", with_driver(url).replace("%", "%%"))
    return made


def upgrade(url: str, to: str = "head") -> None:
    """Bring the database forward; blocking, and safe to run by several processes at once."""
    command.upgrade(config(url), to)


def newest() -> str:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(config("")).get_current_head() or ""


async def current(session: AsyncSession) -> str:
    """The revision that the database is at; empty when it was never migrated."""
    exists = await session.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    if not exists:
        return ""
    return await session.scalar(text("SELECT version_num FROM alembic_version")) or ""
