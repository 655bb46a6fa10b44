"""What is done about subscriptions: making them, changing them, having messages sent again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import http
from app.core.clock import now
from app.core.facts import record
from app.core.http import AddressRefused
from app.core.ids import new_id
from app.core.problems import Invalid
from app.core.webhook_signing import new_secret
from app.people import access
from app.people.access import Actor
from app.places.models import ROOT
from app.webhooks import kinds as known
from app.webhooks.events import (
    MessageReplayed,
    SubscriptionAdded,
    SubscriptionChanged,
    SubscriptionRemoved,
    SubscriptionTested,
)
from app.webhooks.jobs import wake
from app.webhooks.models import (
    MessageState,
    Subscription,
    SubscriptionState,
    WebhookAttempt,
    WebhookMessage,
)
from app.webhooks.permissions import WEBHOOKS
from app.webhooks.problems import SubscriptionNotActive, TooManySubscriptions

MOST = 50
"""Subscriptions of one community: each costs every fact a little."""


def _check_address(url: str) -> None:
    """Refuse what may not be called, and names that no resolver would take."""
    try:
        http.allowed().check(url).host.encode("idna")
    except UnicodeError:
        raise AddressRefused from None


async def _check(session: AsyncSession, columns: Mapping[str, Any], *, by: Actor) -> None:
    """Refuse an address that may not be called, kinds that are never sent, a stranger as owner."""
    if "url" in columns:
        _check_address(columns["url"])
    if nothing := known.unknown(columns.get("kinds", [])):
        message = f"nothing is ever sent as {', '.join(nothing)}"
        raise Invalid(errors=[{"path": "body.kinds", "message": message}])
    if owner_id := columns.get("owner_id"):
        owner = await access.person(session, by.community_id, owner_id)
        if not WEBHOOKS.allows(owner, at=ROOT):
            message = "may not set up webhooks here"
            raise Invalid(errors=[{"path": "body.owner_id", "message": message}])


async def subscribe(
    session: AsyncSession, columns: Mapping[str, Any], *, by: Actor
) -> Subscription:
    """Have other software told of some kinds of facts, from the next one on.

    Columns are `name`, `url`, `kinds`, and `owner_id` for who is told when it fails, else who asks.
    Raises `AddressRefused`, `Invalid`, `TooManySubscriptions`.
    """
    WEBHOOKS.demand(by, at=ROOT)
    await _check(session, columns, by=by)
    there = select(func.count()).where(Subscription.community_id == by.community_id)
    if (await session.scalar(there) or 0) >= MOST:
        raise TooManySubscriptions
    owner_id = columns.get("owner_id") or (by.id if by.kind == "person" else None)
    subscription = Subscription(
        community_id=by.community_id,
        id=new_id(),
        secret=new_secret(),
        **{**columns, "owner_id": owner_id},
    )
    session.add(subscription)
    await session.flush()
    await record(session, SubscriptionAdded(subscription_id=subscription.id), by=by)
    return subscription


async def change(
    session: AsyncSession, subscription: Subscription, columns: Mapping[str, Any], *, by: Actor
) -> Subscription:
    """Send other kinds, elsewhere, or nothing for now; `state` may be `active` or `paused`.

    What waited while it was paused goes out when it is active again.
    """
    WEBHOOKS.demand(by, at=ROOT)
    await _check(session, columns, by=by)
    for name, value in columns.items():
        setattr(subscription, name, value)
    if columns.keys() & {"state", "url"}:
        subscription.failing_since = subscription.paused_until = None
    if subscription.state is not SubscriptionState.DISABLED:
        subscription.reason = None
    await session.flush()
    changed = SubscriptionChanged(subscription_id=subscription.id, changed=sorted(columns))
    await record(session, changed, by=by)
    await wake(session, subscription)
    return subscription


async def rotate(session: AsyncSession, subscription: Subscription, *, by: Actor) -> Subscription:
    """Sign with a new secret; the one before it signs beside it for a day."""
    WEBHOOKS.demand(by, at=ROOT)
    subscription.previous_secret = subscription.secret
    subscription.secret, subscription.rotated_at = new_secret(), now()
    await session.flush()
    changed = SubscriptionChanged(subscription_id=subscription.id, changed=["secret"])
    await record(session, changed, by=by)
    return subscription


async def remove(session: AsyncSession, subscription: Subscription, *, by: Actor) -> None:
    """Send nothing there any more, and forget what was."""
    WEBHOOKS.demand(by, at=ROOT)
    # Whoever writes a message for it now is done first, and whoever comes later finds it gone.
    await session.refresh(subscription, with_for_update=True)
    theirs = (
        WebhookMessage.community_id == subscription.community_id,
        WebhookMessage.subscription_id == subscription.id,
    )
    attempts = (
        WebhookAttempt.community_id == subscription.community_id,
        WebhookAttempt.message_id.in_(select(WebhookMessage.id).where(*theirs)),
    )
    for statement in (
        update(WebhookMessage).where(*theirs).values(state=MessageState.DEAD),
        delete(WebhookAttempt).where(*attempts),
        delete(WebhookMessage).where(*theirs),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
    await session.delete(subscription)
    await session.flush()
    await record(session, SubscriptionRemoved(subscription_id=subscription.id), by=by)


async def publish(
    session: AsyncSession,
    subscription: Subscription,
    kind: str,
    data: Mapping[str, Any],
    *,
    key: UUID | None = None,
    at: datetime | None = None,
) -> UUID:
    """Promise a message that is no fact, and return its id; under one key it is promised once.

    Raises `SubscriptionNotActive`.
    """
    if subscription.state is not SubscriptionState.ACTIVE:
        raise SubscriptionNotActive
    moment = at or now()
    message = insert(WebhookMessage).values(
        community_id=subscription.community_id,
        subscription_id=subscription.id,
        fact_id=key,
        kind=kind,
        payload={
            "type": kind,
            "timestamp": moment.isoformat(),
            "data": {"community_id": str(subscription.community_id), **data},
        },
    )
    made = message.on_conflict_do_nothing().returning(WebhookMessage.id)
    if message_id := await session.scalar(made):
        await wake(session, subscription)
        return message_id
    there = select(WebhookMessage.id).where(
        WebhookMessage.community_id == subscription.community_id,
        WebhookMessage.subscription_id == subscription.id,
        WebhookMessage.fact_id == key,
    )
    return (await session.scalars(there)).one()


async def test(session: AsyncSession, subscription: Subscription, *, by: Actor) -> WebhookMessage:
    """Send a message of kind `webhook.test`; raises `SubscriptionNotActive`."""
    WEBHOOKS.demand(by, at=ROOT)
    data = {"subscription_id": str(subscription.id)}
    message_id = await publish(session, subscription, known.TEST, data)
    message = await session.get_one(WebhookMessage, (subscription.community_id, message_id))
    tested = SubscriptionTested(subscription_id=subscription.id, message_id=message.id)
    await record(session, tested, by=by)
    return message


async def replay(session: AsyncSession, message: WebhookMessage, *, by: Actor) -> WebhookMessage:
    """Send a message once more under its own id, on a new schedule.

    Raises `SubscriptionNotActive`.
    """
    WEBHOOKS.demand(by, at=ROOT)
    place = (message.community_id, message.subscription_id)
    subscription = await session.get_one(Subscription, place)
    if subscription.state is not SubscriptionState.ACTIVE:
        raise SubscriptionNotActive
    message.state, message.attempts = MessageState.PENDING, 0
    message.due_at, message.delivered_at = now(), None
    await session.flush()
    replayed = MessageReplayed(subscription_id=subscription.id, message_id=message.id)
    await record(session, replayed, by=by)
    await wake(session, subscription)
    return message
