"""What stands behind the addresses that platforms call, kept for some seconds."""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

from app.core.database import Sessions
from app.core.problems import NotFound

SECONDS = 10.0
"""How long a change of keys may go unseen; a signature that fails looks again at once."""

Door = TypeVar("Door")


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
