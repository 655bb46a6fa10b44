"""Carrying messages out: one pump for each endpoint, so that none waits for another."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import lanes
from app.core.clock import now
from app.core.database import Sessions
from app.core.ids import earliest
from app.core.jobs import periodic
from app.core.lanes import Unsettled
from app.webhooks import delivering
from app.webhooks.delivering import Claimed
from app.webhooks.models import (
    MessageState,
    Subscription,
    SubscriptionState,
    WebhookAttempt,
    WebhookMessage,
)
from app.webhooks.queries import secrets_of
from app.webhooks.sending import Outcome, post

KEPT = timedelta(days=30)
"""How long it can be seen how a message went, and be replayed."""
_TURN_SECONDS = 5.0
"""After which a pump that has more to do lets the others have its place."""
_NAP_SECONDS = 0.02


def lane_of(community_id: UUID, subscription_id: UUID) -> str:
    """The lane of an endpoint."""
    return f"{community_id}/{subscription_id}"


@lanes.pump("webhooks.pump")
async def pump(sessions: Sessions, lane: str) -> None:
    """Send what is due at one endpoint; what it leaves undone is found by `sweep`."""
    community_id, subscription_id = map(UUID, lane.split("/"))
    writers = Unsettled(WebhookMessage.__tablename__)
    async with sessions() as session:
        await writers.begin(session)
    ends = time.monotonic() + _TURN_SECONDS
    while time.monotonic() < ends:
        async with sessions() as session:
            more_may_come = await writers.remain(session)
        if await _send_some(sessions, community_id, subscription_id):
            continue
        if not more_may_come:
            return
        await asyncio.sleep(_NAP_SECONDS)
    async with sessions.begin() as session:
        await lanes.wake(session, pump, [lane])


async def wake(session: AsyncSession, subscription: Subscription) -> None:
    """Let the pump of an endpoint run once this transaction has committed."""
    await lanes.wake(session, pump, [lane_of(subscription.community_id, subscription.id)])


async def _send_some(sessions: Sessions, community_id: UUID, subscription_id: UUID) -> bool:
    """Send a few messages at once; False when none is due."""
    async with sessions.begin() as session:
        due = await delivering.claim(session, community_id, subscription_id)
    if due is None:
        return False
    subscription, claimed = due
    outcomes = await asyncio.gather(*(_attempt(subscription, each) for each in claimed))
    async with sessions.begin() as session:
        settled = list(zip(claimed, outcomes, strict=True))
        if again := await delivering.settle(session, subscription, settled):
            await lanes.wake_at(session, pump, lane_of(community_id, subscription_id), again)
    return True


async def _attempt(subscription: Subscription, claimed: Claimed) -> Outcome:
    message = claimed.message
    secrets = secrets_of(subscription, now())
    return await post(subscription.url, message.id, message.payload, secrets=secrets)


@periodic("webhooks.sweep", cron="*/1 * * * *")
async def sweep(sessions: Sessions) -> None:
    """Wake the pumps of endpoints that have something due: its worker may have died."""
    waiting = (
        select(Subscription.community_id, Subscription.id)
        .join(
            WebhookMessage,
            (WebhookMessage.community_id == Subscription.community_id)
            & (WebhookMessage.subscription_id == Subscription.id),
        )
        .where(
            WebhookMessage.state == MessageState.PENDING,
            WebhookMessage.due_at <= now(),
            Subscription.state == SubscriptionState.ACTIVE,
            Subscription.paused_until.is_(None) | (Subscription.paused_until <= now()),
        )
        .distinct()
    )
    async with sessions.begin() as session:
        due = await session.execute(waiting)
        await lanes.wake(session, pump, [lane_of(*where) for where in due])


@periodic("webhooks.tidy", cron="31 3 * * *")
async def tidy(sessions: Sessions) -> None:
    """Forget how old messages went."""
    old = (
        select(WebhookMessage.id)
        .where(
            WebhookMessage.id < earliest(now() - KEPT),
            WebhookMessage.state != MessageState.PENDING,
        )
        .scalar_subquery()
    )
    async with sessions.begin() as session:
        await session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(old)))
        await session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(old)))
