"""Statements shared by what arrives together: each caller keeps its own answer.

While one statement runs, the keys that come in are collected; the next statement takes all of
them. Under load this divides the cost of a round trip and a commit by the number of callers, and
at rest it costs nothing. An answer is given only after the commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

K = TypeVar("K")
V = TypeVar("V")

Statement: TypeAlias = Callable[[AsyncConnection, Sequence[K]], Awaitable[Sequence[V]]]

_LARGEST = 256
_LINGER = 1.0
"""Seconds that a connection is kept for the next ones to come."""


class _Lost(Exception):  # noqa: N818 - what became of the connection
    """The connection broke under a statement; it did all of its work or none."""


class Batch(Generic[K, V]):
    """One statement, run for many callers at a time; answers come in the order of the keys.

    It runs outside a transaction block, and so commits by itself in the same round trip. A
    statement whose connection broke is sent once more: it must have the same effect twice as once.
    """

    def __init__(self, engine: AsyncEngine, statement: Statement[K, V]) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._statement = statement
        self._waiting: list[tuple[K, asyncio.Future[V]]] = []
        self._more = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> V:
        """The statement's answer to this key, after its commit."""
        answer: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        self._more.set()
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def close(self) -> None:
        """Give the connection back; whoever comes later opens another."""
        if running := self._running:
            running.cancel()
            await asyncio.wait([running])

    async def _run(self) -> None:
        """Serve until nobody has come for a while; what cannot be served is told to who waits."""
        try:
            try:
                await self._serve_all()
            except _Lost:
                await self._serve_all()
        except Exception as error:  # noqa: BLE001 - whatever it is, they must not wait for ever
            waiting, self._waiting = self._waiting, []
            for _, future in waiting:
                _fail(future, error.__cause__ if isinstance(error, _Lost) else error)
        finally:
            self._running = None

    async def _serve_all(self) -> None:
        async with self._engine.connect() as connection:
            while await self._anybody():
                taken, self._waiting = self._waiting[:_LARGEST], self._waiting[_LARGEST:]
                pairs = [pair for pair in taken if not pair[1].done()]
                try:
                    await self._serve(connection, pairs)
                except _Lost:
                    self._waiting = pairs + self._waiting
                    raise

    async def _anybody(self) -> bool:
        """Whether somebody waits now, or comes before the connection is given back."""
        if not self._waiting:
            self._more.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LINGER):
                    await self._more.wait()
        return bool(self._waiting)

    async def _serve(
        self, connection: AsyncConnection, pairs: list[tuple[K, "asyncio.Future[V]"]]
    ) -> None:
        """Run the statement; where it is refused, for each alone, so that none fails another."""
        if not pairs:
            return
        try:
            answers = await self._statement(connection, [key for key, _ in pairs])
        except Exception as error:
            if connection.invalidated:
                raise _Lost from error
            if len(pairs) == 1:
                _fail(pairs[0][1], error)
                return
            for pair in pairs:
                await self._serve(connection, [pair])
            return
        for (_, waiting), answer in zip(pairs, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)


def _fail(answer: "asyncio.Future[Any]", error: BaseException | None) -> None:
    if not answer.done():
        answer.set_exception(error or ConnectionError())


class Reads:
    """Shared statements of one engine, each declared as a function."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._batches: dict[Any, Batch[Any, Any]] = {}

    async def close(self) -> None:
        """Give every connection back."""
        for batch in self._batches.values():
            await batch.close()

    async def ask(self, statement: Statement[K, V], key: K) -> V:
        """The statement's answer to this key, together with whoever asks the same just now."""
        batch = self._batches.get(statement)
        if batch is None:
            batch = self._batches[statement] = Batch(self._engine, statement)
        answer: V = await batch(key)
        return answer
