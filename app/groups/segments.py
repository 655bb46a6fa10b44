"""Messages that come in pieces: words, mentions, pictures, put together to what was said."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Segment(NamedTuple):
    """A piece of a message."""

    kind: str
    """`text`, `mention`, `reply`, `image`; anything else is what it is called there."""
    value: str = ""
    """The words, or the id of who is mentioned or of the message that is replied to."""
    name: str = ""
    """Of who is mentioned."""


@dataclass(slots=True)
class Said:
    """What the pieces come to."""

    text: str = ""
    """Without the blanks that a mention left at the ends."""
    kinds: set[str] = field(default_factory=set)
    at_me: bool = False
    reply_to: str | None = None

    @property
    def kind(self) -> str:
        """Words are text, whatever stands beside them."""
        if self.text or not self.kinds:
            return "text"
        return "image" if "image" in self.kinds else "other"


def put_together(segments: Iterable[Segment], me: str) -> Said:
    """What the pieces say; a mention of `me` is noted and left out."""
    said, parts = Said(), []
    for kind, value, name in segments:
        match kind:
            case "text":
                parts.append(value)
            case "mention" if value and value == me:
                said.at_me = True
            case "mention":
                parts.append(f"@{name or value} ")
            case "reply":
                said.reply_to = value or None
            case other:
                said.kinds.add(other)
    said.text = "".join(parts).strip()
    return said
