"""Tables and transactions: one request is one transaction, and so is one job.

The edge opens a transaction, commits it and rolls it back; nothing below the edge commits.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Insert,
    MetaData,
    Select,
    Text,
    Update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core import postgres
from app.core.ids import new_id
from app.core.problems import NotFound
from app.core.settings import settings

Sessions: TypeAlias = async_sessionmaker[AsyncSession]

Moment = DateTime(timezone=True)
Row = TypeVar("Row")

_AT_ONCE = 1000

_word = Enum(
    StrEnum,
    native_enum=False,
    length=40,
    values_callable=lambda kind: [word.value for word in kind],
)


class Table(DeclarativeBase):
    """A table; its constraints get names that problems can be keyed on."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        int: BigInteger,
        StrEnum: _word,
        datetime: Moment,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
    }


class Tenant:
    """Columns of a table whose rows belong to one community.

    The community leads the primary key, and through `belongs` every foreign key, so that the
    database itself refuses a reference across communities.
    """

    community_id: Mapped[UUID] = mapped_column(ForeignKey("communities.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


def belongs(column: str, table: str) -> ForeignKeyConstraint:
    """A reference to a row of the same community."""
    return ForeignKeyConstraint(["community_id", column], [f"{table}.community_id", f"{table}.id"])


def url() -> str:
    """The database of the settings; where none is named, the embedded one is started."""
    if given := settings().database_url:
        return with_driver(given.get_secret_value())
    return postgres.start(settings().data_dir)


@contextmanager
def reachable() -> Iterator[str]:
    """The database of the settings while the block runs.

    An embedded one is started, and stopped again by the last process to leave.
    """
    if settings().database_url is not None:
        yield url()
        return
    with postgres.running(settings().data_dir) as embedded:
        yield embedded


def with_driver(url: str) -> str:
    """The address with our driver named in it, however it was written."""
    scheme, colon, rest = url.partition(":")
    return f"postgresql+psycopg{colon}{rest}" if scheme in ("postgres", "postgresql") else url


def connect(url: str, *, pool_size: int | None = None) -> AsyncEngine:
    """An engine for this database; a statement may take 15 s and wait 5 s for a lock.

    None is compiled first: that takes longer than any of ours should.
    """
    return create_async_engine(
        with_driver(url),
        pool_size=pool_size or settings().pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c timezone=UTC"
            " -c idle_in_transaction_session_timeout=60000 -c jit=off",
        },
    )


def plain(url: str) -> str:
    """The same address as the driver itself takes it."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


async def durable(engine: AsyncEngine) -> None:
    """Refuse a server that could lose what it acknowledged (`NotDurable`), or too old a one."""
    async with engine.connect() as connection:
        await postgres.check_durability(connection)


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Sessions on this engine; what they loaded stays readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def existing(session: AsyncSession, rows: Select[Row]) -> Row:
    """The row that is selected; `NotFound` where it is not there, or not for the caller."""
    if (row := await session.scalar(rows)) is None:
        raise NotFound
    return row


async def execute_all(
    session: AsyncSession, statement: Insert | Update, rows: Iterable[dict[str, Any]]
) -> None:
    """Some rows at a time, so that locking their columns never keeps the event loop for long."""
    waiting = iter(rows)
    while some := list(islice(waiting, _AT_ONCE)):
        await session.execute(statement, some)


async def driver(session: AsyncSession | AsyncConnection) -> Any:
    """The psycopg connection beneath, inside the transaction that is open there.

    Asking for the connection first makes SQLAlchemy send a pending SAVEPOINT; without that, what
    the driver does next would stand outside it.
    """
    connection = await session.connection() if isinstance(session, AsyncSession) else session
    raw = await connection.get_raw_connection()
    return raw.driver_connection
