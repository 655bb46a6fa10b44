"""Where lines go: one stream, standard output unless told otherwise, from a level upward."""

import sys
from dataclasses import dataclass
from typing import IO

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


@dataclass
class _Output:
    stream: IO[str] | None = None
    level: int = LEVELS["info"]
    text: bool = False


output = _Output()


def wanted(level: str) -> bool:
    """Whether lines of this level are written."""
    return LEVELS[level] >= output.level


def write(line: str) -> None:
    """Write one line at once; a full disk or a closed pipe loses the line, not the request."""
    stream = output.stream or sys.stdout
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except (OSError, ValueError):
        return
