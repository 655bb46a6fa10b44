"""The care register (关爱台账): kept with consent, read for a reason, erased when it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.people.access import Actor
from app.people.events import (
    CareEntryChanged,
    CareEntryEnded,
    CareEntryMade,
    CareEntryRead,
    CareRegisterListed,
    ConsentGiven,
    ConsentWithdrawn,
)
from app.people.models import CareEntry, CareKind, Consent, ConsentChannel, Person
from app.people.permissions import CARE
from app.people.problems import CareOver
from app.places.models import Place

PURPOSE = "care_register"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody agreed to, in which words and how."""

    wording: str
    channel: ConsentChannel
    by_guardian: bool = False


async def enter(
    session: AsyncSession,
    person: Person,
    place: Place,
    *,
    kinds: Sequence[CareKind],
    note: str | None,
    contact: str | None,
    agreed: Agreed,
    by: Actor,
) -> CareEntry:
    """Put somebody on the register of a place; `OnTheRegister` if they are.

    Consent is taken with it: nobody is kept here without.
    """
    CARE.demand(by, at=place.path)
    consent = Consent(
        community_id=person.community_id,
        id=new_id(),
        person_id=person.id,
        purpose=PURPOSE,
        wording=agreed.wording,
        channel=agreed.channel,
        by_guardian=agreed.by_guardian,
        taken_by_id=by.id if by.kind == "person" else None,
    )
    session.add(consent)
    await session.flush()
    given = ConsentGiven(consent_id=consent.id, person_id=person.id, purpose=PURPOSE)
    await record(session, given, by=by)
    entry = CareEntry(
        community_id=person.community_id,
        id=new_id(),
        person_id=person.id,
        place_id=place.id,
        kinds=",".join(sorted(set(kinds))),
        note=note,
        contact=contact,
        consent_id=consent.id,
    )
    session.add(entry)
    await session.flush()
    await record(session, CareEntryMade(entry_id=entry.id, person_id=person.id), by=by)
    return entry


async def listed(session: AsyncSession, entries: Sequence[CareEntry], *, by: Actor) -> None:
    """Keep who was shown which of the entries."""
    if entries:
        shown = CareRegisterListed(listing_id=new_id(), entry_ids=[each.id for each in entries])
        await record(session, shown, by=by)


async def read(session: AsyncSession, entry: CareEntry, *, reason: str, by: Actor) -> None:
    """Keep that somebody read what an entry says, and what for."""
    if by.id != entry.person_id:
        CARE.demand(by, at=entry.place.path)
    seen = CareEntryRead(entry_id=entry.id, person_id=entry.person_id, reason=reason)
    await record(session, seen, by=by)


async def change_entry(
    session: AsyncSession, entry: CareEntry, columns: Mapping[str, Any], *, by: Actor
) -> CareEntry:
    """Correct what an entry says; `CareOver` once it has ended."""
    CARE.demand(by, at=entry.place.path)
    if entry.ended_at:
        raise CareOver
    for name, value in columns.items():
        setattr(entry, name, value)
    await session.flush()
    changed = CareEntryChanged(entry_id=entry.id, fields=sorted(columns))
    await record(session, changed, by=by)
    return entry


async def end_entry(session: AsyncSession, entry: CareEntry, *, by: Actor) -> None:
    """Take somebody off the register, withdraw the consent and erase what it said.

    Whoever is on it may ask for this themselves, at any time and without a reason (§15).
    """
    if by.kind != "person" or by.id != entry.person_id:
        CARE.demand(by, at=entry.place.path)
    if entry.ended_at:
        raise CareOver
    entry.ended_at = now()
    entry.kinds, entry.note, entry.contact = "", None, None
    consent = await session.get_one(Consent, (entry.community_id, entry.consent_id))
    consent.withdrawn_at = now()
    await session.flush()
    withdrawn = ConsentWithdrawn(
        consent_id=consent.id, person_id=entry.person_id, purpose=consent.purpose
    )
    await record(session, withdrawn, by=by)
    await record(session, CareEntryEnded(entry_id=entry.id, person_id=entry.person_id), by=by)
