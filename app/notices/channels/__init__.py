"""One file for each way out: whom it can reach, and how it sends."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.plugins import Plugins
from app.notices.models import Delivery


class Refused(Exception):  # noqa: N818 - what the channel did
    """The channel will never take this message; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Failed(Exception):  # noqa: N818 - what the channel did
    """The channel did not take it this time, or did not say whether it did.

    `wait` is how long another attempt is known to be useless.
    """

    def __init__(self, code: str, *, wait: timedelta | None = None) -> None:
        self.code = code
        self.wait = wait
        super().__init__(code)


class Channel(Protocol):
    """A way to tell people things."""

    async def addresses(
        self, session: AsyncSession, community_id: UUID, person_id: UUID
    ) -> Sequence[UUID]:
        """Where this person can be reached over this channel."""

    async def send(self, sessions: Sessions, delivery: Delivery) -> str | None:
        """Send, and return the channel's receipt; raises `Refused` or `Failed`."""


channels: Plugins[Channel] = Plugins(__name__)
