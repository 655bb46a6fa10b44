"""Reading a list of residents into the register: all of it, or nothing."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Insert,
    Update,
    Uuid,
    any_,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import execute_all
from app.core.facts import record
from app.core.ids import new_id
from app.people.access import Actor
from app.people.events import ResidenceConfirmed, RosterImported
from app.people.models import Person, Residence, Standing
from app.people.permissions import IMPORT
from app.people.problems import RosterWrong
from app.people.queries import LIVING, namesakes_of
from app.people.roster.plan import Entry, Known, Plan, checked, planned
from app.people.roster.rows import Row
from app.places import service as places
from app.places.queries import homes_by_door

Write: TypeAlias = tuple[Insert | Update, Iterable[dict[str, Any]]]

_MOST_ERRORS = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were read; how many people and residences are new; how many changed."""

    rows: int
    people: int
    residences: int
    changed: int
    dry_run: bool


async def import_roster(
    session: AsyncSession, rows: Sequence[Row], by: Actor, *, dry_run: bool = False
) -> Imported:
    """Put everyone on the list into the register, known to live in their homes.

    Reading the same list again changes nothing; a new name or number of somebody known in a home
    is taken over. Raises `RosterWrong`, with each error by row and column, before anything is
    written; with `dry_run` nothing is written either way.
    """
    IMPORT.demand_somewhere(by)
    await places.hold(session, by.community_id, alone=True)
    homes = await homes_by_door(session, by.community_id, IMPORT.places(by))
    check = await asyncio.to_thread(checked, rows, homes)
    if check.errors:
        raise RosterWrong(errors=check.errors[:_MOST_ERRORS])
    known = await _known(session, by.community_id, check.entries)
    numbers = {entry.phone_index for entry in check.entries if entry.phone_index}
    namesakes = await namesakes_of(session, by.community_id, numbers)
    plan = await asyncio.to_thread(planned, check.entries, known, namesakes)
    if not dry_run:
        await _write(session, plan, by)
    new = len(plan.people), len(plan.residences)
    return Imported(len(rows), *new, changed=_changed(plan), dry_run=dry_run)


async def _known(
    session: AsyncSession, community_id: UUID, entries: Sequence[Entry]
) -> list[Known]:
    """Who lives in the homes of the list, or says so."""
    homes = list({entry.home_id for entry in entries})
    columns = Residence.id, Residence.person_id, Residence.home_id, Residence.standing
    rows = await session.execute(
        select(*columns, Residence.relation, Person.name, Person.phone_index)
        .join(Residence.person)
        .where(
            Residence.community_id == community_id,
            Residence.home_id == any_(literal(homes, ARRAY(Uuid))),
            Residence.standing.in_(LIVING),
        )
        .order_by(Residence.id)
    )
    return [Known(*row) for row in rows]


async def _write(session: AsyncSession, plan: Plan, by: Actor) -> None:
    community = {"community_id": by.community_id}
    decided = {"standing": Standing.VERIFIED, "decided_by_id": by.id, "decided_at": now()}
    for statement, rows in (*_new(plan, decided), *_changes(plan, decided)):
        await execute_all(session, statement, ({**community, **row} for row in rows))
    await _record(session, plan, by)


def _new(plan: Plan, decided: dict[str, Any]) -> Iterator[Write]:
    people = (
        {"id": person_id, "name": entry.name, **_reached(entry)} for person_id, entry in plan.people
    )
    residences = (
        {**decided, "id": new_id(), "person_id": person_id, **_living(entry)}
        for person_id, entry in plan.residences
    )
    yield insert(Person), people
    yield insert(Residence), residences


def _changes(plan: Plan, decided: dict[str, Any]) -> Iterator[Write]:
    """Updates by primary key; an empty cell on the list takes no number away."""
    renamed = [{"id": person_id, "name": entry.name} for person_id, entry in plan.renamed]
    reached = [
        {"id": person_id, **_reached(entry)} for person_id, entry in plan.renamed if entry.phone
    ]
    settled = [
        {**decided, "id": known.residence_id, "relation": entry.relation}
        for known, entry in plan.settled
    ]
    yield update(Person), renamed
    yield update(Person), reached
    yield update(Residence), settled


def _reached(entry: Entry) -> dict[str, Any]:
    return {"phone": entry.phone, "phone_index": entry.phone_index}


def _living(entry: Entry) -> dict[str, Any]:
    return {"home_id": entry.home_id, "relation": entry.relation}


async def _record(session: AsyncSession, plan: Plan, by: Actor) -> None:
    """One line for the list, and one for everybody who had asked to be confirmed."""
    for known, _ in plan.settled:
        if known.standing is Standing.CLAIMED:
            event = ResidenceConfirmed(
                residence_id=known.residence_id,
                person_id=known.person_id,
                home_id=known.home_id,
            )
            await record(session, event, by=by)
    counts = RosterImported(
        roster_id=new_id(),
        people=len(plan.people),
        residences=len(plan.residences),
        changed=_changed(plan),
    )
    await record(session, counts, by=by)


def _changed(plan: Plan) -> int:
    return len({entry.row for _, entry in (*plan.renamed, *plan.settled)})
