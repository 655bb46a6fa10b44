"""What stands behind the addresses that platforms call, kept for some seconds."""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

from app.core.database import Sessions
from app.core.problems import NotFound, Problem

SECONDS = 10.0
"""How long a change of keys may go unseen; a signature that fails looks again at once."""

Door = TypeVar("Door")
Opened = TypeVar("Opened")


class Doors(Generic[Door]):
    """Accounts, or bots, by their slug."""

    def __init__(
        self, sessions: Sessions, read: Callable[[Sessions, str], Awaitable[Door | None]]
    ) -> None:
        self._sessions, self._read = sessions, read
        self._kept: dict[str, tuple[float, Door]] = {}

    async def find(self, slug: str, *, instead_of: Door | None = None) -> Door:
        """What is behind this address, read again where it was this; `NotFound` for nothing."""
        read_at, door = self._kept.get(slug, (0.0, None))
        if door is not None and door is not instead_of and read_at > monotonic() - SECONDS:
            return door
        read_at = monotonic()
        door = await self._read(self._sessions, slug)
        if door is None:
            self._kept.pop(slug, None)
            raise NotFound
        self._kept[slug] = read_at, door
        return door

    async def open(
        self, slug: str, opens: Callable[[Door], Opened], refused: type[Problem]
    ) -> tuple[Door, Opened]:
        """What is behind this address, and what it opens; `refused`, tried once more as it is."""
        door = await self.find(slug)
        try:
            return door, opens(door)
        except refused:
            fresh = await self.find(slug, instead_of=door)
            if fresh == door:
                raise
            return fresh, opens(fresh)
