"""Fifty at once, each on a connection of their own, round after round."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.database import Sessions, sessions_of

MANY, ROUNDS = 50, 200
WHOLE_ROUNDS = 5
"""Of those in which everybody runs the whole verb."""


@asynccontextmanager
async def a_crowd(database: str) -> AsyncIterator[Sessions]:
    """Sessions on fifty connections, all of which are there before the first round."""
    engine = create_async_engine(database, pool_size=MANY, max_overflow=0)
    everybody = asyncio.Barrier(MANY)

    async def come() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await everybody.wait()

    await asyncio.gather(*(come() for _ in range(MANY)))
    yield sessions_of(engine)
    await engine.dispose()


async def at_once(act: Callable[[], Awaitable[str]], many: int = MANY) -> list[str]:
    """How it ended for each; what is no refusal of ours goes by the name of what was raised."""

    async def outcome() -> str:
        try:
            return await act()
        except Exception as error:  # noqa: BLE001 - what it is, is what is asked
            return type(error).__name__

    return await asyncio.gather(*(outcome() for _ in range(many)))


@asynccontextmanager
async def some_drivers(database: str) -> AsyncIterator[list[psycopg.AsyncConnection[Any]]]:
    """Fifty connections of the driver itself, for statements as the verbs send them."""
    plain = database.replace("+psycopg", "")
    joining = (psycopg.AsyncConnection.connect(plain) for _ in range(MANY))
    drivers = await asyncio.gather(*joining)
    yield drivers
    await asyncio.gather(*(driver.close() for driver in drivers))


async def together(
    drivers: list[psycopg.AsyncConnection[Any]],
    act: Callable[[psycopg.AsyncConnection[Any]], Awaitable[str]],
) -> list[str]:
    """How it ended for each, every one in a transaction of their own."""

    async def outcome(driver: psycopg.AsyncConnection[Any]) -> str:
        try:
            async with driver.transaction():
                return await act(driver)
        except psycopg.Error as error:
            return str(error.diag.constraint_name or type(error).__name__)

    return await asyncio.gather(*(outcome(driver) for driver in drivers))


def sql(statement: Any) -> bytes:
    """A statement as the database is sent it, with its values in it."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    written = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return str(written).encode()


def unlocked(statement: Any) -> Any:
    """The same statement with its lock cut out, which SQLAlchemy has no other way for."""
    cut = statement._clone()
    cut._for_update_arg = None
    return cut
