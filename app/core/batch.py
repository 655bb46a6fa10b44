"""Statements shared by what arrives together: each caller keeps its own answer.

While one statement runs, the keys that come in are collected; the next statement takes all of
them. Under load this divides the cost of a round trip and a commit by the number of callers, and
at rest it costs nothing. An answer is given only after the commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

K = TypeVar("K")
V = TypeVar("V")

Statement: TypeAlias = Callable[[AsyncConnection, Sequence[K]], Awaitable[Sequence[V]]]

_LARGEST = 256


class Batch(Generic[K, V]):
    """One statement, run for many callers at a time; answers come in the order of the keys."""

    def __init__(self, engine: AsyncEngine, statement: Statement[K, V]) -> None:
        self._engine = engine
        self._statement = statement
        self._waiting: list[tuple[K, asyncio.Future[V]]] = []
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> V:
        """The statement's answer to this key, after its commit."""
        answer: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[:_LARGEST], self._waiting[_LARGEST:]
                await self._serve([pair for pair in taken if not pair[1].done()])
        finally:
            self._running = None

    async def _serve(self, pairs: list[tuple[K, "asyncio.Future[V]"]]) -> None:
        if not pairs:
            return
        try:
            async with self._engine.begin() as connection:
                answers = await self._statement(connection, [key for key, _ in pairs])
        except Exception as error:  # noqa: BLE001 - every caller is given its own
            await self._one_by_one(pairs, error)
            return
        for (_, future), answer in zip(pairs, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    async def _one_by_one(
        self, pairs: list[tuple[K, "asyncio.Future[V]"]], error: Exception
    ) -> None:
        """Let a key that the database refuses fail alone."""
        if len(pairs) > 1:
            for pair in pairs:
                await self._serve([pair])
        elif not pairs[0][1].done():
            pairs[0][1].set_exception(error)


class Reads:
    """Shared statements of one engine, each declared as a function."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._batches: dict[Any, Batch[Any, Any]] = {}

    async def ask(self, statement: Statement[K, V], key: K) -> V:
        """The statement's answer to this key, together with whoever asks the same just now."""
        batch = self._batches.get(statement)
        if batch is None:
            batch = self._batches[statement] = Batch(self._engine, statement)
        answer: V = await batch(key)
        return answer
