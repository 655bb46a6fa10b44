"""Other software that wants the words of notices: handed to the queue of webhooks, once each.

A subscription that names `notice.content` is an address of this channel. The facts about notices,
`notice.published` among them, go to whoever subscribed to them without it, and carry ids alone.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, cast, func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.notices.audiences import Audience
from app.notices.channels import Content, Limits, Refused, Where, channels
from app.notices.models import Delivery, Notice
from app.webhooks import kinds
from app.webhooks import service as webhooks
from app.webhooks.models import Subscription, SubscriptionState
from app.webhooks.problems import SubscriptionNotActive

CONTENT = "notice.content"

kinds.declare(CONTENT, "A notice goes out over the channel `webhook`; these are its words.")


@dataclass(frozen=True, slots=True)
class _Queue:
    """One endpoint; how its messages go stands with its messages."""

    sessions: Sessions
    subscription_id: UUID

    async def send(self, delivery: Delivery, content: Content) -> str | None:
        """Promise the message under the delivery's id, and return its own, the `webhook-id`."""
        place = (delivery.community_id, self.subscription_id)
        data = {
            "notice_id": content.notice_id and str(content.notice_id),
            "kind": content.notice_kind,
            "title": content.title,
            "text": content.text,
            "markdown": content.markdown,
            "link": content.link,
        }
        async with self.sessions.begin() as session:
            subscription = await session.get(Subscription, place)
            if subscription is None:
                raise Refused(code="no_such_subscription")
            try:
                made = await webhooks.publish(session, subscription, CONTENT, data, key=delivery.id)
            except SubscriptionNotActive:
                raise Refused(code="subscription_not_active") from None
        return str(made)


class Webhook:
    """Reaches the endpoints that asked for it."""

    limits = Limits()
    dedupes = True
    disturbs = False

    async def addresses(
        self, _session: AsyncSession, _community_id: UUID, _person_id: UUID
    ) -> Sequence[Where]:
        """None: an endpoint is nobody's in particular."""
        return ()

    def recipients(self, notice: Notice, _audience: Audience) -> Select[Any, Any, Any] | None:
        """The subscriptions at work that name `notice.content`."""
        lane = func.concat(literal("webhook:"), Subscription.id)
        return select(Subscription.id, cast(null(), Uuid), lane).where(
            Subscription.community_id == notice.community_id,
            Subscription.state == SubscriptionState.ACTIVE,
            Subscription.kinds.contains([CONTENT]),
        )

    @asynccontextmanager
    async def lane(self, sessions: Sessions, lane: str) -> AsyncIterator[_Queue]:
        """The subscription that the lane is named after."""
        yield _Queue(sessions, UUID(lane.partition(":")[2]))


channels.add("webhook", Webhook())
