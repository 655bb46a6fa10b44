"""Taking down what comes in by the API: which category, which place, on whose behalf."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people import phones
from app.people import queries as people
from app.people.access import Actor
from app.people.events import PersonRegistered
from app.people.models import Person
from app.places.models import Place
from app.service_requests import queries, service
from app.service_requests.catalogue import OTHER
from app.service_requests.models import Category, Channel, Location, ServiceRequest
from app.service_requests.permissions import FILE_FOR
from app.service_requests.schemas.requests import ReporterIn, RequestIn


async def receive(session: AsyncSession, asked: RequestIn, *, by: Actor) -> ServiceRequest:
    """File what was asked for; `Invalid` names the ids and codes that mean nothing here."""
    place = await _place(session, asked.place_id, by)
    category = await _category(session, asked.category, asked.summary, by)
    answers = {} if asked.category and asked.answers is None else asked.answers
    return await service.file(
        session,
        category=category,
        place=place,
        summary=asked.summary,
        by=by,
        reporter_id=await _reporter(session, asked, place, by),
        answers=answers,
        anonymous=asked.anonymous,
        photos=asked.photos,
        location=Location(**dict(asked.location)) if asked.location else None,
        channel=Channel.DESK if by.kind == "person" and by.is_staff else Channel.API,
    )


def _unknown(field: str) -> list[dict[str, str]]:
    return [{"path": field, "message": "there is no such thing here"}]


async def _place(session: AsyncSession, place_id: UUID, by: Actor) -> Place:
    place = await session.get(Place, (by.community_id, place_id))
    if place is None:
        raise Invalid(errors=_unknown("place_id"))
    return place


async def _category(session: AsyncSession, code: str | None, text: str, by: Actor) -> Category:
    known = await queries.catalogue(session, by.community_id)
    by_code = {category.code: category for category in known}
    found = by_code.get(code) if code else _guess(known, text) or by_code.get(OTHER)
    if found is None:
        raise Invalid(errors=_unknown("category"))
    return found


def _guess(categories: Sequence[Category], text: str) -> Category | None:
    return next(iter(service.suggest(categories, text)), None)


async def _reporter(
    session: AsyncSession, asked: RequestIn, place: Place, by: Actor
) -> UUID | None:
    """On whose behalf: somebody the caller may see, whoever gave their number, or oneself."""
    if asked.reporter_id and asked.reporter_id != by.id:
        FILE_FOR.demand(by, at=place.path)
        seen = people.visible_to(by).where(Person.id == asked.reporter_id)
        person = await session.scalar(seen)
        if person is None:
            raise Invalid(errors=_unknown("reporter_id"))
        return person.id
    if asked.reporter:
        FILE_FOR.demand(by, at=place.path)
        return await _known_or_new(session, asked.reporter, by)
    return by.id if by.kind == "person" else None


async def _known_or_new(session: AsyncSession, given: ReporterIn, by: Actor) -> UUID:
    """Whoever has this name, or none yet, and this number; a new entry if nobody has."""
    same_number = select(Person).where(
        Person.community_id == by.community_id,
        Person.phone_index == phones.index(given.phone),
        Person.merged_into_id.is_(None),
    )
    for person in await session.scalars(same_number.order_by(Person.name.is_(None), Person.id)):
        if person.name in (given.name, None):
            return person.id
    person = Person(community_id=by.community_id, id=new_id(), name=given.name)
    person.reached_at(given.phone)
    session.add(person)
    await session.flush()
    await record(session, PersonRegistered(person_id=person.id), by=by)
    return person.id
