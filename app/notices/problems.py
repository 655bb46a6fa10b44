"""What can be refused about notices."""

from app.core.problems import Conflict, Forbidden, breaking


class NoticeNotDraft(Conflict, status=409):
    """This notice went out or waits for an answer, and cannot be changed now."""


class NoticeStep(Conflict, status=409):
    """The notice is not at that point."""


class NeedsSecondPerson(Forbidden, status=403):
    """Somebody else must agree to this notice."""


class NobodyToTell(Conflict, status=409):
    """Nobody can be reached with this audience over these channels."""


class NoSuchChannel(Conflict, status=409):
    """There is no such channel here, or it is not set up."""


class NotALesson(Conflict, status=409):
    """Only a lesson can be studied."""


class CorrectionGoesThere(Conflict, status=409):
    """A correction goes where the notice went, by the same channels."""


class TooManyFiles(Conflict, status=409):
    """A notice has at most twenty pictures and documents."""


class OutletTaken(Conflict, status=409):
    """This channel publishes at an outlet of that name already."""


breaking("outlets_community_id_channel_name_key", OutletTaken)


class NotDead(Conflict, status=409):
    """Only what was tried in vain can be tried again."""
