"""How a text is read so that it is found however it was typed: one form of each character."""

import unicodedata
from collections.abc import Callable
from functools import cache


@cache
def _simplified() -> Callable[[str], str]:
    # Loaded at the first Chinese character: it takes tens of milliseconds, which no import should.
    from opencc import OpenCC  # noqa: PLC0415

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


class _Spelling(dict[int, str]):
    """How each character is read: compatible forms as one, simplified, lower case, blanks as one.

    One character at a time, because normalising a whole text takes quadratic time on a pile of
    accents, and so that every part of a text reads as a part of how the whole reads. What lies
    beyond the first plane is not remembered, so that nobody can fill memory.
    """

    def __missing__(self, code: int) -> str:
        spelled = "".join(map(_spelled, unicodedata.normalize("NFKC", chr(code)))).lower()
        if code <= 0xFFFF:  # noqa: PLR2004 - the end of the first plane
            self[code] = spelled
        return spelled


def _spelled(char: str) -> str:
    if char.isspace():
        return " "
    if not visible(char) or unicodedata.category(char) == "Mn":
        return ""
    return _simplified()(char) if "\u3400" <= char <= "\ufaff" else char


spelling = _Spelling()
"""By code point, for `str.translate`."""


def visible(char: str) -> bool:
    """Whether a character can be seen, or parts what can be seen."""
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs"} and char not in "\ufffe\uffff"
