"""Numbers of people taken out of what they say: mobile, identity and bank card numbers."""

import re

_GAP = r"[ \-.·—–_\u3000\xa0\u2000-\u200d\u2060\ufeff]{0,3}"
_ONE = r"[1１][3-9３-９]"
_COUNTRY = rf"(?:(?:[+＋]|[0０]{{2}})?[8８][6６]{_GAP})?"
_MOBILE = "|".join(
    (
        rf"{_ONE}\d{_GAP}\d{{4}}{_GAP}\d{{4}}",
        rf"{_ONE}\d\d{_GAP}\d{{3}}{_GAP}\d{{4}}",
        rf"{_ONE}\d{_GAP}\d{{3}}{_GAP}\d{{5}}",
    )
)
_IDENTITY = rf"\d{{6}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXx]"
_CARD = rf"\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?"
_LONG = r"\d{15,}[Xx]?"
_NUMBER = re.compile(
    rf"(?<!\d)(?:{_COUNTRY}(?P<mobile>{_MOBILE})(?!\d)|{_IDENTITY}(?!\d)|{_CARD}(?!\d)|{_LONG})"
)
"""Every part but the last has a greatest length, and the last takes all there is: linear time."""
_FIRST, _LAST = 3, 4


def _short(number: str) -> str:
    plain = re.sub(r"[^\dXx]", "", number)
    return f"{plain[:_FIRST]}****{plain[-_LAST:]}"


def masked(text: str) -> str:
    """The text with such numbers as `138****5678`, however they were spaced.

    An address, a date, a landline or the number of a request stays as it is.
    """
    return _NUMBER.sub(lambda found: _short(found["mobile"] or found[0]), text)
