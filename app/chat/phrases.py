"""What every answer is made of: links to tap, lists that fit, words of others made harmless."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from app.core.clock import CHINA
from app.core.i18n import _

AT_MOST = 2048
"""Bytes of UTF-8 that WeChat takes in a text."""
_UNSAFE = "%\"'<>&#? "


def tap(label: str, says: str) -> str:
    """A link that says something for the reader when tapped.

    What is sent is sent in the reader's name: it may not hold words of others.
    """
    said = "".join(quote(char) if char in _UNSAFE else char for char in says)
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={said}&msgmenuid=0">{label}</a>'


def shown(words: str, at_most: int = 40) -> str:
    """What somebody wrote, on one line and not as a link, wherever others may read it."""
    line = " ".join(words.replace("<", "＜").replace(">", "＞").split())
    return line if len(line) <= at_most else f"{line[: at_most - 1]}…"


def size(text: str) -> int:
    """Bytes of a text as it is sent."""
    return len(text.encode(errors="replace"))


def listed(head: str, lines: Sequence[str], tail: str = "") -> str:
    """A list between two sentences, as long as it may be, and how many lines were left off."""
    for kept in range(len(lines), -1, -1):
        left = len(lines) - kept
        more = [_("（还有 {n} 件）").format(n=left)] if left else []
        text = "\n".join(part for part in (head, *lines[:kept], *more, tail) if part)
        if size(text) <= AT_MOST:
            return text
    return head


def day(moment: datetime) -> str:
    """A moment as people here write one: `11月23日 14:05`."""
    local = moment.astimezone(CHINA)
    return _("{month}月{day}日 {time}").format(
        month=local.month, day=local.day, time=local.strftime("%H:%M")
    )
