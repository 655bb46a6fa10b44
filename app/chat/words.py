"""How people write: full-width, traditional, spoken numbers; read so that it means the same."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from app.core.spelling import spelling, visible

LONGEST = 4000
"""Characters of a message that are read; WeChat lets nobody write as many."""

_HEAD = 80
"""Characters in which a number at the beginning of a text must stand."""
_KEPT = "\n\u200d"
"""A line break, and what joins the parts of one emoji."""
_LEADING = frozenset(" \n/\\.。、,，:：;；!！*'\"“”‘’「」【】[]()（）<>《》~-")
_SEPARATORS = frozenset(" \n:;.,。、!?~…—·|/=_-】」』》)]”’\"'")
_DIGITS = dict(zip("零〇一二两三四五六七八九", "001223456789", strict=True))
_TENS = {"十": 10, "百": 100}
_NUMERAL = "零〇一二两三四五六七八九十百"
_NUMBER = re.compile(
    rf"\s?(?:no|编号|单号|工单|诉求|第|#)?[\s.:#]{{0,3}}([0-9]{{1,18}}|[{_NUMERAL}]{{1,18}})(?:号|#)?"
)
_TAILS = frozenset({"", "吧", "啊", "呀", "呢", "吗", "了", "一下", "谢谢", "服务", "please"})
_COURTESY = re.compile(r"(?:谢谢[您你]?|麻烦[您你]?了?|[啊吧呀呢哦嗯哈了的~!。.,， ]){1,8}$")
_SCORE = re.compile(rf"([1-5]|[一二两三四五])\s?(?:分|颗星|星|points?|stars?)?(?![0-9{_NUMERAL}])")


class Takes(StrEnum):
    """What may follow a command word directly; anything may follow it after a blank or a colon."""

    NOTHING = "nothing"
    """The word is the whole message, but for a polite ending."""
    NUMBER = "number"
    """A number or nothing: `进度1024`."""
    TEXT = "text"
    """Anything: `报修水管漏水`."""


def folded(text: str) -> str:
    """The text as it is compared, never as it is kept: one spelling, lower case, single blanks."""
    return " ".join(text[:LONGEST].translate(spelling).split())


@lru_cache(maxsize=4096)
def spelled(word: str) -> str:
    """A command word as it is compared: folded, and without blanks."""
    return folded(word).replace(" ", "")


def bluntly(said: str) -> str:
    """A folded answer without the courtesies at its end: `好的，谢谢` is `好`."""
    return _COURTESY.sub("", said[-_HEAD:]) if len(said) <= _HEAD else said


def plain(text: str) -> str:
    """The text as it may be kept: what cannot be seen, or would turn it round, is gone."""
    return "".join(char for char in text[:LONGEST] if char in _KEPT or visible(char)).strip()


class Split(NamedTuple):
    """A text taken apart."""

    word: str
    rest: str
    """As it was written."""
    apart: bool
    """Whether nothing follows the word, or something that a blank or a colon divides from it."""


def split_command(
    text: str, words: Mapping[str, Takes], *, longest: int | None = None
) -> Split | None:
    """The command word a text begins with, the longest there is, and what follows it.

    `words` are as `spelled` makes them; `longest` is the length of the longest, if known. None
    when the text begins with no command, or with the beginning of a sentence that only looks like
    one (`帮助老人搬东西`).
    """
    found = None
    longest = longest or max(map(len, words), default=0)
    for word, rest in _beginnings(text[:LONGEST], longest):
        again = found is not None and found.word == word
        if word in words and not again and _may_follow(word, words[word], rest):
            found = Split(word, _without_separators(rest), not rest or _separates(rest[0]))
    return found


def _beginnings(text: str, longest: int) -> Iterator[tuple[str, str]]:
    """Every beginning of the text that could be a word, folded and without blanks, and the rest."""
    start = next((at for at, char in enumerate(text) if char not in _LEADING), len(text))
    word = ""
    for at in range(start, min(len(text), start + 4 * longest)):
        word += spelling[ord(text[at])].replace(" ", "")
        if len(word) > longest:
            return
        yield word, text[at + 1 :]


def _may_follow(word: str, takes: Takes, rest: str) -> bool:
    head = folded(rest[:_HEAD])
    if "".join(char for char in head if char not in _SEPARATORS) in _TAILS:
        return True
    if takes is Takes.NOTHING:
        return False
    if _separates(rest[0]):
        return True
    if word.isascii() and head[0].isascii() and head[0].isalpha():
        return False
    return takes is Takes.TEXT or _NUMBER.match(head) is not None


def _separates(char: str) -> bool:
    return _SEPARATORS.issuperset(spelling[ord(char)])


def _without_separators(rest: str) -> str:
    start = next((at for at, char in enumerate(rest) if not _separates(char)), len(rest))
    return rest[start:].strip()


def numeral(text: str) -> int | None:
    """The number that digits or Chinese numerals spell: `502`, `五零二`, `五百零二`, `十二`."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or not set(text) <= set(_NUMERAL):
        return None
    if not set(text) & _TENS.keys():
        return int("".join(_DIGITS[char] for char in text))
    total, last = 0, 0
    for char in text:
        if char in _TENS:
            total += (last or 1) * _TENS[char]
            last = 0
        else:
            last = int(_DIGITS[char])
    return total + last


def number_in(text: str) -> tuple[int | None, str]:
    """The number a text begins with, `1024 很好`, `第1024号`, and the rest of it as written."""
    found = _NUMBER.match(folded(text[:_HEAD]))
    number = numeral(found[1]) if found else None
    if found is None or number is None or number >= 2**63:
        return None, text
    return number, _after(text, found[0])


def score_in(text: str) -> tuple[int | None, str]:
    """One to five points, `5`, `五星`, `4分 很快`, `⭐⭐⭐`, and the rest as it was written."""
    said = folded(text[:_HEAD])
    stars = said[: len(said) - len(said.lstrip("⭐★☆🌟"))]
    if 1 <= len(stars) <= 5:  # noqa: PLR2004 - what a score is
        return len(stars), _after(text, stars)
    found = _SCORE.match(said)
    if found is None:
        return None, text
    return numeral(found[1]), _after(text, found[0])


def _after(text: str, read: str) -> str:
    """What follows in a text after so much of it was read in its folded form."""
    wanted = len(read.replace(" ", ""))
    for at, char in enumerate(text):
        if wanted <= 0:
            return _without_separators(text[at:])
        wanted -= len(spelling[ord(char)].strip())
    return ""
