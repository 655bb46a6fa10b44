"""What upholding an objection does to the roll: votes added and struck, each naming it."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.core.problems import Invalid
from app.people.models import Person
from app.places.models import Kind, Place
from app.polls import queries
from app.polls.electorates import Electorate, Unit
from app.polls.models import (
    Basis,
    Entry,
    Objection,
    ObjectionKind,
    Owner,
    OwnerKind,
    Poll,
    Voter,
)
from app.polls.owners.roll import key_of
from app.polls.problems import EntryExists, EntryStruck, HasVoted
from app.polls.service.eligible import eligible

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = 10
Change: TypeAlias = tuple[Sequence[Entry], Sequence[Entry]]
"""What was added to the roll, and what was struck from it."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is to stand on the roll, as far as the objection does not say it itself."""

    label: str | None = None
    area: int | None = None
    """In 0.01 m²."""
    homes: int | None = None
    home_id: UUID | None = None
    voter_id: UUID | None = None
    """Who may cast the vote; whom the objection is about, if not said otherwise."""


async def apply(session: AsyncSession, poll: Poll, objection: Objection, remedy: Remedy) -> Change:
    """Change the roll as the objection asks; the poll comes locked, so no vote is cast meanwhile.

    Raises `EntryExists`, `EntryStruck`, `HasVoted` for striking a vote that was cast, and
    `Invalid` for a remedy that lacks something.
    """
    if objection.kind is ObjectionKind.MISSING:
        return await _missing(session, poll, objection, remedy)
    entry = await _entry(session, objection)
    match objection.kind:
        case ObjectionKind.WRONG:
            return await _wrong(session, poll, objection, entry, remedy)
        case ObjectionKind.NOT_ENTITLED:
            return await _not_entitled(session, poll, objection, entry)
    holder = remedy.voter_id or objection.person_id
    await _let_cast(session, objection, entry, holder, Basis.PROXY)
    return [], []


def _at(field: str, message: str = "must be said") -> list[dict[str, str]]:
    return [{"path": f"body.{field}", "message": message}]


async def _entry(session: AsyncSession, objection: Objection) -> Entry:
    mine = select(Entry).where(
        Entry.community_id == objection.community_id, Entry.id == objection.entry_id
    )
    entry = await session.scalar(mine.execution_options(populate_existing=True))
    if entry is None or entry.struck_by_id is not None:
        raise EntryStruck
    return entry


async def _missing(
    session: AsyncSession, poll: Poll, objection: Objection, remedy: Remedy
) -> Change:
    """Somebody has a vote after all; of a home that has one, they may cast it as well."""
    columns, basis = await _wanted(session, poll, objection, remedy)
    known = select(Entry).where(
        Entry.community_id == poll.community_id,
        Entry.poll_id == poll.id,
        Entry.key == columns["key"],
        Entry.struck_by_id.is_(None),
    )
    person_id = remedy.voter_id or objection.person_id
    if entry := await session.scalar(known):
        if basis is not Basis.HOUSEHOLD:
            raise EntryExists
        await _let_cast(session, objection, entry, person_id, basis)
        return [], []
    entry = await _add(session, objection, columns)
    await _let_cast(session, objection, entry, person_id, basis)
    return [entry], []


async def _wanted(
    session: AsyncSession, poll: Poll, objection: Objection, remedy: Remedy
) -> tuple[dict[str, Any], Basis]:
    """The vote that somebody should have had, and by what right they cast it."""
    person = await session.get_one(Person, (poll.community_id, objection.person_id))
    unit = Electorate.model_validate(poll.electorate).unit
    usual = {"label": remedy.label or person.name or "", "area": 0, "homes": 1}
    if unit is Unit.OWNER:
        if not remedy.area:
            raise Invalid(errors=_at("area"))
        key = await _owner_key(session, person)
        weight = {"area": remedy.area, "homes": remedy.homes or 1, "relation": "owner"}
        return usual | weight | {"key": key}, Basis.SELF
    known = eligible(poll).subquery()
    by_rule = select(known).where(known.c.person_id == person.id).order_by(known.c.since)
    row = (await session.execute(by_rule.limit(1))).mappings().one_or_none()
    columns = ("key", "label", "home_id", "grid_id", "relation")
    found = {} if row is None else {name: row[name] for name in columns}
    if unit is Unit.PERSON:
        return usual | found | {"key": f"person:{person.id}"}, Basis.SELF
    if remedy.home_id:
        found |= await _home(session, poll, remedy.home_id)
    if "home_id" not in found:
        raise Invalid(errors=_at("home_id"))
    return usual | found, Basis.HOUSEHOLD


async def _owner_key(session: AsyncSession, person: Person) -> str:
    registered = select(Owner.id).where(
        Owner.community_id == person.community_id,
        Owner.person_id == person.id,
        Owner.kind == OwnerKind.PERSON,
    )
    owner_id = await session.scalar(registered)
    return key_of([owner_id]) if owner_id else f"person:{person.id}"


async def _home(session: AsyncSession, poll: Poll, home_id: UUID) -> dict[str, Any]:
    home = await session.get(Place, (poll.community_id, home_id))
    if home is None or home.kind is not Kind.HOME or not home.within(poll.place.path):
        raise Invalid(errors=_at("home_id", "there is no such home here"))
    return {"key": f"home:{home.id}", "label": home.name, "home_id": home.id}


async def _wrong(
    session: AsyncSession, poll: Poll, objection: Objection, entry: Entry, remedy: Remedy
) -> Change:
    """The vote is struck, and another put in its place that the same people may cast."""
    better = {"label": remedy.label, "area": remedy.area, "homes": remedy.homes}
    changed = {name: value for name, value in better.items() if value is not None}
    if not changed:
        raise Invalid(errors=_at("area", "an area, a number of homes or a label must be said"))
    voters = await _strike(session, poll, objection, entry)
    kept = ("key", "label", "area", "homes", "home_id", "grid_id", "relation")
    columns = {name: getattr(entry, name) for name in kept}
    added = await _add(session, objection, columns | changed)
    for voter in voters:
        await _let_cast(session, objection, added, voter.person_id, voter.basis)
    return [added], [entry]


async def _not_entitled(
    session: AsyncSession, poll: Poll, objection: Objection, entry: Entry
) -> Change:
    """The vote is struck; one that others of the household may cast as well stays theirs."""
    voters = await _voters(session, entry)
    household = [each for each in voters if each.basis is Basis.HOUSEHOLD]
    theirs = [each for each in household if each.person_id == objection.person_id]
    if not (theirs and len(household) > len(theirs)):
        await _strike(session, poll, objection, entry)
        return [], [entry]
    await _demand_uncast(session, poll, entry)
    await _strike_voters(session, objection, theirs)
    return [], []


async def _demand_uncast(session: AsyncSession, poll: Poll, entry: Entry) -> None:
    if await queries.cast_of(session, poll, [entry.id]):
        raise HasVoted


async def _voters(session: AsyncSession, entry: Entry) -> Sequence[Voter]:
    standing = select(Voter).where(
        Voter.community_id == entry.community_id,
        Voter.entry_id == entry.id,
        Voter.struck_by_id.is_(None),
    )
    return (await session.scalars(standing.execution_options(populate_existing=True))).all()


async def _strike(
    session: AsyncSession, poll: Poll, objection: Objection, entry: Entry
) -> Sequence[Voter]:
    """Strike a vote with all who may cast it; `HasVoted` once it was cast."""
    await _demand_uncast(session, poll, entry)
    voters = await _voters(session, entry)
    entry.struck_by_id = objection.id
    await _strike_voters(session, objection, voters)
    return voters


async def _strike_voters(
    session: AsyncSession, objection: Objection, voters: Iterable[Voter]
) -> None:
    for voter in voters:
        voter.struck_by_id = objection.id
    await session.flush()


async def _add(session: AsyncSession, objection: Objection, columns: dict[str, Any]) -> Entry:
    entry = Entry(
        community_id=objection.community_id,
        id=new_id(),
        poll_id=objection.poll_id,
        code="".join(secrets.choice(_SIGNS) for _ in range(_CODE)),
        objection_id=objection.id,
        **columns,
    )
    session.add(entry)
    await session.flush()
    return entry


async def _let_cast(
    session: AsyncSession, objection: Objection, entry: Entry, person_id: UUID, basis: Basis
) -> None:
    if any(each.person_id == person_id for each in await _voters(session, entry)):
        raise EntryExists
    if await session.get(Person, (objection.community_id, person_id)) is None:
        raise Invalid(errors=_at("voter_id", "there is no such person here"))
    voter = Voter(
        community_id=objection.community_id,
        id=new_id(),
        poll_id=objection.poll_id,
        entry_id=entry.id,
        person_id=person_id,
        basis=basis,
        objection_id=objection.id,
    )
    session.add(voter)
    await session.flush()
