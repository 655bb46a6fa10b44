"""Where people live: what they say, and what is known."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import existing
from app.core.facts import record
from app.core.ids import new_id
from app.core.limits import take
from app.core.problems import Forbidden, Invalid
from app.people import phones
from app.people.access import Actor
from app.people.events import (
    PersonChanged,
    ResidenceClaimed,
    ResidenceConfirmed,
    ResidenceEnded,
    ResidenceRefused,
)
from app.people.models import Person, Relation, Residence, Standing
from app.people.permissions import CONFIRM
from app.people.problems import NotAHome, ResidenceDecided, ResidenceOver
from app.people.queries import LIVING, homes_of, identities_of, posts_of
from app.people.service.merging import merge
from app.places.models import Kind, Place


def _ids(residence: Residence) -> dict[str, Any]:
    return {
        "residence_id": residence.id,
        "person_id": residence.person_id,
        "home_id": residence.home_id,
    }


def _number(phone: str | None) -> str | None:
    if phone is None:
        return None
    number = phones.normalized(phone)
    if number is None:
        raise Invalid(errors=[{"path": "phone", "message": "is not a mobile number"}])
    return number


async def claim_home(
    session: AsyncSession,
    *,
    person: Person,
    home: Place,
    relation: Relation = Relation.OWNER,
    name: str | None = None,
    phone: str | None = None,
    by: Actor,
) -> Residence:
    """Note where somebody says they live; staff are to confirm it.

    It is verified at once when the register has this name and number in this home and nobody is
    that entry in the chat yet: the two become one person, so read `residence.person_id` after.
    Living there already is answered with what is known. Raises `NotAHome`, `Invalid` on a phone
    number that is none, and `TooManyRequests` after ten numbers tried in an hour.
    """
    if home.kind is not Kind.HOME:
        raise NotAHome
    number = _number(phone)
    if name and number:
        await take(session, f"claims by {person.id}", burst=10, per_seconds=3600.0)
        registered = await _registered(session, home, name, number)
        if registered is not None and await _unproven(session, person):
            await merge(session, person, into=registered, by=by)
            return await _living(session, registered, home)
    await _describe(session, person, name, number, by)
    return await _claim(session, person, home, relation, by)


async def _registered(session: AsyncSession, home: Place, name: str, number: str) -> Person | None:
    """Who the register says lives there by this name and number, and is nobody in the chat.

    Nor may they hold a post: to know a name and a number is not enough to become staff.
    """
    lives_there = (
        select(Residence.id)
        .where(
            Residence.community_id == Person.community_id,
            Residence.person_id == Person.id,
            Residence.home_id == home.id,
            Residence.standing == Standing.VERIFIED,
        )
        .exists()
    )
    entry = await session.scalar(
        select(Person)
        .where(
            Person.community_id == home.community_id,
            Person.phone_index == phones.index(number),
            Person.name == name.strip(),
            lives_there,
        )
        .order_by(Person.id)
        .limit(1)
        .with_for_update(key_share=True)
    )
    if entry is None or await session.scalar(identities_of(entry.community_id, entry.id).limit(1)):
        return None
    works = await session.scalar(posts_of(entry.community_id, entry.id).limit(1))
    return None if works else entry


async def _unproven(session: AsyncSession, person: Person) -> bool:
    """Whether all we know of somebody is what they said themselves."""
    proven = select(Residence.id).where(
        Residence.community_id == person.community_id,
        Residence.person_id == person.id,
        Residence.standing == Standing.VERIFIED,
    )
    held = posts_of(person.community_id, person.id, ended=True)
    return not await session.scalar(proven.limit(1)) and not await session.scalar(held.limit(1))


async def _describe(
    session: AsyncSession, person: Person, name: str | None, number: str | None, by: Actor
) -> None:
    """Note the name and number somebody gave; who is known already keeps theirs."""
    fields = []
    unproven = await _unproven(session, person)
    if name and name.strip() != person.name and (unproven or person.name is None):
        person.name = name.strip()
        fields.append("name")
    if number and number != person.phone and (unproven or person.phone is None):
        person.reached_at(number)
        fields.append("phone")
    if fields:
        await record(session, PersonChanged(person_id=person.id, fields=fields), by=by)


async def _living(session: AsyncSession, person: Person, home: Place) -> Residence:
    found = homes_of(person.community_id, person.id).where(Residence.home_id == home.id)
    return await existing(session, found)


async def _claim(
    session: AsyncSession, person: Person, home: Place, relation: Relation, by: Actor
) -> Residence:
    await session.flush()
    claim = insert(Residence).values(
        id=new_id(),
        community_id=person.community_id,
        person_id=person.id,
        home_id=home.id,
        relation=relation,
        standing=Standing.CLAIMED,
        created_at=now(),
    )
    new = await session.scalar(claim.on_conflict_do_nothing().returning(Residence.id))
    residence = await _living(session, person, home)
    if new is not None:
        await record(session, ResidenceClaimed(**_ids(residence)), by=by)
    return residence


def _decide(residence: Residence, standing: Standing, by: Actor) -> None:
    """Staff of the place decide what was claimed, once, and nobody decides for themselves."""
    CONFIRM.demand(by, at=residence.home.path)
    if by.id == residence.person_id:
        raise Forbidden(CONFIRM.name)
    if residence.standing is not Standing.CLAIMED:
        raise ResidenceDecided
    residence.standing = standing
    residence.decided_by_id, residence.decided_at = by.id, now()


async def confirm(session: AsyncSession, residence: Residence, *, by: Actor) -> Residence:
    """Confirm that somebody lives where they say."""
    _decide(residence, Standing.VERIFIED, by)
    await record(session, ResidenceConfirmed(**_ids(residence)), by=by)
    return residence


async def refuse(
    session: AsyncSession, residence: Residence, *, reason: str | None = None, by: Actor
) -> Residence:
    """Refuse what somebody says about where they live; the reason is what they are told."""
    _decide(residence, Standing.REFUSED, by)
    await record(session, ResidenceRefused(**_ids(residence), reason=reason), by=by)
    return residence


async def end(session: AsyncSession, residence: Residence, *, by: Actor) -> Residence:
    """Note that somebody lives there no more; they may say so themselves."""
    if by.id != residence.person_id:
        CONFIRM.demand(by, at=residence.home.path)
    if residence.standing not in LIVING:
        raise ResidenceOver
    residence.standing = Standing.ENDED
    residence.decided_by_id, residence.decided_at = by.id, now()
    await record(session, ResidenceEnded(**_ids(residence)), by=by)
    return residence
