"""The accounts this process answers for, kept for some seconds."""

from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from sqlalchemy import select

from app.core.database import Sessions
from app.core.problems import NotFound
from app.wechat.edge import Keys
from app.wechat.models import Account

SECONDS = 10.0
"""How long a change of keys may go unseen; a signature that fails looks again at once."""


@dataclass(frozen=True, slots=True)
class Door:
    """An account as its callback needs it."""

    community_id: UUID
    account_id: UUID
    keys: Keys
    read_at: float


class Doors:
    """Accounts by their slug."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._doors: dict[str, Door] = {}

    async def find(self, slug: str, *, newer_than: float = 0.0) -> Door:
        """The account behind this address; `NotFound` when there is none."""
        door = self._doors.get(slug)
        if door and door.read_at > max(newer_than, monotonic() - SECONDS):
            return door
        async with self._sessions() as session:
            account = await session.scalar(select(Account).where(Account.slug == slug))
        if account is None:
            self._doors.pop(slug, None)
            raise NotFound
        door = Door(account.community_id, account.id, account.keys, monotonic())
        self._doors[slug] = door
        return door
