"""Whether what was said is what somebody listens for; linear in the text, whatever is written."""

from app.core.spelling import spelling
from app.opinion.models import WatchKind

ELLIPSIS = "…"
NEAR = 20
"""Characters that may lie between two parts of a pattern."""


def folded(text: str) -> str:
    """The text as it is compared: one spelling, lower case, no blanks."""
    return "".join(text.translate(spelling).split())


def parts(kind: WatchKind, written: str) -> tuple[str, ...]:
    """What must be said, in its order; nothing where too little is written to listen for.

    A part has two characters at least: one alone would hit everywhere.
    """
    pieces = (
        written.replace("...", ELLIPSIS).split(ELLIPSIS) if kind is WatchKind.PATTERN else [written]
    )
    found = tuple(folded(piece) for piece in pieces)
    long_enough = all(len(piece) >= 2 for piece in found)  # noqa: PLR2004 - a word
    several = kind is WatchKind.WORD or len(found) > 1
    return found if long_enough and several else ()


def hits(wanted: tuple[str, ...], said: str) -> bool:
    """Whether a folded text says all parts in their order, each near the one before."""
    at = said.find(wanted[0])
    while at >= 0:
        if _follow(wanted[1:], said, at + len(wanted[0])):
            return True
        at = said.find(wanted[0], at + 1)
    return False


def _follow(wanted: tuple[str, ...], said: str, at: int) -> bool:
    for part in wanted:
        found = said.find(part, at, at + NEAR + len(part))
        if found < 0:
            return False
        at = found + len(part)
    return True
