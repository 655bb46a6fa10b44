"""A sign-up as it is said in the group: the list that the next one copies."""

from collections.abc import Sequence

from app.core.i18n import _
from app.groups.chains.entries import Entry, line
from app.groups.chains.parse import CUT, FOOTER
from app.groups.chains.seats import waiting

MARK = "#接龙"
WAITS = "（候补）"
"""Stands behind who waits in every language: it is read again when the list comes back."""


def render(
    title: str,
    entries: Sequence[Entry],
    capacity: int | None = None,
    *,
    at_most: int | None = None,
    closed: bool = False,
) -> str:
    """The whole list with new numbers, those who wait marked, and a line that counts them.

    `at_most` are bytes of UTF-8: what does not fit is left off, and the list says so, so that
    nobody who copies it takes the others off.
    """
    waits = waiting([entry.places for entry in entries], capacity)
    lines = [_numbered(number, entry, waits[number]) for number, entry in enumerate(entries)]
    head = [MARK, title] if title else [MARK]
    foot = [_counted(entries, waits, capacity)]
    if closed:
        foot.append(f"{FOOTER} {_('已结束')}")
    whole = "\n".join([*head, "", *lines, *foot])
    if at_most is None or size(whole) <= at_most:
        return whole
    return _cut(head, lines, foot, at_most)


def _numbered(number: int, entry: Entry, waits: bool) -> str:  # noqa: FBT001 - a finding of the caller's
    return f"{number + 1}. {line(entry)}{WAITS if waits else ''}"


def _counted(entries: Sequence[Entry], waits: Sequence[bool], capacity: int | None) -> str:
    people = sum(entry.places for entry, waiting in zip(entries, waits, strict=True) if not waiting)
    queue = sum(entry.places for entry, waiting in zip(entries, waits, strict=True) if waiting)
    if capacity is None:
        said = _("共 {people} 人").format(people=people)
    else:
        said = _("已报 {people} 人，限 {capacity} 人").format(people=people, capacity=capacity)
    if queue:
        said += _("，候补 {queue} 人").format(queue=queue)
    return f"{FOOTER} {said}"


def _cut(head: list[str], lines: list[str], foot: list[str], at_most: int) -> str:
    """The beginning of the list, as much as fits."""
    kept: list[str] = []
    most = f"{CUT} {_('还有 {n} 行，没有全部列出').format(n=len(lines))}"
    left = at_most - size("\n".join(["", *foot, most])) - 1
    for each in [*head, "", *lines]:
        left -= size(each) + 1
        if left < 0:
            break
        kept.append(each)
    shown = max(0, len(kept) - len(head) - 1)
    more = _("还有 {n} 行，没有全部列出").format(n=len(lines) - shown)
    return "\n".join([*kept, f"{CUT} {more}", *foot])


def size(text: str) -> int:
    """Bytes of a text as it is sent."""
    return len(text.encode(errors="replace"))
