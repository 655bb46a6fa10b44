"""The bots this process listens for, kept for some seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from app.core.database import Sessions
from app.core.problems import NotFound
from app.groups import queries
from app.groups.keys import keys_of
from app.groups.platforms import Platform, platforms

SECONDS = 10.0
"""How long a change of keys may go unseen; a signature that fails looks again at once."""


@dataclass(frozen=True, slots=True)
class Door:
    """A bot as its hook needs it."""

    community_id: UUID
    bot_id: UUID
    name: str
    self_id: str | None
    platform: Platform
    keys: Mapping[str, str]
    read_at: float


class Doors:
    """Bots by their slug."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._doors: dict[str, Door] = {}

    async def find(self, slug: str, *, newer_than: float = 0.0) -> Door:
        """The bot behind this address; `NotFound` when there is none, or it is silent."""
        door = self._doors.get(slug)
        if door and door.read_at > max(newer_than, monotonic() - SECONDS):
            return door
        read_at = monotonic()
        async with self._sessions() as session:
            bot = await queries.bot_of(session, slug)
        platform = platforms.get(bot.platform) if bot else None
        if bot is None or platform is None:
            self._doors.pop(slug, None)
            raise NotFound
        door = Door(
            bot.community_id, bot.id, bot.name, bot.self_id, platform, keys_of(bot), read_at
        )
        self._doors[slug] = door
        return door
