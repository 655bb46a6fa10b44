"""The register of residents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Select, select

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.people import phones, service
from app.people.access import Actor, Me
from app.people.api.places import named
from app.people.models import Person, PersonTag, Residence
from app.people.permissions import SEE
from app.people.problems import NotAHome, PhoneUnknown
from app.people.queries import LIVING, visible_to
from app.people.schemas import (
    PeopleFilters,
    PersonChange,
    PersonIn,
    PersonOut,
    RevealIn,
    RevealOut,
    TagsIn,
    TagsOut,
)

router = APIRouter(prefix="/api/v1/people", tags=["people"], route_class=Route)


async def held(session: Session, me: Me, person_id: UUID) -> Person:
    """The person of this id, if the caller may see them."""
    return await existing(session, visible_to(me).where(Person.id == person_id))


Held = Annotated[Person, Depends(held)]


def _narrowed(asked: PeopleFilters, me: Actor) -> Select[Person]:
    people = visible_to(me)
    if asked.home:
        lives_there = Residence.home_id == asked.home, Residence.standing.in_(LIVING)
        same = Residence.community_id == me.community_id
        people = people.join(Residence, same & (Residence.person_id == Person.id)).where(
            *lives_there
        )
    if asked.name:
        people = people.where(Person.name.contains(asked.name, autoescape=True))
    if asked.phone:
        people = people.where(Person.phone_index == phones.index(asked.phone))
    if asked.tag:
        tagged = select(PersonTag.id).where(
            PersonTag.community_id == Person.community_id,
            PersonTag.person_id == Person.id,
            PersonTag.tag == asked.tag,
        )
        people = people.where(tagged.exists())
    return people


@router.get("", response_model=Page[PersonOut], responses=problems(Forbidden))
async def list_people(
    session: Session, me: Me, asked: Annotated[PeopleFilters, Query()]
) -> dict[str, object]:
    """The people you may see, newest first; by home, part of the name, whole number, or tag."""
    SEE.demand_somewhere(me)
    return await paged(session, _narrowed(asked, me), asked, by=Person.id)


@router.post(
    "",
    status_code=201,
    response_model=PersonOut,
    responses=problems(Invalid, Forbidden, NotAHome),
)
async def register(session: Session, me: Me, asked: PersonIn) -> Person:
    """Register a resident of a home; who is there by this name and number is the same person."""
    home = await named(session, me, asked.home_id, field="home_id")
    return await service.register(
        session,
        home=home,
        name=asked.name,
        phone=asked.phone,
        relation=asked.relation,
        by=me,
    )


@router.get("/{person_id}", response_model=PersonOut, responses=problems(NotFound))
async def read_person(person: Held) -> Person:
    """Somebody in the register, their phone number masked."""
    return person


@router.patch("/{person_id}", response_model=PersonOut, responses=problems(NotFound, Forbidden))
async def change_person(session: Session, me: Me, person: Held, asked: PersonChange) -> Person:
    """Correct a resident's name, phone number or e-mail address."""
    return await service.change(session, person, asked.named(), by=me)


@router.get("/{person_id}/tags", responses=problems(NotFound, Forbidden))
async def read_tags(session: Session, me: Me, person: Held) -> TagsOut:
    """The words that somebody is found under when they are to be told something."""
    SEE.demand_somewhere(me)
    return TagsOut(tags=await service.tags_of(session, person))


@router.put("/{person_id}/tags", responses=problems(NotFound, Forbidden))
async def set_tags(session: Session, me: Me, person: Held, asked: TagsIn) -> TagsOut:
    """Let somebody be found under these words and no others."""
    return TagsOut(tags=await service.set_tags(session, person, asked.tags, by=me))


@router.post(
    "/{person_id}/phone-reveals",
    status_code=201,
    responses=problems(NotFound, Forbidden, PhoneUnknown),
)
async def reveal_phone(
    session: Session, me: Me, person: Held, asked: RevealIn, response: Response
) -> RevealOut:
    """See a phone number in full; who saw it, and what for, is kept."""
    response.headers["Cache-Control"] = "no-store"
    phone = await service.reveal_phone(session, person, reason=asked.reason, by=me)
    return RevealOut(phone=phone)
