"""What can be refused about a request or a category."""

from app.core.problems import Conflict, Problem, breaking


class StepNotOffered(Problem, status=409):
    """This step cannot be taken from where the request stands."""


class RequestClosed(Problem, status=409):
    """This request is already closed."""


class AlreadyAssigned(Problem, status=409):
    """This request is with that worker already."""


class AlreadyRated(Problem, status=409):
    """This request has been rated already."""


class OwnWork(Problem, status=409):
    """Somebody else has to check what one did oneself."""


class AnonymityNotOffered(Problem, status=409):
    """This kind of matter cannot be reported anonymously."""


class CategoryWithdrawn(Problem, status=409):
    """This kind of matter cannot be reported any more."""


class CategoryExists(Conflict, status=409):
    """There is already a category of this code."""


class LimitsContradict(Conflict, status=409):
    """A matter has to be taken on before it is done."""


class PhotoTaken(Conflict, status=409):
    """This photo belongs to another request already."""


breaking("service_categories_community_id_code_key", CategoryExists)
breaking("service_categories_limits_check", LimitsContradict)
breaking("request_photos_community_id_file_id_key", PhotoTaken)
