"""Proving that a call is the platform's: signatures in constant time, and clocks that agree."""

import hmac
from base64 import b64encode
from datetime import datetime
from hashlib import sha256

from app.groups.problems import NotFromPlatform

_DIGITS = {"seconds": 10, "milliseconds": 13}


def demand(given: str | None, expected: str) -> None:
    """Compare in constant time; `NotFromPlatform` when it is another, or none was given."""
    if not matches(given, expected):
        raise NotFromPlatform


def matches(given: str | None, expected: str) -> bool:
    """Whether they are the same, found out in constant time."""
    return hmac.compare_digest((given or "").encode(errors="replace"), expected.encode())


def demand_fresh(given: str | None, now: datetime, within: int, unit: str = "seconds") -> str:
    """The timestamp as given, when it is `within` so many seconds of now; else `NotFromPlatform`.

    It has exactly ten digits, or thirteen in milliseconds, so that there is one way to write it.
    """
    digits = _DIGITS[unit]
    given = given or ""
    if len(given) != digits or not (given.isascii() and given.isdigit()):
        raise NotFromPlatform
    if abs(now.timestamp() - int(given) / 10 ** (digits - 10)) > within:
        raise NotFromPlatform
    return given


def mac(key: str, message: str) -> str:
    """The HMAC-SHA256 of a message in base64."""
    signature = hmac.digest(key.encode(errors="replace"), message.encode(errors="replace"), sha256)
    return b64encode(signature).decode()
