"""What a platform needs to report something said, and what it makes of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.sandbox.groups.rooms import Rooms
from app.sandbox.groups.rows import Bot, Group, Member, Said


class Broken(ValueError):  # noqa: N818 - reads as what the answer is
    """The answer to a report is none that the platform understands."""


@dataclass(frozen=True)
class Occasion:
    """Something said in a group, told to the software behind the group's bot."""

    rooms: Rooms
    bot: Bot
    group: Group
    member: Member
    said: Said
    base: str
    """The address under which the platform itself is reached."""
    forged: bool = False
    """Whether to sign wrongly, on demand."""

    def signature(self, right: str) -> str:
        """The signature as it is sent."""
        return right[::-1] if self.forged else right


@dataclass(frozen=True)
class Parcel:
    """One attempt to report: it is signed anew each time, its content stays."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What an answer says in the group; without text, nothing."""

    text: str = ""
    type: str = "text"
    at: tuple[str, ...] = ()
    private: bool = False
    """Whether only whom it answers sees it."""
    recalls: bool = False
    """Whether what was said is to be taken back."""


NOTHING = Reply()


class Speaker(Protocol):
    """How one platform reports, and reads what it is answered; a module of this package."""

    ATTEMPTS: int
    ONLY_MENTIONS: bool
    """Whether the platform reports only what is said to the bot."""

    def content(self, occasion: Occasion) -> Mapping[str, Any]:
        """What is reported; the same in every attempt."""

    def parcel(self, occasion: Occasion, content: Mapping[str, Any]) -> Parcel:
        """The report as it is sent in one attempt."""

    def read(self, occasion: Occasion, status: int, body: bytes) -> Reply:
        """What the answer says; raises `Broken`."""
