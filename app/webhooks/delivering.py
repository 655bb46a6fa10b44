"""Messages on their way: which are due at an endpoint, and what follows from how they went."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.log import log
from app.people.access import system
from app.webhooks.events import SubscriptionDisabled
from app.webhooks.models import (
    MessageState,
    Subscription,
    SubscriptionState,
    WebhookAttempt,
    WebhookMessage,
)
from app.webhooks.sending import DELIVERED, GONE, Outcome

SCHEDULE = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""The pauses of Standard Webhooks after each failed attempt; after the last one it is given up."""
PATIENCE = timedelta(days=3)
"""How long an endpoint may fail before nothing is sent there any more."""
WIDTH = 8
LEASE = timedelta(minutes=1)
"""When an attempt without an outcome counts as lost, and the message is sent again."""
FAILING = "failing"
_SHORTEST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in hand, with the attempt that is written down for it."""

    message: WebhookMessage
    attempt_id: UUID


async def claim(
    session: AsyncSession, community_id: UUID, subscription_id: UUID
) -> tuple[Subscription, list[Claimed]] | None:
    """Take hold of what is due at an endpoint, and write down an attempt at each.

    None when nothing is. An endpoint that fails is asked with one message at a time.
    """
    subscription = await session.get(Subscription, (community_id, subscription_id))
    if subscription is None or subscription.state is not SubscriptionState.ACTIVE:
        return None
    if subscription.paused_until and subscription.paused_until > now():
        return None
    due = select(WebhookMessage).where(
        WebhookMessage.community_id == community_id,
        WebhookMessage.subscription_id == subscription_id,
        WebhookMessage.state == MessageState.PENDING,
        WebhookMessage.due_at <= now(),
    )
    first = due.order_by(WebhookMessage.due_at, WebhookMessage.id)
    some = first.limit(1 if subscription.failing_since else WIDTH)
    claimed = [
        Claimed(message, new_id())
        for message in await session.scalars(some.with_for_update(skip_locked=True))
    ]
    for each in claimed:
        each.message.due_at = now() + LEASE
        each.message.attempts += 1
        attempt = WebhookAttempt(
            community_id=community_id, id=each.attempt_id, message_id=each.message.id, at=now()
        )
        session.add(attempt)
    return (subscription, claimed) if claimed else None


async def settle(
    session: AsyncSession,
    subscription: Subscription,
    outcomes: Sequence[tuple[Claimed, Outcome]],
) -> datetime | None:
    """Write down how the attempts went, and return when to try again, if anything failed.

    An endpoint that is gone, or has failed for three days, is disabled.
    """
    held = await session.scalar(
        select(Subscription)
        .where(
            Subscription.community_id == subscription.community_id,
            Subscription.id == subscription.id,
        )
        .with_for_update(key_share=True)
    )
    if held is None:
        return None
    again = [due for each in outcomes if (due := await _note(session, *each))]
    words = {outcome.word for _, outcome in outcomes}
    since = None if DELIVERED in words else held.failing_since or now()
    paused_until = _pause([outcome for _, outcome in outcomes], since or now())
    health = {"failing_since": since, "paused_until": paused_until}
    # The version stays: it is about what people set, and they may be changing it just now.
    await session.execute(
        update(Subscription)
        .where(Subscription.community_id == held.community_id, Subscription.id == held.id)
        .values(health)
        .execution_options(synchronize_session=False)
    )
    given_up = since is not None and now() - since >= PATIENCE
    if GONE in words or given_up:
        await _disable(session, held, reason=GONE if GONE in words else FAILING)
        return None
    return max(min(again), paused_until or now()) if again else None


async def _note(session: AsyncSession, claimed: Claimed, outcome: Outcome) -> datetime | None:
    """Keep what became of one attempt; returns when the message is due again."""
    message = claimed.message
    await session.execute(
        update(WebhookAttempt)
        .where(
            WebhookAttempt.community_id == message.community_id,
            WebhookAttempt.id == claimed.attempt_id,
        )
        .values(status=outcome.status, outcome=outcome.word)
    )
    delivered = outcome.word == DELIVERED
    due = None if delivered else _next(message.attempts, outcome.wait)
    kept = {
        "state": MessageState.DELIVERED if delivered else MessageState.DEAD,
        "delivered_at": now() if delivered else None,
    }
    await session.execute(
        update(WebhookMessage)
        .where(
            WebhookMessage.community_id == message.community_id,
            WebhookMessage.id == message.id,
            WebhookMessage.state == MessageState.PENDING,
        )
        .values(
            status=outcome.status,
            answer=None if delivered else outcome.word,
            **({"due_at": due} if due else kept),
        )
        .execution_options(synchronize_session=False)
    )
    return due


def _next(attempts: int, wait: timedelta | None) -> datetime | None:
    """When a message that failed so often is due again, a little apart from the others."""
    if attempts > len(SCHEDULE):
        return None
    pause = SCHEDULE[attempts - 1] * random.uniform(1, 1.1)  # noqa: S311 - no secret
    return now() + max(pause, wait or pause)


def _pause(outcomes: Sequence[Outcome], failing_since: datetime) -> datetime | None:
    """Until when nothing is sent: as it asked, or as long again as nothing answered there."""
    waits = [outcome.wait for outcome in outcomes if outcome.wait]
    if any(outcome.away for outcome in outcomes):
        failing = now() - failing_since
        waits.append(min(max(failing, _SHORTEST_PAUSE), _LONGEST_PAUSE))
    return now() + max(waits) if waits else None


async def _disable(session: AsyncSession, subscription: Subscription, *, reason: str) -> None:
    """Send nothing there any more; what waited is a dead letter, to be replayed once it is back."""
    subscription.state, subscription.reason = SubscriptionState.DISABLED, reason
    await session.flush()
    await session.execute(
        update(WebhookMessage)
        .where(
            WebhookMessage.community_id == subscription.community_id,
            WebhookMessage.subscription_id == subscription.id,
            WebhookMessage.state == MessageState.PENDING,
        )
        .values(state=MessageState.DEAD, answer=reason)
        .execution_options(synchronize_session=False)
    )
    disabled = SubscriptionDisabled(
        subscription_id=subscription.id, owner_id=subscription.owner_id, reason=reason
    )
    await record(session, disabled, by=system(subscription.community_id))
    log.warning("webhook_disabled", subscription_id=str(subscription.id), reason=reason)
