"""What happens in groups, and to them."""

from uuid import UUID

from app.core.facts import Event

# Event
# ├── bots      BotAdded BotChanged SenderBound SenderUnbound
# ├── groups    GroupProposed GroupOpened GroupRefused GroupChanged GroupClosed MemberTitled
# ├── words     MessagesRead QuestionDropped PolicyChanged
# ├── chains    ChainOpened ChainChanged ChainEntryRemoved ChainTaken ChainClosed
# └── hands     ShowOpened HandRaised ShowClosed


class BotAdded(Event, kind="bot.added", subject="bot_id"):
    """A bot listens for the community."""

    bot_id: UUID


class BotChanged(Event, kind="bot.changed", subject="bot_id"):
    """A bot is called otherwise, has other keys, or is silent."""

    bot_id: UUID
    changed: list[str]


class SenderBound(Event, kind="bot.sender_bound", subject="person_id"):
    """Somebody in a group is known to be this person."""

    person_id: UUID
    bot_id: UUID


class SenderUnbound(Event, kind="bot.sender_unbound", subject="person_id"):
    """Somebody in a group is known to be this person no more."""

    person_id: UUID
    bot_id: UUID


class GroupProposed(Event, kind="group.proposed", subject="group_id"):
    """A resident would like to have a group."""

    group_id: UUID


class GroupOpened(Event, kind="group.opened", subject="group_id"):
    """A group is one of the community's."""

    group_id: UUID
    owner_id: UUID


class GroupRefused(Event, kind="group.refused", subject="group_id"):
    """A proposed group is not to be."""

    group_id: UUID


class GroupChanged(Event, kind="group.changed", subject="group_id"):
    """A group is described otherwise, or somebody else answers for it."""

    group_id: UUID
    changed: list[str]
    owner_was: UUID | None = None
    owner_now: UUID | None = None


class GroupClosed(Event, kind="group.closed", subject="group_id"):
    """A group is one of the community's no more."""

    group_id: UUID


class MemberTitled(Event, kind="group.member_titled", subject="group_id"):
    """Somebody in a group is something else there than before."""

    group_id: UUID
    member_id: UUID
    was: str
    now: str


class MessagesRead(Event, kind="group.messages_read", subject="group_id"):
    """Somebody read what was said in a group."""

    group_id: UUID
    searched: bool


class QuestionDropped(Event, kind="group.question_dropped", subject="group_id"):
    """What was taken for a question to the property company was none."""

    group_id: UUID
    question_id: UUID


class PolicyChanged(Event, kind="group.policy_changed", subject="community_id"):
    """The community keeps its groups otherwise."""

    community_id: UUID
    was: dict[str, int]
    now: dict[str, int]


class ChainOpened(Event, kind="chain.opened", subject="chain_id"):
    """A sign-up began in a group."""

    chain_id: UUID
    group_id: UUID


class ChainChanged(Event, kind="chain.changed", subject="chain_id"):
    """People signed up, or changed their minds."""

    chain_id: UUID
    added: int
    cancelled: int
    edited: int = 0
    retitled: bool = False


class ChainEntryRemoved(Event, kind="chain.entry_removed", subject="chain_id"):
    """Staff took somebody off a sign-up."""

    chain_id: UUID
    entry_id: UUID


class ChainTaken(Event, kind="chain.taken", subject="chain_id"):
    """Somebody took the list of a sign-up out of the house."""

    chain_id: UUID
    rows: int


class ChainClosed(Event, kind="chain.closed", subject="chain_id"):
    """Nobody can sign up any more."""

    chain_id: UUID


class ShowOpened(Event, kind="hands.opened", subject="show_id"):
    """Hands are asked for in a group."""

    show_id: UUID
    group_id: UUID


class HandRaised(Event, kind="hands.raised", subject="show_id"):
    """Somebody raised a hand, or moved it."""

    show_id: UUID


class ShowClosed(Event, kind="hands.closed", subject="show_id"):
    """Hands are counted."""

    show_id: UUID
