"""The community's site: what is published is in its feed, and sending says since when."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.core.database import Sessions
from app.notices.channels import Content, Limits, channels
from app.notices.models import Delivery
from app.notices.outlet_lanes import ToOutlets, of_lane


class Shown:
    """A page that is read from the notices themselves; there is nothing to send."""

    async def send(self, _delivery: Delivery, _content: Content) -> str | None:
        """Mark it as out."""
        return None


class Feed(ToOutlets):
    """Reaches whoever looks."""

    limits = Limits()

    @asynccontextmanager
    async def lane(self, sessions: Sessions, lane: str) -> AsyncIterator[Shown]:
        """The outlet, if it is still at work."""
        await of_lane(sessions, lane)
        yield Shown()


channels.add("site", Feed("site"))
