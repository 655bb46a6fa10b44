"""Taking down what comes in by the API: which category, which place, on whose behalf."""

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
from app.service_requests import placing, queries, service
from app.service_requests.catalogue import OTHER
from app.service_requests.models import Category, Channel, Location, ServiceRequest
from app.service_requests.permissions import FILE_FOR
from app.service_requests.schemas.requests import RequestIn


async def receive(session: AsyncSession, asked: RequestIn, *, by: Actor) -> ServiceRequest:
    """File what was asked for; `Invalid` names the ids and codes that mean nothing here.

    Without a place the rule of the category finds it. Who reports anonymously from their own home
    reports from their building, since the home would tell who lives there.
    """
    place = await _place(session, asked.place_id, by) if asked.place_id else None
    category = await _category(session, asked.category, asked.summary, by)
    reporter_id = await _reporter(session, asked, place, by)
    if place is None:
        place = await placing.by_rule(
            session,
            category.place_rule,
            person_id=reporter_id,
            anonymous=asked.anonymous,
            by=by,
        )
    elif asked.anonymous:
        place = await placing.unlinked(session, place, person_id=reporter_id, by=by)
    answers = {} if asked.category and asked.answers is None else asked.answers
    return await service.file(
        session,
        category=category,
        place=place,
        summary=asked.summary,
        by=by,
        reporter_id=reporter_id,
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
    """The one of this code, or what the words speak for, or the one of all the rest."""
    if code is None:
        guessed = service.suggest(await queries.catalogue(session, by.community_id), text)
        code = guessed[0].code if guessed else OTHER
    if found := await session.scalar(queries.offered_to(by).where(Category.code == code)):
        return found
    raise Invalid(errors=_unknown("category"))


async def _reporter(
    session: AsyncSession, asked: RequestIn, place: Place | None, by: Actor
) -> UUID | None:
    """On whose behalf: somebody the caller may see, whoever gave their number, or oneself."""
    if asked.reporter_id and asked.reporter_id != by.id:
        _demand_for_others(place, by)
        seen = people.visible_to(by).where(Person.id == asked.reporter_id)
        person = await session.scalar(seen)
        if person is None:
            raise Invalid(errors=_unknown("reporter_id"))
        return person.id
    if asked.reporter:
        _demand_for_others(place, by)
        return await known_or_new(session, asked.reporter.name, asked.reporter.phone, by=by)
    return by.id if by.kind == "person" else None


def _demand_for_others(place: Place | None, by: Actor) -> None:
    """Refuse early who may file for nobody; of a place found later `service.file` asks."""
    if place is None:
        FILE_FOR.demand_somewhere(by)
    else:
        FILE_FOR.demand(by, at=place.path)


async def known_or_new(session: AsyncSession, name: str | None, phone: str, *, by: Actor) -> UUID:
    """Whoever has this number, eleven digits, and this name or none; else a new entry."""
    same_number = select(Person).where(
        Person.community_id == by.community_id,
        Person.phone_index == phones.index(phone),
        Person.merged_into_id.is_(None),
    )
    for person in await session.scalars(same_number.order_by(Person.name.is_(None), Person.id)):
        if name is None or person.name in (name, None):
            return person.id
    person = Person(community_id=by.community_id, id=new_id(), name=name)
    person.reached_at(phone)
    session.add(person)
    await session.flush()
    await record(session, PersonRegistered(person_id=person.id), by=by)
    return person.id
