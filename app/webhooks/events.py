"""What happens to subscriptions."""

from uuid import UUID

from app.core.facts import Event


class SubscriptionAdded(Event, kind="webhook.added", subject="subscription_id"):
    """Other software is told of facts from now on."""

    subscription_id: UUID


class SubscriptionChanged(Event, kind="webhook.changed", subject="subscription_id"):
    """It is told of others, elsewhere, or under another secret."""

    subscription_id: UUID
    changed: list[str]


class SubscriptionTested(Event, kind="webhook.tested", subject="subscription_id"):
    """Somebody had a test message sent there."""

    subscription_id: UUID
    message_id: UUID


class MessageReplayed(Event, kind="webhook.replayed", subject="subscription_id"):
    """A message is sent there once more."""

    subscription_id: UUID
    message_id: UUID


class SubscriptionDisabled(Event, kind="webhook.disabled", subject="subscription_id"):
    """Nothing is sent there any more, because it is gone or does not answer."""

    subscription_id: UUID
    owner_id: UUID | None
    reason: str


class SubscriptionRemoved(Event, kind="webhook.removed", subject="subscription_id"):
    """Nobody wants to be told there any more."""

    subscription_id: UUID
