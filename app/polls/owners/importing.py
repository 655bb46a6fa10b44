"""Reading a list of owners into the register: all of it, or nothing."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, delete, insert, literal
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.core.clock import now
from app.core.database import execute_all
from app.core.facts import record
from app.core.ids import new_id
from app.core.sheets.reading import Row
from app.people.access import Actor
from app.people.models import Person
from app.places import service as places
from app.places.queries import homes_by_door
from app.polls.events import OwnersImported
from app.polls.models import Deed, DeedOwner
from app.polls.owners.finding import Finder, Register, known_of
from app.polls.owners.plan import Line, checked
from app.polls.permissions import OWNERS
from app.polls.problems import OwnersWrong

_MOST_ERRORS = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list: its rows; new owners, people and deeds; deeds that changed."""

    rows: int
    owners: int
    people: int
    deeds: int
    changed: int
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _Owned:
    """Whose the home of a line is, by the register, and which of them votes."""

    line: Line
    owners: list[UUID]
    voter_id: UUID | None


@dataclass(slots=True)
class _Plan:
    """What becomes of the deeds."""

    new: list[_Owned] = field(default_factory=list)
    changed: list[tuple[Deed, _Owned]] = field(default_factory=list)
    sold: list[Deed] = field(default_factory=list)


async def import_owners(
    session: AsyncSession, rows: Sequence[Row], *, by: Actor, dry_run: bool = False
) -> Imported:
    """Put down whose every home on the list is, as the list has it.

    A person is known by name and number, or by name where they live there; with a new number they
    come onto the register of people. Without either they are an owner by name, another one in
    every home; companies and the developer are one by their name. A home whose owners are all
    others than before was sold: its deed ends. What is not on the list stays.

    Raises `OwnersWrong`, with each error by row and column, before anything is written; with
    `dry_run` nothing is written either way. The same list again changes nothing.
    """
    OWNERS.demand_somewhere(by)
    await places.hold(session, by.community_id, alone=True)
    homes = await homes_by_door(session, by.community_id, OWNERS.places(by))
    check = await asyncio.to_thread(checked, rows, homes)
    if check.errors:
        raise OwnersWrong(errors=check.errors[:_MOST_ERRORS])
    known = await known_of(session, by.community_id, check.lines)
    finder = Finder(known, by.community_id)
    plan = _planned(check.lines, finder, known)
    new = len(finder.owners), len(finder.people), len(plan.new)
    done = Imported(len(rows), *new, changed=len(plan.changed), dry_run=dry_run)
    if not dry_run:
        await _write(session, finder, plan, by)
        counts = {"owners": done.owners, "deeds": done.deeds, "changed": done.changed}
        await record(session, OwnersImported(list_id=new_id(), **counts), by=by)
    return done


def _planned(lines: Iterable[Line], finder: Finder, known: Register) -> _Plan:
    """What the list changes, given what is known."""
    plan = _Plan()
    for line in lines:
        ids = [finder.owner(line, named) for named in line.owners]
        names = [named.name for named in line.owners]
        voter = ids[names.index(line.voter)] if line.voter else None
        owned = _Owned(line, ids, voter)
        deed, before = known.deeds.get(line.home_id), known.owned.get(line.home_id, frozenset())
        if deed is not None and before.isdisjoint(ids):
            plan.sold.append(deed)
            deed = None
        if deed is None:
            plan.new.append(owned)
        elif _differs(deed, before, owned):
            plan.changed.append((deed, owned))
    return plan


def _differs(deed: Deed, before: frozenset[UUID], owned: _Owned) -> bool:
    """An empty cell takes no voter away, unless they own it no more."""
    voter = owned.voter_id or (deed.voter_id if deed.voter_id in owned.owners else None)
    now_said = owned.line.area, owned.line.source, frozenset(owned.owners), voter
    return now_said != (deed.area, deed.area_source, before, deed.voter_id)


async def _write(session: AsyncSession, finder: Finder, plan: _Plan, by: Actor) -> None:
    community = {"community_id": by.community_id}
    await execute_all(session, insert(Person), ({**community, **row} for row in finder.people))
    for owner, person_id in finder.learned:
        owner.person_id = person_id
    session.add_all(finder.owners)
    for deed in plan.sold:
        deed.ended_at = now()
    for deed, owned in plan.changed:
        _change(deed, owned)
    await session.flush()
    deeds = [(new_id(), owned) for owned in plan.new]
    await execute_all(session, insert(Deed), ({**community, **_deed(*each)} for each in deeds))
    changed = [(deed.id, owned) for deed, owned in plan.changed]
    ids = any_(literal([deed_id for deed_id, _ in changed], ARRAY(Uuid)))
    theirs = DeedOwner.community_id == by.community_id, DeedOwner.deed_id == ids
    await session.execute(delete(DeedOwner).where(*theirs))
    owners = (
        {**community, "id": new_id(), "deed_id": deed_id, "owner_id": owner_id}
        for deed_id, owned in (*deeds, *changed)
        for owner_id in owned.owners
    )
    await execute_all(session, insert(DeedOwner), owners)


def _change(deed: Deed, owned: _Owned) -> None:
    deed.area, deed.area_source = owned.line.area, owned.line.source
    if owned.voter_id or deed.voter_id not in owned.owners:
        deed.voter_id = owned.voter_id
    flag_modified(deed, "area")


def _deed(deed_id: UUID, owned: _Owned) -> dict[str, Any]:
    return {
        "id": deed_id,
        "home_id": owned.line.home_id,
        "area": owned.line.area,
        "area_source": owned.line.source,
        "voter_id": owned.voter_id,
        "version": 1,
    }
