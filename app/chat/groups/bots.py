"""The bots this process listens for."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.core.database import Sessions
from app.groups import queries
from app.groups.keys import keys_of
from app.groups.platforms import Platform, platforms


@dataclass(frozen=True, slots=True)
class Door:
    """A bot as its hook needs it."""

    community_id: UUID
    bot_id: UUID
    name: str
    self_id: str | None
    platform: Platform
    keys: Mapping[str, str]


async def door_of(sessions: Sessions, slug: str) -> Door | None:
    """The bot behind this address; None where there is none, or it is silent."""
    async with sessions() as session:
        bot = await queries.bot_of(session, slug)
    platform = platforms.get(bot.platform) if bot else None
    if bot is None or platform is None:
        return None
    return Door(bot.community_id, bot.id, bot.name, bot.self_id, platform, keys_of(bot))
