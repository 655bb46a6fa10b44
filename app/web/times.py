"""Days and times as people here read them."""

from datetime import date, datetime

from app.core.clock import CHINA
from app.core.i18n import _


def day(at: datetime | date) -> str:
    """A day as people here read it; of a moment, the day it was here."""
    there = at.astimezone(CHINA) if isinstance(at, datetime) else at
    return _("{year}年{month}月{day}日").format(year=there.year, month=there.month, day=there.day)


def moment(at: datetime) -> str:
    """A time as people here read it."""
    return f"{day(at)} {at.astimezone(CHINA):%H:%M}"
