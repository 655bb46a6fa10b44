"""Who spoke in a group and what they said, and what they are answered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.chat.phrases import shown
from app.core.clock import now
from app.core.i18n import _
from app.groups.models import MANAGERS, Bot, Group, GroupMember
from app.people.access import Actor
from app.people.models import Identity


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: aloud to the whole group, and to the speaker alone; no words are silence.

    What is private goes over the service account, and is dropped where nobody is bound: ask
    `Spoken.reachable` before saying that it was sent.
    """

    text: str = ""
    private: str | None = None


SILENCE = Reply()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One thing somebody said in a group of the community."""

    community_id: UUID
    bot: Bot
    group: Group
    member: GroupMember
    text: str
    """All of it, without the mention of the bot and with numbers of people masked."""
    kind: str = "text"
    """`text`, `image`, `chain`, `other`."""
    person: Actor | None = None
    """Who it is, once the sender is bound."""
    identity: Identity | None = None
    """Where they can be told something alone, once they are bound and follow an account."""
    message_id: UUID | None = None
    """Of the kept message; None where there is none."""
    asked: bool = True
    """Whether the bot was mentioned, or the word set apart by a slash."""
    sent_at: datetime | None = None
    manages: bool = False
    """Whether they run the group by another entry than this one: its owner, or as named by hand."""

    @property
    def sender_id(self) -> str:
        """What the platform calls whoever speaks."""
        return self.member.sender_id

    @property
    def name(self) -> str:
        """As they call themselves in the group."""
        return self.member.name

    @property
    def called(self) -> str:
        """The same, harmless and on one line, for an answer to begin with."""
        return shown(self.member.name.replace("@", "＠"), 20) or _("您")

    @property
    def at(self) -> datetime:
        """When it was said."""
        return self.sent_at or now()

    @property
    def runs_group(self) -> bool:
        """Whether they are one of those who run the group."""
        return self.manages or self.member.title in MANAGERS

    @property
    def reachable(self) -> bool:
        """Whether something can be said to them alone."""
        return self.identity is not None

    @property
    def locale(self) -> str:
        """The language of what is said to them alone; groups are spoken to in Chinese."""
        return self.identity.locale if self.identity else "zh"
