"""What can be refused about groups, bots and sign-ups."""

from app.core.problems import BadRequest, Conflict, Forbidden, Invalid, Unauthenticated, breaking


class NotFromPlatform(Unauthenticated, status=401):
    """This was not sent by the platform it claims to come from."""


class HookUnreadable(BadRequest, status=400):
    """This is not a message of the platform."""


class UnknownPlatform(Conflict, status=409):
    """There is no such platform here."""


class BotExists(Conflict, status=409):
    """There is a bot of this name already."""


class GroupKnown(Conflict, status=409):
    """This group of the platform belongs to the community already."""


class NoSuchOrganization(Invalid, status=422):
    """There is no such organisation here."""


class GroupNotOpen(Conflict, status=409):
    """The group is not open."""


class GroupDecided(Conflict, status=409):
    """Somebody decided about this group already."""


class ChainIsClosed(Conflict, status=409):
    """This sign-up is closed."""


class ShowIsClosed(Conflict, status=409):
    """The hands of this question are counted."""


class ShowIsOpen(Conflict, status=409):
    """There is an open question in this group already."""


class NotAManager(Forbidden, status=403):
    """Only who runs the group may do this."""


class SenderIsBound(Conflict, status=409):
    """This account in the groups belongs to somebody already."""


class BindingCodeWrong(Conflict, status=409):
    """This code is wrong, was used, or has expired: ask for another in the group."""


breaking("bots_slug_key", BotExists)
breaking("chat_groups_external_key", GroupKnown)
breaking("chat_groups_community_id_organization_id_fkey", NoSuchOrganization)
breaking("hand_shows_open_key", ShowIsOpen)
