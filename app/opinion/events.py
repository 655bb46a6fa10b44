"""What happens to watches and alerts."""

from uuid import UUID

from app.core.facts import Event


class WatchAdded(Event, kind="opinion.watch_added", subject="watch_id"):
    """A word is listened for."""

    watch_id: UUID


class WatchChanged(Event, kind="opinion.watch_changed", subject="watch_id"):
    """A word is listened for otherwise."""

    watch_id: UUID
    changed: list[str]


class WatchEnded(Event, kind="opinion.watch_ended", subject="watch_id"):
    """A word is listened for no more."""

    watch_id: UUID


class AlertRaised(Event, kind="opinion.alert_raised", subject="alert_id"):
    """Something was heard that somebody should look at."""

    alert_id: UUID
    watch_id: UUID
    group_id: UUID


class AlertRead(Event, kind="opinion.alert_read", subject="alert_id"):
    """Somebody looked at an alert and the messages around it."""

    alert_id: UUID


class AlertHandled(Event, kind="opinion.alert_handled", subject="alert_id"):
    """Something was done about an alert."""

    alert_id: UUID
    request_id: UUID | None = None
    notice_id: UUID | None = None


class AlertDismissed(Event, kind="opinion.alert_dismissed", subject="alert_id"):
    """There was nothing in it."""

    alert_id: UUID
