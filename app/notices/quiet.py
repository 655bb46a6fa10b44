"""When people may be disturbed: the hours in which nothing is sent, on the clock in China."""

from datetime import datetime, time, timedelta

from app.core.clock import CHINA
from app.notices.models import NoticePolicy


def _quiet(policy: NoticePolicy, at: time) -> bool:
    begins, ends = policy.quiet_from, policy.quiet_to
    if begins <= ends:
        return begins <= at < ends
    return at >= begins or at < ends


def opens_at(policy: NoticePolicy, moment: datetime) -> datetime:
    """The first moment from this one on at which people may be told something.

    Where the quiet hours end when they begin there are none.
    """
    here = moment.astimezone(CHINA)
    if not _quiet(policy, here.time()):
        return moment
    opens = datetime.combine(here.date(), policy.quiet_to, CHINA)
    if opens <= here:
        opens += timedelta(days=1)
    return opens.astimezone(moment.tzinfo)
