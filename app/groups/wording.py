"""Words within a platform's limits: cut between characters, what must stay kept whole."""

import json
import re
import unicodedata
from collections.abc import Callable

from app.core.i18n import _
from app.groups.reading import words

Size = Callable[[str], int]

NOWHERE = re.compile("(?!)")
"""Finds nothing: no words of a platform do anything but be read."""
_MORE = "…"
_JOINED = "\u200d"
_SKIN = range(0x1F3FB, 0x1F400)


def utf8(text: str) -> int:
    """How much a text is in bytes of UTF-8."""
    return len(text.encode())


def quoted(text: str) -> int:
    """How much a text is in bytes of UTF-8 where it stands in JSON."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def cut(text: str, at_most: int, size: Size = utf8, *, at_lines: bool = False) -> str:
    """The text within so many bytes, ending in `…` where some of it had to go.

    With `at_lines` it ends with a whole line where more than half of it can stay so: half a link of
    Markdown is none.
    """
    text = words(text)
    if size(text) <= at_most:
        return text
    kept = text[: _fitting(text, at_most - size(_MORE), size)]
    if at_lines and kept.rfind("\n") > len(kept) // 2:
        kept = kept[: kept.rfind("\n") + 1]
        return f"{kept}{_MORE}"
    return kept.rstrip() + _MORE


def _fitting(text: str, room: int, size: Size) -> int:
    """How many characters fit, none of them parted from what is drawn with it."""
    fits, over = 0, len(text)
    while over - fits > 1:
        middle = (fits + over) // 2
        fits, over = (middle, over) if size(text[:middle]) <= room else (fits, middle)
    for end in range(fits, max(fits - 16, 0), -1):
        if not _belongs(text[end], text[end - 1]):
            return end
    return fits


def _belongs(char: str, before: str) -> bool:
    """Whether a character is drawn as one with the character before it."""
    mark = unicodedata.category(char) in {"Mn", "Me"} or ord(char) in _SKIN
    return mark or _JOINED in (char, before)


def composed(
    text: str,
    at_most: int,
    *,
    head: str = "",
    tail: str = "",
    size: Size = utf8,
    at_lines: bool = False,
    live: re.Pattern[str] = NOWHERE,
) -> str:
    """Head, text and tail, each on lines of its own, within so many bytes; the text gives way.

    One message and not several: were the second of two to fail, another attempt would say the first
    again. What is in the text already is not repeated. A `<` that `live` finds becomes `＜`.
    """
    whole, head, tail = (live.sub("＜", words(each)) for each in (text, head, tail))
    if head and head not in whole[: 2 * len(head)]:
        whole = f"{head}\n{whole}".rstrip()
    ended = f"{whole}\n{tail}".lstrip() if tail and tail not in whole else whole
    if not tail or size(ended) <= at_most:
        return cut(ended, at_most, size, at_lines=at_lines)
    return cut(whole, at_most - size(f"\n{tail}"), size, at_lines=at_lines) + f"\n{tail}"


def heading(title: str) -> str:
    """A title as Markdown."""
    return f"### {title}" if title else ""


def linked(link: str | None) -> str:
    """A link as Markdown."""
    return _("[查看详情]({link})").format(link=link) if link else ""
