"""How a command reaches the database: one command is one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app import worker
from app.cli.output import say
from app.core import database, http, postgres, problems
from app.places.models import ROOT, Community, Place

T = TypeVar("T")


@contextmanager
def trusted() -> Iterator[str]:
    """The URL of a database that answers and keeps what it takes; otherwise a line says why not."""
    try:
        with database.reachable() as url:
            asyncio.run(_check(url))
            yield url
    except postgres.PostgresError as error:
        say(f"error: {error}")
        raise typer.Exit(1) from error
    except OperationalError as error:
        say("error: the database does not answer")
        raise typer.Exit(1) from error


async def _check(url: str) -> None:
    engine = database.connect(url, pool_size=2)
    try:
        await database.durable(engine)
    finally:
        await engine.dispose()


async def _run(url: str, work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    engine = database.connect(url, pool_size=2)
    try:
        return await work(engine)
    finally:
        await http.close()
        await engine.dispose()


def with_engine(work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Do this on the database; what is refused is said in a line, with exit status 1."""
    worker.load()
    try:
        with trusted() as url:
            return asyncio.run(_run(url, work))
    except typer.Exit:
        raise
    except Exception as error:
        problem = problems.of(error)
        if isinstance(problem, problems.Internal):
            raise
        say(f"error: {problem.title()} {problem.detail or ''}".rstrip())
        for found in problem.errors:
            say(f"  {found['path']}: {found['message']}")
        raise typer.Exit(1) from error


def transaction(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Do this in one transaction, or not at all."""

    async def committed(engine: AsyncEngine) -> T:
        async with database.sessions_of(engine).begin() as session:
            return await work(session)

    return with_engine(committed)


async def community_of(session: AsyncSession, slug: str) -> Community:
    """The community of this slug."""
    found = await session.scalar(select(Community).where(Community.slug == slug))
    if found is None:
        raise problems.NotFound
    return found


async def place_of(session: AsyncSession, community: Community, path: str = ROOT) -> Place:
    """The place at this path of the community."""
    place = await session.scalar(
        select(Place).where(Place.community_id == community.id, Place.path == path)
    )
    if place is None:
        raise problems.NotFound
    return place
