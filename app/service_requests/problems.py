"""What can be refused about a request or a category."""

from app.core.problems import Conflict, Problem, breaking
from app.core.sheets.reading import SheetUnreadable


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


class PublicConfidential(Conflict, status=409):
    """A confidential kind of matter cannot be public."""


class PhotoTaken(Conflict, status=409):
    """This photo belongs to another request already."""


class AlreadyTaken(Problem, status=409):
    """Somebody else took this request first."""


class NotSuspended(Problem, status=409):
    """This request is not suspended."""


class PetitionPending(Conflict, status=409):
    """This was asked already, and nobody has decided yet."""


class NothingAsked(Problem, status=409):
    """There is nothing to decide."""


class ReturnRefusedBefore(Problem, status=409):
    """It was decided that this request stays with its worker."""


class UrgedTooOften(Problem, status=429):
    """This request was urged as often as one may; somebody is looking into it."""


class TopOfTheChain(Problem, status=409):
    """There is nobody further up to take this request to."""


class AlreadyHelping(Conflict, status=409):
    """They work along on this request already."""


class NotHelping(Problem, status=409):
    """They do not work along on this request."""


class AlreadyVisited(Conflict, status=409):
    """It was asked already whether this was resolved."""


class VisitFirst(Problem, status=409):
    """Ask whoever reported it before closing this request."""


class FollowedByOthers(Problem, status=409):
    """Neighbours wait for this as well, so it goes on."""


class TooLateToReopen(Problem, status=409):
    """This ended too long ago to be taken up again; report it anew."""


class AlreadyFollowing(Conflict, status=409):
    """This request is followed already."""


class SameRequest(Problem, status=409):
    """A request cannot be merged into itself, or into one that was merged into it."""


class NotMergeable(Problem, status=409):
    """One of these requests is over, or is nobody else's to see."""


class ListingWithdrawn(Problem, status=409):
    """This is not offered any more, or not here."""


class FormEnded(Problem, status=409):
    """The answers end this form with advice; there is nothing to report."""


class CatalogueHeadingsMissing(SheetUnreadable, status=422):
    """The first row of a catalogue has headings, 代码 among them; take the template."""


class CatalogueTooLong(SheetUnreadable, status=422):
    """A catalogue has at most 1,000 rows."""


class CatalogueWrong(Problem, status=422):
    """Some rows of the catalogue are wrong; nothing was written."""


class PartnerExists(Conflict, status=409):
    """This organisation works along on that kind of matter already."""


class PlanEnded(Problem, status=409):
    """This plan has ended."""


class ExportTooLarge(Problem, status=422):
    """These are more than 20,000 requests; narrow the list, for example by when they were filed."""


class ViewExists(Conflict, status=409):
    """There is a view of this name already."""


class TemplateExists(Conflict, status=409):
    """There is a reply template of this name already."""


breaking("service_categories_community_id_code_key", CategoryExists)
breaking("service_categories_public_check", PublicConfidential)
breaking("request_photos_community_id_file_id_key", PhotoTaken)
breaking("request_petitions_pending_key", PetitionPending)
breaking("request_co_handlers_once_key", AlreadyHelping)
breaking("return_visits_community_id_request_id_round_key", AlreadyVisited)
breaking("request_followers_community_id_request_id_person_id_key", AlreadyFollowing)
breaking("service_category_partners_community_id_category_id_organization_id_key", PartnerExists)
breaking("saved_views_name_key", ViewExists)
breaking("reply_templates_community_id_name_key", TemplateExists)
