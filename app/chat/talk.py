"""Who speaks, what they said, and what they are answered: the same for every door."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from app.chat.words import folded, plain
from app.people.access import Actor, Held
from app.people.models import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing somebody said; fields that its kind has not are empty."""

    kind: str
    """`text`, `image`, `voice`, `location`, `event` …"""
    raw: str = ""
    """The words as they may be kept."""
    text: str = ""
    """The words as they are compared: see `words.folded`."""
    media_id: str = ""
    pic_url: str = ""
    latitude: float | None = None
    """Degrees, GCJ-02."""
    longitude: float | None = None
    label: str = ""
    event: str = ""
    event_key: str = ""

    @property
    def word(self) -> str:
        """The words as one, for who says nothing else: `取 消。` is `取消`."""
        return self.text.strip(" ,.!?~。、…").replace(" ", "")

    @classmethod
    def of(
        cls,
        *,
        kind: str = "text",
        raw: str = "",
        label: str = "",
        event: str | None = None,
        event_key: str = "",
        **rest: Any,
    ) -> Self:
        """What was said, from fields as they came; a tap on the menu says its key."""
        words = event_key if event == "click" else raw
        return cls(
            kind=kind,
            raw=plain(words),
            text=folded(words),
            label=plain(label),
            event=event or "",
            event_key=event_key,
            **rest,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; no words are silence."""

    text: str = ""


SILENCE = Reply()


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that is open, or that ran out in the middle."""

    command: str
    step: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Home:
    """A home somebody lives in, or says they do."""

    place_id: UUID
    name: str
    """As it is spoken: `3栋2单元502`."""
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Whoever speaks, with all that answering may need to know about them."""

    community_id: UUID
    community_name: str
    hotline: str | None
    account_id: UUID
    identity_id: UUID
    openid: str
    person_id: UUID
    name: str | None
    locale: str
    subscribed: bool
    posts: tuple[Held, ...] = ()
    homes: tuple[Home, ...] = ()
    conversation: Talk | None = None

    @property
    def is_staff(self) -> bool:
        """Whether they hold any post."""
        return bool(self.posts)

    @property
    def actor(self) -> Actor:
        """The same person, as verbs know who acts."""
        return Actor(self.community_id, "person", self.person_id, self.posts)
