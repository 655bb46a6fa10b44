"""The register of residents: who they are, and how they are reached."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.problems import Forbidden
from app.people import phones
from app.people.access import Actor, Permission
from app.people.events import PersonChanged, PersonRegistered, PhoneRevealed, ResidenceConfirmed
from app.people.models import Person, Relation, Residence, Standing
from app.people.permissions import REGISTER, REVEAL
from app.people.problems import NotAHome, PhoneUnknown
from app.people.queries import homes_of, lives_where
from app.places.models import ROOT, Kind, Place


async def _same(session: AsyncSession, community_id: UUID, name: str, phone: str) -> Person | None:
    """Whoever is registered with this name and number already."""
    return await session.scalar(
        select(Person)
        .where(
            Person.community_id == community_id,
            Person.phone_index == phones.index(phone),
            Person.name == name,
            Person.merged_into_id.is_(None),
        )
        .order_by(Person.id)
        .limit(1)
        .with_for_update()
    )


async def register(
    session: AsyncSession,
    *,
    home: Place,
    name: str,
    phone: str | None,
    relation: Relation,
    by: Actor,
) -> Person:
    """Put a resident into the register, known to live in this home.

    Who is there already with this name and number is the same person.
    """
    REGISTER.demand(by, at=home.path)
    if home.kind is not Kind.HOME:
        raise NotAHome
    person = phone and await _same(session, home.community_id, name, phone)
    if not person:
        person = Person(community_id=home.community_id, name=name)
        person.reached_at(phone)
        session.add(person)
        await session.flush()
        await record(session, PersonRegistered(person_id=person.id), by=by)
    await settle(session, person, home, relation=relation, by=by)
    return person


async def settle(
    session: AsyncSession, person: Person, home: Place, *, relation: Relation, by: Actor
) -> Residence:
    """Let it be known that somebody lives in a home, whether they said so before or not."""
    living = homes_of(person.community_id, person.id).where(Residence.home_id == home.id)
    residence = await session.scalar(living.with_for_update(of=Residence))
    if residence is not None and residence.standing is Standing.VERIFIED:
        return residence
    if residence is None:
        residence = Residence(
            community_id=person.community_id, person_id=person.id, home_id=home.id
        )
        session.add(residence)
    residence.relation, residence.standing = relation, Standing.VERIFIED
    residence.decided_by_id, residence.decided_at = by.id, now()
    await session.flush()
    event = ResidenceConfirmed(residence_id=residence.id, person_id=person.id, home_id=home.id)
    await record(session, event, by=by)
    return residence


async def demand_for(session: AsyncSession, right: Permission, person: Person, by: Actor) -> None:
    """Ask for a right where this person lives; one home within the caller's places will do."""
    if right.allows(by, at=ROOT):
        return
    if not await session.scalar(select(lives_where(right.places(by), person))):
        raise Forbidden(right.name)


async def change(
    session: AsyncSession, person: Person, changes: dict[str, Any], *, by: Actor
) -> Person:
    """Correct a resident's `name`, `email` or `phone`, the number in its normal form or None."""
    await demand_for(session, REGISTER, person, by)
    if "name" in changes:
        person.name = changes["name"]
    if "phone" in changes:
        person.reached_at(changes["phone"])
    if "email" in changes:
        person.email = changes["email"]
    event = PersonChanged(person_id=person.id, fields=sorted(changes))
    await record(session, event, by=by)
    return person


async def reveal_phone(session: AsyncSession, person: Person, *, reason: str, by: Actor) -> str:
    """A phone number in full; that it was shown, to whom and what for, is on record."""
    await demand_for(session, REVEAL, person, by)
    if person.phone is None:
        raise PhoneUnknown
    await record(session, PhoneRevealed(person_id=person.id, reason=reason), by=by)
    return person.phone
