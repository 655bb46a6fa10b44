"""One file for each way out: whom it can reach, what it takes, and how it sends."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.plugins import Plugins
from app.core.sending import Failed, Refused
from app.notices.audiences import Audience
from app.notices.models import Delivery, Notice

__all__ = [
    "Channel",
    "Content",
    "Distinguishes",
    "Failed",
    "Limits",
    "Prepares",
    "Refused",
    "Sender",
    "Where",
    "channels",
]


class Where(NamedTuple):
    """An address of somebody."""

    address_id: UUID
    lane: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the channel takes, as the platform counts."""

    text_bytes: int | None = None
    title_characters: int | None = None
    per_minute: int | None = None
    """In one lane; None paces nothing."""
    per_second: int | None = None
    per_day: int | None = None
    width: int = 1
    """How many calls may be under way at once in one lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is said: the notice's words, or a delivery's own, not yet cut to any limit."""

    purpose: str
    title: str
    lines: Sequence[tuple[str, str]] = ()
    text: str = ""
    """The whole as plain text, without the title."""
    markdown: str = ""
    link: str | None = None
    notice_id: UUID | None = None
    notice_kind: str | None = None


class Sender(Protocol):
    """A lane that is open: sends one delivery after the other, or many at once.

    Where the lanes of a channel differ it may have `limits` and `dedupes` of its own.
    """

    async def send(self, delivery: Delivery, content: Content) -> str | None:
        """Send, and return the channel's receipt; raises `Refused` or `Failed`."""


@runtime_checkable
class Prepares(Sender, Protocol):
    """A sender that reads what it needs for many deliveries at once."""

    async def prepare(self, deliveries: Sequence[Delivery]) -> None:
        """Read the addresses of what is sent next, while the batch before may be under way."""


@runtime_checkable
class Distinguishes(Sender, Protocol):
    """A sender of a channel that dedupes, but not every message."""

    def arrives_once(self, delivery: Delivery) -> bool:
        """Whether this one may be sent twice; if not, no other is under way with it."""


class Channel(Protocol):
    """A way to tell people things."""

    limits: Limits
    dedupes: bool
    """Whether what is sent twice under a delivery's id arrives once."""
    disturbs: bool
    """Whether it reaches people at once, so that a notice waits for the end of the quiet hours."""

    async def addresses(
        self, session: AsyncSession, community_id: UUID, person_id: UUID
    ) -> Sequence[Where]:
        """Where this person can be reached over this channel, each with the lane it goes by."""

    def recipients(self, notice: Notice, audience: Audience) -> Select[Any, Any, Any] | None:
        """Everybody a notice goes to: address id, person id or null, and lane; for planning.

        The first column is unique and ordered by, so that it is planned in batches. None when the
        channel carries no notices.
        """

    def lane(self, sessions: Sessions, lane: str) -> AbstractAsyncContextManager[Sender]:
        """Open a lane: read its account and secrets once, for all that is sent in a row."""


channels: Plugins[Channel] = Plugins(__name__)
