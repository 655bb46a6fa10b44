"""Waiting for something new, without asking again and again."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

LONGEST_WAIT = 30.0

ItemT = TypeVar("ItemT")


class News:
    """Wakes everybody who waits whenever there is something new."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        """There is something new."""
        self._event.set()
        self._event = asyncio.Event()

    async def awaited(self, look: Callable[[], list[ItemT]], wait: float) -> list[ItemT]:
        """What `look` finds; as long as that is nothing, for up to `wait` seconds."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + min(max(wait, 0), LONGEST_WAIT)
        while not (found := look()) and (left := deadline - clock()) > 0:
            try:
                await asyncio.wait_for(self._event.wait(), left)
            except TimeoutError:
                break
        return found
