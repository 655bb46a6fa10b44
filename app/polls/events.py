"""What happens to polls, rolls, ballots and topics; of a secret ballot no event tells."""

from uuid import UUID

from app.core.facts import Event

# Polls


class PollDrafted(Event, kind="polls.drafted", subject="poll_id"):
    """A poll was written, or proposed by a resident."""

    poll_id: UUID


class PollChanged(Event, kind="polls.changed", subject="poll_id"):
    """A poll was changed before it was announced or opened."""

    poll_id: UUID
    changed: list[str]


class PollSupported(Event, kind="polls.supported", subject="poll_id"):
    """Somebody wants a proposed poll to be held."""

    poll_id: UUID


class PollProposed(Event, kind="polls.proposed", subject="poll_id"):
    """A resident's poll has support enough for staff to look at it."""

    poll_id: UUID


class PollAccepted(Event, kind="polls.accepted", subject="poll_id"):
    """A resident's poll is worked on by staff, to be held."""

    poll_id: UUID


class PollRefused(Event, kind="polls.refused", subject="poll_id"):
    """A resident's poll will not be held."""

    poll_id: UUID


class PollAnnounced(Event, kind="polls.announced", subject="poll_id"):
    """The agenda of a poll is published and locked."""

    poll_id: UUID


class PollOpened(Event, kind="polls.opened", subject="poll_id"):
    """A poll takes votes; its roll is frozen."""

    poll_id: UUID
    entries: int


class PollExtended(Event, kind="polls.extended", subject="poll_id"):
    """A poll takes votes for longer than was said."""

    poll_id: UUID


class PollTightened(Event, kind="polls.tightened", subject="poll_id"):
    """Names or counts of a poll are shown less, or later, than was said."""

    poll_id: UUID


class PollClosed(Event, kind="polls.closed", subject="poll_id"):
    """A poll takes no more votes and was counted."""

    poll_id: UUID
    ballots: int


class PollPublished(Event, kind="polls.published", subject="poll_id"):
    """The result of a poll was published."""

    poll_id: UUID


class PollCancelled(Event, kind="polls.cancelled", subject="poll_id"):
    """A poll is not held, or not to its end."""

    poll_id: UUID


class PollOverdue(Event, kind="polls.overdue", subject="poll_id"):
    """The result of a poll should have been published by now."""

    poll_id: UUID


class PollPolicyChanged(Event, kind="polls.policy_changed", subject="community_id"):
    """The community decides otherwise from now on."""

    community_id: UUID
    changed: list[str]


class HeadPublished(Event, kind="polls.head_published", subject="poll_id"):
    """A link was added to the chain of a poll; keep its head, and nobody can rewrite it unseen."""

    poll_id: UUID
    number: int
    head: str
    """64 hexadecimal digits."""


class BallotCast(Event, kind="polls.ballot_cast", subject="poll_id"):
    """A recorded vote was cast or changed."""

    poll_id: UUID
    entry_id: UUID
    channel: str


class RemindersSent(Event, kind="polls.reminders_sent", subject="poll_id"):
    """Who had not voted was reminded."""

    poll_id: UUID
    people: int


class RollRead(Event, kind="polls.roll_read", subject="poll_id"):
    """Somebody looked at the names on the roll."""

    poll_id: UUID


class BallotsRead(Event, kind="polls.ballots_read", subject="poll_id"):
    """Somebody looked at who voted what, or took out the bundle of a recorded poll."""

    poll_id: UUID


# Rolls


class ObjectionRaised(Event, kind="polls.objection_raised", subject="poll_id"):
    """Somebody objects to the roll."""

    poll_id: UUID
    objection_id: UUID


class ObjectionDecided(Event, kind="polls.objection_decided", subject="poll_id"):
    """An objection was upheld or rejected."""

    poll_id: UUID
    objection_id: UUID
    upheld: bool


class ProxyGiven(Event, kind="polls.proxy_given", subject="poll_id"):
    """Somebody may cast another's vote."""

    poll_id: UUID
    proxy_id: UUID


class ProxyRevoked(Event, kind="polls.proxy_revoked", subject="poll_id"):
    """Somebody may not cast another's vote any more."""

    poll_id: UUID
    proxy_id: UUID


class Attended(Event, kind="polls.attended", subject="poll_id"):
    """Votes of the roll were present at a meeting."""

    poll_id: UUID
    entry_ids: list[UUID]


class PaperEntered(Event, kind="polls.paper_entered", subject="poll_id"):
    """The first of two has entered a vote on paper, or a box of them."""

    poll_id: UUID
    paper_id: UUID


class PaperCounted(Event, kind="polls.paper_counted", subject="poll_id"):
    """The second of two has read the same, and it counts."""

    poll_id: UUID
    paper_id: UUID


class PaperDisputed(Event, kind="polls.paper_disputed", subject="poll_id"):
    """The second of two has read something else."""

    poll_id: UUID
    paper_id: UUID


class PaperDiscarded(Event, kind="polls.paper_discarded", subject="poll_id"):
    """A paper that did not count was put aside."""

    poll_id: UUID
    paper_id: UUID


# Owners


class OwnerAdded(Event, kind="polls.owner_added", subject="owner_id"):
    """Somebody was put on the register of owners."""

    owner_id: UUID


class OwnerChanged(Event, kind="polls.owner_changed", subject="owner_id"):
    """An entry on the register of owners was changed."""

    owner_id: UUID
    changed: list[str]


class OwnersImported(Event, kind="polls.owners_imported", subject="list_id"):
    """A list of owners was read in."""

    list_id: UUID
    owners: int
    deeds: int
    changed: int


class DeedAdded(Event, kind="polls.deed_added", subject="deed_id"):
    """It was put down whose a home is."""

    deed_id: UUID


class DeedChanged(Event, kind="polls.deed_changed", subject="deed_id"):
    """The area, the owners or the voter of a home changed."""

    deed_id: UUID
    changed: list[str]


class DeedEnded(Event, kind="polls.deed_ended", subject="deed_id"):
    """A home is theirs no more."""

    deed_id: UUID


# Topics


class TopicRaised(Event, kind="topics.raised", subject="topic_id"):
    """Somebody wants something talked over."""

    topic_id: UUID


class TopicSeconded(Event, kind="topics.seconded", subject="topic_id"):
    """Somebody else wants it, too."""

    topic_id: UUID


class TopicOpened(Event, kind="topics.opened", subject="topic_id"):
    """A topic is discussed."""

    topic_id: UUID


class TopicPublished(Event, kind="topics.published", subject="topic_id"):
    """A topic that is discussed stands on the public pages, too."""

    topic_id: UUID


class TopicRefused(Event, kind="topics.refused", subject="topic_id"):
    """A topic is not discussed."""

    topic_id: UUID


class TopicPosted(Event, kind="topics.posted", subject="topic_id"):
    """Somebody said something on a topic."""

    topic_id: UUID
    post_id: UUID


class PostModerated(Event, kind="topics.post_moderated", subject="topic_id"):
    """A post is shown, or hidden."""

    topic_id: UUID
    post_id: UUID
    shown: bool


class TopicPutToVote(Event, kind="topics.put_to_vote", subject="topic_id"):
    """A poll was made of a topic."""

    topic_id: UUID
    poll_id: UUID


class TopicResolved(Event, kind="topics.resolved", subject="topic_id"):
    """It was settled what is to be done."""

    topic_id: UUID


class TopicCarriedOut(Event, kind="topics.carried_out", subject="topic_id"):
    """A request was made of a resolution."""

    topic_id: UUID
    request_id: UUID


class TopicClosed(Event, kind="topics.closed", subject="topic_id"):
    """It was told what came of a topic."""

    topic_id: UUID


class CouncilFounded(Event, kind="councils.founded", subject="council_id"):
    """A grid has a regular meeting."""

    council_id: UUID


class CouncilEnded(Event, kind="councils.ended", subject="council_id"):
    """A regular meeting is held no more."""

    council_id: UUID


class SittingCalled(Event, kind="councils.sitting_called", subject="council_id"):
    """A council will sit."""

    council_id: UUID
    sitting_id: UUID


class SittingChanged(Event, kind="councils.sitting_changed", subject="council_id"):
    """Time, place or agenda of a sitting changed."""

    council_id: UUID
    sitting_id: UUID


class SittingHeld(Event, kind="councils.sitting_held", subject="council_id"):
    """A council sat; its minutes are kept."""

    council_id: UUID
    sitting_id: UUID
