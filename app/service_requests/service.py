"""Asking for something, and adding to what was asked."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.organizations.models import Listing
from app.people.access import Actor
from app.places.models import Place
from app.service_requests import clocks, queries, remarks, search
from app.service_requests import photos as pictures
from app.service_requests.events import RequestAmended, RequestFiled, RequestNoted
from app.service_requests.keywords import suggest
from app.service_requests.models import (
    ENDED,
    FIRST_NUMBER,
    Category,
    Channel,
    Location,
    Origin,
    RequestNumber,
    ServiceRequest,
    Stage,
)
from app.service_requests.permissions import FILE, FILE_FOR, REMARK
from app.service_requests.problems import AnonymityNotOffered, CategoryWithdrawn, RequestClosed
from app.service_requests.questions import answered
from app.service_requests.workflow import nobody, shown

__all__ = ["Location", "amend", "file", "note", "suggest"]


async def file(
    session: AsyncSession,
    *,
    category: Category,
    place: Place,
    summary: str,
    by: Actor,
    reporter_id: UUID | None,
    answers: Mapping[str, Any] | None = None,
    anonymous: bool = False,
    photos: Sequence[UUID] = (),
    location: Location | None = None,
    channel: Channel,
    origin: Origin = Origin.RESIDENT,
    listing: Listing | None = None,
) -> ServiceRequest:
    """Take down what somebody asks for, for oneself or on behalf of a resident.

    With `answers` the category's questions are asked, without they are not. What is ordered from
    a `listing` goes to whoever made that offer. Raises `Forbidden`, `AnonymityNotOffered`,
    `CategoryWithdrawn`, and `Invalid` for answers and photos.
    """
    own = by.kind == "person" and by.id == reporter_id
    (FILE if own else FILE_FOR).demand(by, at=place.path)
    if not category.active or (category.internal and not by.is_staff):
        raise CategoryWithdrawn
    if anonymous and not category.anonymous_allowed:
        raise AnonymityNotOffered
    request = ServiceRequest(
        community_id=by.community_id,
        id=new_id(),
        place_id=place.id,
        reporter_id=reporter_id,
        anonymous=anonymous,
        summary=summary,
        answers={} if answers is None else answered(category.questions, answers),
        category_id=category.id,
        category_version=category.version,
        confidential=category.confidential,
        organization_id=(listing or category).organization_id,
        listing_id=listing and listing.id,
        filed_at=now(),
        channel=channel,
        origin=origin,
        **_point(location),
    )
    files = await pictures.owned(session, photos, by=by)
    filed = RequestFiled(request_id=request.id)
    await record(session, filed, by=nobody(by) if anonymous else by)
    request.number = await _next_number(session, by.community_id)
    search.put(request, summary, request.location_label, *search.texts_of(request.answers))
    await clocks.start(session, request, category)
    await pictures.put(session, request, files, stage=Stage.REPORT)
    set_committed_value(request, "category", category)
    set_committed_value(request, "place", place)
    return request


def _point(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {}
    return {
        "latitude": location.latitude,
        "longitude": location.longitude,
        "datum": location.datum,
        "location_label": location.label,
    }


async def _next_number(session: AsyncSession, community_id: UUID) -> int:
    """The next number of the community. Its row is held until the commit: take it late."""
    counter = insert(RequestNumber).values(community_id=community_id, last=FIRST_NUMBER)
    counted = counter.on_conflict_do_update(
        index_elements=[RequestNumber.community_id], set_={"last": RequestNumber.last + 1}
    )
    return (await session.scalars(counted.returning(RequestNumber.last))).one()


async def amend(
    session: AsyncSession,
    request: ServiceRequest,
    *,
    text: str | None = None,
    photos: Sequence[UUID] = (),
    relayed: bool = False,
    by: Actor,
) -> None:
    """Add words or photos for everybody concerned to see; `RequestClosed` once it is over.

    With `relayed` they are a resident's that another program passes on: nobody has answered yet.
    """
    request = await queries.whole(session, request.community_id, request.id, lock=True)
    own = by.kind == "person" and by.id == request.reporter_id
    if not own:
        _demand_to_remark(request, by)
    if request.state in ENDED:
        raise RequestClosed
    if not text and not photos:
        raise Invalid(errors=[{"path": "text", "message": "neither text nor photos"}])
    files = await pictures.owned(session, photos, by=by)
    theirs = own or relayed
    remark_id = await remarks.add(session, request, text, by_reporter=theirs)
    stage = Stage.REPORT if theirs else Stage.OUTCOME
    await pictures.put(session, request, files, stage=stage, remark_id=remark_id)
    if not theirs and by.kind != "system":
        await clocks.answered(session, request)
    amended = RequestAmended(request_id=request.id, remark_id=remark_id)
    await record(session, amended, by=shown(by, request))


async def note(session: AsyncSession, request: ServiceRequest, *, text: str, by: Actor) -> None:
    """Write something down for staff alone, even after the request is closed."""
    request = await queries.whole(session, request.community_id, request.id, lock=True)
    _demand_to_remark(request, by)
    remark_id = await remarks.add(session, request, text, internal=True)
    await record(session, RequestNoted(request_id=request.id, remark_id=remark_id), by=by)


def _demand_to_remark(request: ServiceRequest, by: Actor) -> None:
    """Refuse with `Forbidden` who works neither at the place nor along on the request."""
    if by.kind == "person" and by.id in request.helping:
        REMARK.demand_somewhere(by)
    else:
        REMARK.demand(by, at=request.place.path)
