"""Filing a request as GeoReport sends it, and telling its number, at once or by a token."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import new_token, sha256_token
from app.core.database import Sessions
from app.core.files import Photo, decode_photo, store_photo
from app.core.i18n import _, speaking
from app.core.problems import NotFound
from app.open311 import addresses
from app.open311.answers import answers
from app.open311.arguments import Arguments
from app.open311.callers import jurisdiction, keyed
from app.open311.documents import Document
from app.open311.models import Filing
from app.open311.problems import wrong
from app.open311.services import of_code, questions, tokened
from app.open311.showing import notice
from app.people.access import Actor
from app.people.phones import normalized
from app.places.models import Place
from app.service_requests import intake, service
from app.service_requests.models import (
    Category,
    Channel,
    Datum,
    Location,
    ServiceRequest,
    State,
)
from app.service_requests.permissions import FILE_FOR
from app.service_requests.photos import MOST

LONGEST = 4000
"""Characters of a description."""
_LONGEST_NAME = 100
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?")
_CHINESE = re.compile("[\u3400-\u9fff]")
_LINK = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where it is: our place for it, the point, and an address that no place was found for."""

    place: Place
    point: Location | None
    written: str | None
    unplaced: bool


async def file(sessions: Sessions, asked: Arguments, *, address: str) -> Document:
    """Take a request down, for a program with a key; photos are opened while nothing is held."""
    async with sessions.begin() as session:
        caller, program = await keyed(session, asked, address=address)
        FILE_FOR.demand_somewhere(program)
    photos = [await decode_photo(each) for each in asked.files]
    async with sessions.begin() as session:
        category = await of_code(session, caller.community, asked.demanded("service_code"))
        request = await _take_down(session, program, category, asked, photos)
        return _receipt(session, request, category, program, asked)


async def store(session: AsyncSession, program: Actor, photos: Sequence[Photo]) -> Sequence[UUID]:
    """Keep what a program uploaded; the ids of the files."""
    return [
        (await store_photo(session, each, community_id=program.community_id, by=program.id)).id
        for each in photos
    ]


def links(asked: Arguments) -> list[str]:
    """The addresses of media that were named, in words for staff; nobody goes there."""
    named = list(islice(asked.every("media_url"), MOST + 1))
    if len(named) > MOST:
        raise wrong(_("最多{count}个").format(count=MOST), at="media_url")
    if not all(_LINK.fullmatch(each) for each in named):
        raise wrong(_("应为http或https地址"), at="media_url")
    with speaking("zh"):
        return [_("图片链接：{url}").format(url=each) for each in named]


def description(asked: Arguments) -> str | None:
    """What was written, of at most 4,000 characters."""
    text = asked.text("description")
    if text and len(text) > LONGEST:
        raise wrong(_("最多{count}个字符").format(count=LONGEST), at="description")
    return text


async def _take_down(
    session: AsyncSession,
    program: Actor,
    category: Category,
    asked: Arguments,
    photos: Sequence[Photo],
) -> ServiceRequest:
    spot = await _spot(session, program, asked)
    more = links(asked)
    if spot.unplaced:
        with speaking("zh"):
            more.insert(0, _("地址：{address}").format(address=spot.written))
    request = await service.file(
        session,
        category=category,
        place=spot.place,
        summary=description(asked) or category.name,
        by=program,
        reporter_id=await _reporter(session, program, asked),
        answers=answers(questions(category), asked.attributes()),
        photos=await store(session, program, photos),
        location=spot.point,
        channel=Channel.OPEN311,
    )
    request.location_label = spot.written
    if more:
        await service.amend(session, request, text="\n".join(more), relayed=True, by=program)
    return request


def _receipt(
    session: AsyncSession,
    request: ServiceRequest,
    category: Category,
    program: Actor,
    asked: Arguments,
) -> Document:
    """The answer, and that this program filed it; the token is shown this once."""
    token = new_token("palm_rt") if tokened(category) else None
    filing = Filing(
        community_id=request.community_id,
        request_id=request.id,
        client_id=program.id,
        token_digest=token and sha256_token(token),
    )
    session.add(filing)
    name = {"token": token} if token else {"service_request_id": str(request.number)}
    told = {"service_notice": notice(request), "account_id": asked.line("account_id")}
    return Document("service_requests", [name | told])


async def by_token(session: AsyncSession, asked: Arguments, token: str) -> Document:
    """The number behind a token, as soon as somebody has looked at the request."""
    community = await jurisdiction(session, asked)
    held = await session.execute(
        select(ServiceRequest.number, ServiceRequest.state)
        .join(
            Filing,
            (Filing.community_id == ServiceRequest.community_id)
            & (Filing.request_id == ServiceRequest.id),
        )
        .where(Filing.community_id == community.id, Filing.token_digest == sha256_token(token))
    )
    found = held.one_or_none()
    if found is None:
        raise NotFound
    number, state = found
    known = {} if state is State.SUBMITTED else {"service_request_id": str(number)}
    return Document("service_requests", [{**known, "token": token}])


async def _spot(session: AsyncSession, program: Actor, asked: Arguments) -> _Spot:
    """Where the matter is; without a place of ours it is the whole that the program acts for."""
    written, given = asked.line("address_string"), asked.line("address_id")
    point = _point(asked, written)
    place = None
    if given:
        place = await addresses.identified(session, program.community_id, given)
        if place is None:
            raise wrong(_("没有这个地点"), at="address_id")
    elif written:
        place = await addresses.understood(session, program.community_id, written)
    elif point is None:
        said = _("请提供lat和long、address_string或address_id")
        raise wrong(said, at="address_string")
    whole = place or await _whole(session, program)
    return _Spot(whole, point, written, written is not None and place is None)


async def _whole(session: AsyncSession, program: Actor) -> Place:
    widest = min(FILE_FOR.paths(program), key=len)
    here = Place.community_id == program.community_id, Place.path == widest
    return (await session.scalars(select(Place).where(*here))).one()


def _point(asked: Arguments, label: str | None) -> Location | None:
    if not (asked.text("lat") or asked.text("long")):
        return None
    latitude, longitude = _degrees(asked, "lat", 90), _degrees(asked, "long", 180)
    return Location(latitude, longitude, Datum.WGS84, label)


def _degrees(asked: Arguments, name: str, most: int) -> float:
    value = asked.demanded(name)
    if not _DEGREES.fullmatch(value) or abs(float(value)) > most:
        raise wrong(_("应为-{most}到{most}之间的度数").format(most=most), at=name)
    return float(value)


async def _reporter(session: AsyncSession, program: Actor, asked: Arguments) -> UUID | None:
    """Whoever has the number that was given; without one nobody could be told anything."""
    written = asked.text("phone")
    if written is None:
        return None
    phone = normalized(written)
    if phone is None:
        raise wrong(_("不是手机号码"), at="phone")
    return await intake.known_or_new(session, _name(asked), phone, by=program)


def _name(asked: Arguments) -> str | None:
    """The whole name; a Chinese family name comes first."""
    first = asked.line("first_name", longest=_LONGEST_NAME) or ""
    last = asked.line("last_name", longest=_LONGEST_NAME) or ""
    whole = f"{last}{first}" if _CHINESE.search(last + first) else f"{first} {last}"
    return whole.strip() or None
