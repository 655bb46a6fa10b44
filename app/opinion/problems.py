"""What can be refused about watches and alerts."""

from app.core.problems import Conflict, breaking


class WatchExists(Conflict, status=409):
    """This word is listened for there already."""


class AlertDone(Conflict, status=409):
    """Somebody saw to this alert already."""


breaking("opinion_watches_once_key", WatchExists)
