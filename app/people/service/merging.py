"""Two entries in the register that turned out to be one person."""

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.facts import record
from app.people.access import Actor
from app.people.events import PeopleMerged
from app.people.models import (
    CareEntry,
    Consent,
    Identity,
    Person,
    PersonTag,
    Residence,
    Standing,
)
from app.people.queries import LIVING
from app.people.service.sessions import end_all


async def merge(session: AsyncSession, gone: Person, *, into: Person, by: Actor) -> Person:
    """Let everything of one entry be another's, and return the one that stays.

    The entry that goes keeps no name or number of its own, so that nothing is kept twice.
    """
    await _end_doubles(session, gone, into)
    await _end_double_care(session, gone, into)
    await _end_double_tags(session, gone, into)
    for table in (Identity, Residence, Consent, CareEntry, PersonTag):
        theirs = table.community_id == gone.community_id, table.person_id == gone.id
        await session.execute(update(table).where(*theirs).values(person_id=into.id))
    merged_before = Person.community_id == gone.community_id, Person.merged_into_id == gone.id
    await session.execute(update(Person).where(*merged_before).values(merged_into_id=into.id))
    into.name = into.name or gone.name
    if into.phone is None:
        into.reached_at(gone.phone)
    into.email, gone.email = into.email or gone.email, None
    gone.name, gone.merged_into_id = None, into.id
    gone.reached_at(None)
    await end_all(session, gone.community_id, gone.id)
    await record(session, PeopleMerged(kept_id=into.id, gone_id=gone.id), by=by)
    return into


async def _end_double_tags(session: AsyncSession, gone: Person, kept: Person) -> None:
    """A word that both are found under is kept once."""
    theirs = PersonTag.community_id == gone.community_id, PersonTag.person_id == gone.id
    same = select(PersonTag.tag).where(
        PersonTag.community_id == kept.community_id, PersonTag.person_id == kept.id
    )
    await session.execute(delete(PersonTag).where(*theirs, PersonTag.tag.in_(same)))


async def _end_double_care(session: AsyncSession, gone: Person, kept: Person) -> None:
    """Of two entries of the care register the one stays that belongs to the one who stays."""
    twice = select(CareEntry.community_id).where(
        CareEntry.community_id == kept.community_id,
        CareEntry.person_id == kept.id,
        CareEntry.ended_at.is_(None),
    )
    theirs = (CareEntry.community_id == gone.community_id, CareEntry.person_id == gone.id)
    erased = {"ended_at": now(), "kinds": "", "note": None, "contact": None}
    ended = update(CareEntry).where(*theirs, CareEntry.ended_at.is_(None), twice.exists())
    await session.execute(ended.values(erased))
    same = aliased(Consent)
    agreed = select(same.id).where(
        same.community_id == kept.community_id,
        same.person_id == kept.id,
        same.withdrawn_at.is_(None),
        same.purpose == Consent.purpose,
    )
    doubled = (Consent.community_id == gone.community_id, Consent.person_id == gone.id)
    withdrawn = update(Consent).where(*doubled, Consent.withdrawn_at.is_(None), agreed.exists())
    await session.execute(withdrawn.values(withdrawn_at=now()))


async def _end_doubles(session: AsyncSession, gone: Person, kept: Person) -> None:
    """Where both live in one home, keep what is known better."""
    living = select(Residence).where(
        Residence.community_id == gone.community_id,
        Residence.person_id.in_([gone.id, kept.id]),
        Residence.standing.in_(LIVING),
    )
    best: dict[object, Residence] = {}
    for residence in await session.scalars(living):
        other = best.setdefault(residence.home_id, residence)
        if other is residence:
            continue
        worse = residence if other.standing is Standing.VERIFIED else other
        best[residence.home_id] = other if worse is residence else residence
        worse.standing, worse.decided_at = Standing.ENDED, now()
    await session.flush()
