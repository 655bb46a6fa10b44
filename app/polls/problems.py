"""What can be refused about polls, ballots, rolls and topics."""

from app.core.problems import Conflict, Problem, breaking


class PollStep(Conflict, status=409):
    """The poll is not at the point where this can be done."""


class PollLocked(Conflict, status=409):
    """What a poll asks, of whom and how, does not change once it is announced or open."""


class TooManyPollFiles(Conflict, status=409):
    """A poll has at most forty pictures and documents."""


class FileInUse(Conflict, status=409):
    """This picture belongs to an option; take it from there first."""


class PollNotOpen(Conflict, status=409):
    """This poll is not open for votes."""


class NotOnRoll(Problem, status=403):
    """You have no vote on the roll of this poll; you may object to the roll."""


class HasVoted(Conflict, status=409):
    """This vote has been cast already."""


class NonceTaken(Conflict, status=409):
    """Another ballot has this nonce already; make one at random."""


class BallotInvalid(Problem, status=422):
    """The ballot does not fit the questions; nothing was counted."""


class LinkInvalid(Problem, status=401):
    """This voting link is not one of ours."""


class SecretHere(Conflict, status=409):
    """This is a secret ballot: it is cast on its page alone."""


class NoticeTooShort(Conflict, status=409):
    """An owners' assembly is announced longer before it opens."""


class RollEmpty(Conflict, status=409):
    """Nobody would be on the roll."""


class RollFrozen(Conflict, status=409):
    """The roll was frozen when the poll opened; an objection can change it."""


class ObjectionPending(Conflict, status=409):
    """An objection of this kind about this person waits for its decision."""


class ObjectionDecided(Conflict, status=409):
    """This objection has been decided."""


class EntryExists(Conflict, status=409):
    """They are on the roll already."""


class EntryStruck(Conflict, status=409):
    """This vote has been struck from the roll already."""


class ProxyExists(Conflict, status=409):
    """They have given somebody authority for this poll already."""


class PaperExists(Conflict, status=409):
    """A paper of this vote has been entered already."""


class PaperDone(Conflict, status=409):
    """This paper has been read by a second person already, or put aside."""


class BoxTooSmall(Problem, status=422):
    """A box of secret votes holds at least ten; among fewer it would show who voted what."""


class ProxyOver(Conflict, status=409):
    """This authority was taken back already."""


class SamePerson(Conflict, status=409):
    """A second person has to read what the first has entered."""


class PaperDiffers(Conflict, status=409):
    """The two of you have read different things; look at the paper together."""


class ResultsNotYet(Conflict, status=409):
    """The result is not shown yet."""


class NoStatistics(Conflict, status=409):
    """Statistics are made of polls and surveys, not of meetings and assemblies."""


class DeedExists(Conflict, status=409):
    """This home has a deed already."""


class DeedOver(Conflict, status=409):
    """This home is theirs no more; its new owners have a deed of their own."""


class OwnerExists(Conflict, status=409):
    """This person is on the register of owners already."""


class OwnerHeadingsMissing(Problem, status=422):
    """The first row of a list of owners has the headings of the template: 楼栋, 房号, 面积 …"""


class OwnersWrong(Problem, status=422):
    """Some rows of the list of owners are wrong; nothing was written."""


class RemindedToday(Conflict, status=409):
    """Who has not voted was reminded less than a day ago."""


class TopicStep(Conflict, status=409):
    """The topic is not at the point where this can be done."""


class OwnTopic(Conflict, status=409):
    """A topic is seconded by somebody else than who raised it."""


class NotLivingHere(Problem, status=403):
    """Only who is known to live there takes part; have your home confirmed first."""


class RequestsUndone(Conflict, status=409):
    """Requests by which it is carried out are not done yet."""


class SittingExists(Conflict, status=409):
    """The council sits on that day already."""


class SittingStep(Conflict, status=409):
    """The sitting is not at the point where this can be done."""


class CouncilOver(Conflict, status=409):
    """This council is held no more."""


breaking("polls_keep_their_word", PollLocked)
breaking("poll_roll_is_frozen", RollFrozen)
breaking("poll_ballots_are_counted", PollNotOpen)
breaking("poll_intake_pkey", NonceTaken)
breaking("poll_entries_once_key", EntryExists)
breaking("poll_objections_once_key", ObjectionPending)
breaking("poll_proxies_once_key", ProxyExists)
breaking("poll_paper_ballots_once_key", PaperExists)
breaking("poll_paper_ballots_two_people_check", SamePerson)
breaking("poll_paper_boxes_two_people_check", SamePerson)
breaking("deeds_current_key", DeedExists)
breaking("owners_person_key", OwnerExists)
breaking("council_sittings_community_id_council_id_starts_on_key", SittingExists)
