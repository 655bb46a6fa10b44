"""Telling other programs what happened here, by mySociety's extension of GeoReport."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import earliest
from app.open311.arguments import Arguments
from app.open311.callers import Caller, keyed
from app.open311.course import Happening, course, kinds
from app.open311.documents import Document
from app.open311.listing import page, span
from app.open311.queries import latest_facts
from app.open311.showing import media, moment
from app.service_requests.models import ServiceRequest, State

_STATUSES = {
    State.SUBMITTED: "OPEN",
    State.ACCEPTED: "INVESTIGATING",
    State.ASSIGNED: "ACTION_SCHEDULED",
    State.IN_PROGRESS: "IN_PROGRESS",
    State.COMPLETED: "FIXED",
    State.VERIFIED: "FIXED",
    State.CLOSED: "FIXED",
    State.REJECTED: "NOT_COUNCILS_RESPONSIBILITY",
    State.WITHDRAWN: "CANCELLED",
    State.MERGED: "DUPLICATE",
}


async def sent(session: AsyncSession, asked: Arguments, *, address: str) -> Document:
    """What others did to the requests that a program knows, oldest first."""
    caller, program = await keyed(session, asked, address=address)
    (start, end), (limit, offset) = span(asked), page(asked)
    facts = await latest_facts(
        session,
        program,
        kinds(),
        since=earliest(start),
        start=start,
        end=end,
        limit=limit,
        offset=offset,
    )
    of_each = await course(session, caller.community.id, list({each.subject_id for each in facts}))
    told = {each.id: each for those in of_each.values() for each in those}
    about = await _about(session, caller, list(of_each))
    updates = [_update(told[fact.id], *about[fact.subject_id]) for fact in facts if fact.id in told]
    return Document("service_request_updates", updates)


async def _about(
    session: AsyncSession, caller: Caller, ids: Sequence[UUID]
) -> Mapping[UUID, tuple[int, str | None]]:
    """Of each request its number, and where it belongs if it was turned down."""
    rows = select(ServiceRequest.id, ServiceRequest.number, ServiceRequest.right_channel).where(
        ServiceRequest.community_id == caller.community.id, ServiceRequest.id.in_(ids)
    )
    return {row.id: (row.number, row.right_channel) for row in await session.execute(rows)}


def _update(happening: Happening, number: int, channel: str | None) -> Mapping[str, Any]:
    said = (happening.text, channel if happening.state is State.REJECTED else None)
    photo = next(iter(happening.photos), None)
    return {
        "update_id": str(happening.id),
        "service_request_id": str(number),
        "status": _STATUSES[happening.state],
        "description": "\n".join(part for part in said if part),
        "updated_datetime": moment(happening.at),
        "media_url": media(photo) if photo else None,
    }
