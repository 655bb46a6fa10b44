"""A request as GeoReport shows it: to everybody down to the building, to who knows it whole."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA
from app.core.i18n import _
from app.core.settings import settings
from app.open311.addresses import Map, mapped
from app.open311.course import Happening, course
from app.open311.documents import Document
from app.open311.geodesy import wgs84
from app.open311.queries import Found
from app.open311.services import questions
from app.people.phones import masked
from app.places.models import Community
from app.service_requests import words
from app.service_requests.models import ENDED, UNDONE, ServiceRequest, Stage, State

_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_STREET = 3
"""Decimals of a degree that tell a street, not a door."""


def moment(at: datetime) -> str:
    """A moment as GeoReport writes it, in UTC and without fractions."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def media(file_id: UUID) -> str:
    """Where a photo lies, for who comes with their key."""
    return f"{settings().base_url}/api/v1/files/{file_id}"


async def requests(
    session: AsyncSession, community: Community, found: Sequence[Found], *, extended: bool
) -> Document:
    """The list of requests; `extended` by answers, our own state and the course of each."""
    around = await mapped(session, community, [each.request.place for each in found])
    if not extended:
        return Document("service_requests", [_request(each, around) for each in found])
    courses = await course(session, community.id, [each.request.id for each in found])
    shown = [
        {**_request(each, around), **_extensions(each, courses[each.request.id])} for each in found
    ]
    return Document("service_requests", shown)


def notice(request: ServiceRequest) -> str | None:
    """By when the work will be done, as long as it is under way."""
    if request.state not in UNDONE:
        return None
    due = request.due_at.astimezone(CHINA).strftime("%m-%d %H:%M")
    return _("预计{due}前办结。").format(due=due)


def _request(found: Found, around: Map) -> Mapping[str, Any]:
    request = found.request
    where = around.shown(request.place, exact=found.known)
    latitude, longitude = _point(found)
    return {
        "service_request_id": str(request.number),
        "status": "open" if request.state in UNDONE else "closed",
        "status_notes": _for(found, _notes(request)),
        "service_name": request.category.name,
        "service_code": request.category.code,
        "description": _for(found, request.summary),
        "agency_responsible": (request.organization or around.community).name,
        "service_notice": notice(request),
        "requested_datetime": moment(request.filed_at),
        "updated_datetime": moment(_updated(request)),
        "expected_datetime": moment(request.due_at),
        "address": (found.known and request.location_label) or where.address,
        "address_id": str(where.place_id),
        "zipcode": None,
        "lat": latitude,
        "long": longitude,
        "media_url": _picture(found),
    }


def _notes(request: ServiceRequest) -> str | None:
    if request.suspended_reason:
        return request.suspended_reason
    if request.state in (State.WITHDRAWN, State.MERGED):
        return words.label(request.state)
    said = (request.outcome or request.reason, request.right_channel)
    return "\n".join(part for part in said if part) or None


def _updated(request: ServiceRequest) -> datetime:
    """When it last changed; when it was closed, for one that is."""
    if request.state in UNDONE:
        return request.updated_at
    closed = request.closed_at if request.state in ENDED else request.completed_at
    return closed or request.updated_at


def _for(found: Found, text: str | None) -> str | None:
    """What was written; for everybody without the numbers of people in it."""
    if text is None or found.known:
        return text
    text = _IDENTITY.sub(lambda number: f"{number[0][:6]}********{number[0][-4:]}", text)
    return _MOBILE.sub(lambda number: masked(number[0]), text)


def _point(found: Found) -> tuple[float | None, float | None]:
    location = found.request.location
    if location is None:
        return None, None
    latitude, longitude = wgs84(location)
    if found.known:
        return latitude, longitude
    return round(latitude, _STREET), round(longitude, _STREET)


def _picture(found: Found) -> str | None:
    if not found.known:
        return None
    reported = (photo for photo in found.request.photos if photo.stage is Stage.REPORT)
    return next((media(photo.file_id) for photo in reported), None)


def _extensions(found: Found, happenings: Sequence[Happening]) -> Mapping[str, Any]:
    request = found.request
    photos = request.photos if found.known else []
    return {
        "attributes": _answers(found),
        "extended_attributes": {
            "state": request.state,
            "state_name": words.label(request.state),
            "photos": [
                {"media_url": media(photo.file_id), "title": photo.stage} for photo in photos
            ],
        },
        "notes": [_note(request.filed_at, State.SUBMITTED), *_notes_on(found, happenings)],
    }


def _notes_on(found: Found, happenings: Sequence[Happening]) -> list[Mapping[str, str]]:
    """What happened; for everybody only how the state changed, in our words."""
    return [
        _note(each.at, each.state, each.text if found.known else None)
        for each in happenings
        if found.known or each.moved
    ]


def _note(at: datetime, state: State, text: str | None = None) -> Mapping[str, str]:
    return {"datetime": moment(at), "description": text or words.label(state), "type": state}


def _answers(found: Found) -> list[Mapping[str, Any]]:
    """What was answered, by the questions that are asked now; for who knows the request."""
    if not found.known:
        return []
    given = found.request.answers
    return [
        {"code": question.code, "label": question.label, "value": _value(given[question.code])}
        for question in questions(found.request.category)
        if given.get(question.code) is not None
    ]


def _value(answer: Any) -> str:
    match answer:
        case bool():
            return "yes" if answer else "no"
        case list():
            return ",".join(answer)
        case float():
            return f"{answer:.12g}"
    return str(answer)
