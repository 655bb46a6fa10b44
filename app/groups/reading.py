"""JSON from outside to plain values: nothing repeated, nothing too deep, nothing guessed."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.groups.problems import HookUnreadable

Members = Mapping[str, Any]

_ID_AT_MOST = 200
"""Characters; the longest ids of the platforms have some sixty."""
_EARLIEST, _LATEST = 946_684_800, 4_102_444_800
"""The years 2000 and 2100, in seconds."""
_DEPTH = 40
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What neither XML nor, half of it, PostgreSQL can hold."""
_NOT_BRACKETS = re.compile(r'"(?:[^"\\]+|\\.)*+\\?(?:"|\Z)|[^\[\]{}"]+', re.DOTALL)
"""A string that never ends is one too: otherwise each quote in it would be tried as a beginning."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise HookUnreadable
    return members


def _no_number(_: str) -> Any:
    raise HookUnreadable


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)


def _deep(text: str) -> bool:
    """Whether brackets stand in brackets further than any message needs."""
    depth = 0
    for bracket in _NOT_BRACKETS.sub("", text):
        depth += 1 if bracket in "[{" else -1
        if depth > _DEPTH:
            return True
    return False


def read(body: bytes | str) -> Any:
    """The value of a JSON text; `HookUnreadable` where it has none or a name stands twice."""
    try:
        text = body if isinstance(body, str) else body.decode()
        if _deep(text):
            raise HookUnreadable
        return _DECODER.decode(text)
    except ValueError:
        raise HookUnreadable from None


def members(value: Any) -> Members:
    """The value as an object; `HookUnreadable` when it is none."""
    if not isinstance(value, dict):
        raise HookUnreadable
    return value


def members_or_none(value: Any) -> Members:
    """The value as an object, empty when it is none."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value as a list, empty when it is none."""
    return value if isinstance(value, list) else []


def words(value: Any) -> str:
    """What somebody wrote, without the characters that nothing of ours can hold."""
    return _ILLEGAL.sub("", value) if isinstance(value, str) else ""


def name(value: Any) -> str:
    """What somebody or something is called: one line of at most 200 characters."""
    return " ".join(words(value)[: 2 * _ID_AT_MOST].split())[:_ID_AT_MOST]


def known_as(value: Any) -> str:
    """An id, as text whether it came as text or as a number; `HookUnreadable` when it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise HookUnreadable
    if isinstance(value, int) and abs(value) >= 1 << 63:
        raise HookUnreadable
    text = str(value)
    if not 0 < len(text) <= _ID_AT_MOST or _ILLEGAL.search(text) or not text.strip():
        raise HookUnreadable
    return text


def known_or_none(value: Any) -> str | None:
    """An id where there is one; `HookUnreadable` when it is not like one."""
    return None if value is None or value == "" else known_as(value)


def moment(seconds: Any) -> datetime:
    """A time in seconds, a number or its digits; `HookUnreadable` outside this century."""
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = int(seconds[:20])
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise HookUnreadable
    if not _EARLIEST <= seconds < _LATEST:
        raise HookUnreadable
    return datetime.fromtimestamp(seconds, UTC)


def moment_of_milliseconds(milliseconds: Any) -> datetime:
    """The same of a time in milliseconds."""
    if isinstance(milliseconds, str) and milliseconds.isascii() and milliseconds.isdigit():
        milliseconds = int(milliseconds[:20])
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        raise HookUnreadable
    return moment(milliseconds // 1000 if abs(milliseconds) < 1 << 60 else 0)
