"""What happens to requests and to the catalogue."""

from typing import Any
from uuid import UUID

from app.core.facts import Event


class RequestFiled(Event, kind="service_request.filed", subject="request_id"):
    """Somebody asked for something."""

    request_id: UUID


class RequestAccepted(Event, kind="service_request.accepted", subject="request_id"):
    """The matter is ours to see to."""

    request_id: UUID


class RequestAssigned(Event, kind="service_request.assigned", subject="request_id"):
    """A worker was given the request, perhaps instead of another."""

    request_id: UUID
    worker_id: UUID
    instead_of_id: UUID | None = None


class RequestStarted(Event, kind="service_request.started", subject="request_id"):
    """The worker is at it."""

    request_id: UUID


class RequestCompleted(Event, kind="service_request.completed", subject="request_id"):
    """The worker says it is done."""

    request_id: UUID


class RequestVerified(Event, kind="service_request.verified", subject="request_id"):
    """Somebody else made sure that it is done."""

    request_id: UUID


class RequestRated(Event, kind="service_request.rated", subject="request_id"):
    """Who reported it said how it went."""

    request_id: UUID
    score: int


class RequestWasClosed(Event, kind="service_request.closed", subject="request_id"):
    """Nothing is left to do."""

    request_id: UUID


class RequestRejected(Event, kind="service_request.rejected", subject="request_id"):
    """The matter is not ours, and it was said whose it is."""

    request_id: UUID


class RequestAmended(Event, kind="service_request.amended", subject="request_id"):
    """Somebody added words or photos that everybody concerned may see."""

    request_id: UUID
    remark_id: UUID


class RequestNoted(Event, kind="service_request.noted", subject="request_id"):
    """Staff wrote something down for each other."""

    request_id: UUID
    remark_id: UUID


class RequestFellDue(Event, kind="service_request.fell_due", subject="request_id"):
    """The time allowed for the request ran out before it was done."""

    request_id: UUID


class CatalogueInstalled(Event, kind="service_catalogue.installed", subject="community_id"):
    """A community was given the categories that came with the software."""

    community_id: UUID
    codes: list[str]


class CategoryAdded(Event, kind="service_category.added", subject="category_id"):
    """There is a new kind of matter."""

    category_id: UUID


class CategoryChanged(Event, kind="service_category.changed", subject="category_id"):
    """A kind of matter is described or handled differently."""

    category_id: UUID
    was: dict[str, Any]
    now: dict[str, Any]
