"""One file for each chat platform: how its calls are verified and read, and how one speaks there.

A file that adds a `Platform` under its name is all it takes. Verifying comes before reading; what
is not from the platform raises `NotFromPlatform`, what cannot be read `HookUnreadable`, and nothing
else leaves `open`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.core.plugins import Plugins
from app.groups.wording import NOWHERE, Size, composed, cut, heading, linked, utf8

LARGEST_BODY = 256 * 1024
"""Bytes of a call that are read; a message is a few kilobytes."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call at our door, as it came."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform is answered, in its own way."""

    body: bytes = b""
    status: int = 200
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something that was said."""

    message_id: str
    """The platform's, by which one that comes again is known."""
    group_id: str | None
    """What the platform calls the group; None for what was said to the bot alone."""
    group_name: str = ""
    sender_id: str
    sender_name: str = ""
    sent_at: datetime
    kind: str = "text"
    """`text`, `image`, `chain`, `other`."""
    text: str = ""
    """The words, without the mention of the bot."""
    to_bot: bool = False
    """Whether the bot was mentioned, or spoken to alone."""
    reply_to: str | None = None
    """The platform's id of the message it replies to."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A call that was verified and read."""

    heard: Sequence[Heard] = ()
    answer: Answer | None = None
    """What the call itself is to be answered, whatever was heard: a handshake."""
    context: Mapping[str, str] = field(default_factory=dict)
    """What `answer` needs to know of the call: a nonce, a session's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Something to say in a group; a platform that knows no Markdown takes the text."""

    text: str
    markdown: str | None = None
    title: str = ""
    link: str | None = None
    dedupe: str | None = None
    """The same for every attempt, where the platform can tell by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one speaks: a group through its bot, or through a robot of the group's own."""

    group_id: str | None = None
    api: str | None = None
    """Where the bot's own API is."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The bot's secrets."""
    robot_url: str | None = None
    robot_secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the platform takes, as it counts."""

    text_bytes: int
    markdown_bytes: int | None = None
    """None where it knows no Markdown."""
    per_minute: int
    per_second: int | None = None
    patience: float = 3.0
    """Seconds in which a call must be answered."""
    size: Size = utf8
    """How much a text is to it."""
    live: re.Pattern[str] = NOWHERE
    """The `<` that begins a mention in its words, which nobody's words shall make."""

    def reply(self, text: str) -> str:
        """As much of a reply as the platform takes."""
        return cut(text, self.text_bytes, self.size)

    def text(self, words: Words) -> str:
        """Title, text and link, the text cut to what the platform takes."""
        return self._composed(words.text, self.text_bytes, words.title, words.link or "")

    def markdown(self, words: Words) -> str | None:
        """The same as Markdown; None where there is none, or the platform knows none."""
        if words.markdown is None or self.markdown_bytes is None:
            return None
        head, tail = heading(words.title), linked(words.link)
        return self._composed(words.markdown, self.markdown_bytes, head, tail, at_lines=True)

    def _composed(
        self, text: str, at_most: int, head: str, tail: str, *, at_lines: bool = False
    ) -> str:
        return composed(
            text, at_most, head=head, tail=tail, size=self.size, at_lines=at_lines, live=self.live
        )


class Platform(Protocol):
    """A chat platform."""

    needs: tuple[str, ...]
    """The secrets a bot must have."""
    limits: Limits
    dedupes: bool
    """Whether a message that is sent twice under one `dedupe` is shown once."""

    def open(self, keys: Mapping[str, str], call: Call) -> Opened:
        """Verify a call, then read it; raises `NotFromPlatform` or `HookUnreadable`."""

    def answer(self, keys: Mapping[str, str], opened: Opened, text: str | None) -> Answer:
        """The answer to a call that carries these words, or nothing, in the platform's own way.

        A platform whose answer cannot carry words raises `SayInstead`.
        """

    async def send(self, to: Address, words: Words) -> str | None:
        """Say it, cut to the limits, and return the platform's id of it.

        Raises `core.sending.Refused` or `Failed`; HTTP 200 with an error code is no success.
        """


class SayInstead(Exception):  # noqa: N818 - it is no error
    """The answer to a call carries no words here: answer nothing, and send them."""


platforms: Plugins[Platform] = Plugins(__name__)
