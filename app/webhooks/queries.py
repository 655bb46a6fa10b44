"""Reading subscriptions and how their messages went, for who may set them up."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, false, select, true

from app.people.access import Actor
from app.places.models import ROOT
from app.webhooks.models import MessageState, Subscription, WebhookAttempt, WebhookMessage
from app.webhooks.permissions import WEBHOOKS

OLD_SECRET_SIGNS = timedelta(hours=24)


def visible_to(me: Actor) -> Select[Subscription]:
    """The subscriptions of the community; they hear of all of it, so its parts have none."""
    allowed = true() if WEBHOOKS.allows(me, at=ROOT) else false()
    return select(Subscription).where(Subscription.community_id == me.community_id, allowed)


def messages_visible_to(me: Actor) -> Select[WebhookMessage]:
    """What was or is to be sent to any of them."""
    allowed = true() if WEBHOOKS.allows(me, at=ROOT) else false()
    return select(WebhookMessage).where(WebhookMessage.community_id == me.community_id, allowed)


def messages_of(
    me: Actor, subscription: Subscription, state: MessageState | None = None
) -> Select[WebhookMessage]:
    """What was or is to be sent to one of them."""
    messages = messages_visible_to(me).where(WebhookMessage.subscription_id == subscription.id)
    return messages if state is None else messages.where(WebhookMessage.state == state)


def attempts_of(community_id: UUID, message_id: UUID) -> Select[WebhookAttempt]:
    """Every try at a message, oldest first."""
    return (
        select(WebhookAttempt)
        .where(WebhookAttempt.community_id == community_id, WebhookAttempt.message_id == message_id)
        .order_by(WebhookAttempt.id)
    )


def secrets_of(subscription: Subscription, moment: datetime) -> list[str]:
    """What a message is signed with at this moment: for a day after a rotation, by both."""
    previous, rotated_at = subscription.previous_secret, subscription.rotated_at
    if previous and rotated_at and moment < rotated_at + OLD_SECRET_SIGNS:
        return [subscription.secret, previous]
    return [subscription.secret]
