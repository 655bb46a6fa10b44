"""How people write and say a building, a unit, a home: `３栋`, `三号楼` and `3#` are the same."""

import unicodedata
from functools import lru_cache

_SIMPLIFIED = str.maketrans("棟號樓單戶門兩貳", "栋号楼单户门两二")
_ENDINGS = ("号楼", "单元", "栋", "幢", "座", "楼", "号", "室", "房", "户", "#")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100}
_LONGEST = 64


def _without_ending(text: str) -> str:
    for ending in _ENDINGS:
        if text.endswith(ending) and text != ending:
            return _without_ending(text.removesuffix(ending))
    return text


def _counted(text: str) -> int:
    """The value of a numeral with 十 or 百 in it."""
    total = digit = 0
    for sign in text:
        if sign in _TENS:
            total += max(digit, 1) * _TENS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def _in_figures(text: str) -> str:
    """A numeral in Chinese signs as figures; anything else as it is."""
    if not text or any(sign not in _DIGITS and sign not in _TENS for sign in text):
        return text
    if any(sign in _TENS for sign in text):
        return str(_counted(text))
    return "".join(str(_DIGITS[sign]) for sign in text)


def _plainer(text: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", text).split()).upper().translate(_SIMPLIFIED)
    text = _in_figures(_without_ending(text.removeprefix("第").removeprefix("#")))
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text


@lru_cache(maxsize=4096)
def plain(written: str) -> str:
    """The bare number or name of a place, by which two ways of writing it can be compared.

    What is plain already stays as it is.
    """
    if len(written) > _LONGEST:
        return written
    plainer = _plainer(written)
    return written if plainer == written else plain(plainer)


def address(building: str | None, unit: str | None, name: str) -> str:
    """A place with its building and its unit, unless its name says them itself: `3栋2单元502`."""
    for outer, kind in ((unit, "单元"), (building, "栋")):
        if outer:
            called = f"{outer}{kind}" if outer.isdecimal() else outer
            name = name if called in name else called + name
    return name
