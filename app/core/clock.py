"""The one place that asks what time it is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""All of China keeps one time, without summer time."""

_ahead = timedelta()


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC) + _ahead


def shift(ahead: timedelta) -> None:
    """Let `now` run ahead of the machine by this much; only tests do."""
    global _ahead  # noqa: PLW0603 - one clock for the whole process is the point
    _ahead = ahead
