"""What can be refused about subscriptions."""

from app.core.problems import Conflict


class SubscriptionNotActive(Conflict, status=409):
    """Nothing is sent to this endpoint now."""


class TooManySubscriptions(Conflict, status=409):
    """This community has as many subscriptions as it may have."""
