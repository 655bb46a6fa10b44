"""What may be written: names on a list, values of a plain shape, and exceptions without words."""

import re
import sys
import sysconfig
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any, TypeAlias
from uuid import UUID

Line: TypeAlias = MutableMapping[str, Any]

ALLOWED = frozenset(
    {
        *("account", "action", "attempt", "attempts", "bytes", "channel", "code", "command"),
        *("community", "constraint", "count", "endpoint", "errcode", "error", "event", "host"),
        *("kind", "level", "limit", "lock", "logger", "method", "ms", "name", "outcome", "pid"),
        *(
            "path",
            "port",
            "process",
            "queue",
            "reason",
            "revision",
            "route",
            "seconds",
            "signal",
            "size",
        ),
        *("sqlstate", "state", "status", "step", "table", "task", "timestamp", "version", "worker"),
    }
)
"""Names that may stand in a line; beside them every `…_id` whose value is a number or a UUID."""
_PLAIN = re.compile(r"[\x20-\x7e]{0,200}")
_LONG_NUMBER = re.compile(r"\d{7}")
_MOST_FRAMES = 24
_ROOTS = (
    f"{sysconfig.get_path('purelib')}/",
    f"{sysconfig.get_path('stdlib')}/",
    f"{Path(__file__).parents[3]}/",
)


def _harmless(name: str, value: object) -> bool:
    """Whether a value may be written under this name: a number, an id, or plain words.

    Plain words are printable ASCII without seven digits in a row, so that a name, an address, a
    telephone or an ID number does not pass even under a name that is on the list.
    """
    if name.endswith("_id"):
        return isinstance(value, int | UUID)
    if name not in ALLOWED:
        return False
    if isinstance(value, str):
        return bool(_PLAIN.fullmatch(value)) and not _LONG_NUMBER.search(value)
    return value is None or isinstance(value, int | float | UUID)


def _only_allowed(line: Line) -> None:
    dropped = [name for name, value in line.items() if not _harmless(name, value)]
    for name in dropped:
        del line[name]
    if "event" in dropped:
        line["event"] = "unprintable"
    if dropped:
        line["dropped"] = sorted(name for name in dropped if _PLAIN.fullmatch(name))


def _full_name(kind: type[BaseException]) -> str:
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def _frames(traceback: TracebackType | None) -> list[str]:
    found = []
    for frame, line in walk_tb(traceback):
        file = frame.f_code.co_filename
        for root in _ROOTS:
            file = file.removeprefix(root)
        found.append(f"{file}:{line} {frame.f_code.co_name}")
    return found[-_MOST_FRAMES:]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            current = current.exceptions[0]
        elif current.__cause__ is not None or current.__suppress_context__:
            current = current.__cause__
        else:
            current = current.__context__


def told(error: BaseException) -> dict[str, Any]:
    """An exception without its words: type, places, causes, and what the system calls it."""
    line: dict[str, Any] = {"error": _full_name(type(error))}
    frames: list[str] = []
    for one in _chain(error):
        if one is not error:
            frames.append(f"caused by {_full_name(type(one))}")
        frames += _frames(one.__traceback__)
        if state := getattr(one, "sqlstate", None):
            line["sqlstate"] = str(state)
            line["constraint"] = getattr(getattr(one, "diag", None), "constraint_name", None)
        if isinstance(one, OSError) and one.errno is not None:
            line["errno"] = one.errno
    return {**line, "frames": frames}


def harmless(_logger: Any, _method: str, line: Line) -> Line:
    """Drop what is not on the list, naming it in `dropped`, and take the words off exceptions."""
    given = line.pop("exc_info", None)
    line.pop("stack_info", None)
    if given and not isinstance(given, BaseException):
        given = (given if isinstance(given, tuple) else sys.exc_info())[1]
    _only_allowed(line)
    return {**line, **told(given)} if given else line
