"""Putting down whose a home is, correcting it, and ending it when the home is sold."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people.access import Actor
from app.places.models import Kind, Place
from app.polls.events import DeedAdded, DeedChanged, DeedEnded
from app.polls.models import AreaSource, Deed, DeedOwner
from app.polls.owners import register
from app.polls.permissions import OWNERS
from app.polls.problems import DeedOver


def _check_voter(voter_id: UUID | None, owner_ids: list[UUID]) -> None:
    if voter_id is not None and voter_id not in owner_ids:
        errors = [{"path": "body.voter_id", "message": "is none of the owners"}]
        raise Invalid(errors=errors)


async def add(
    session: AsyncSession,
    home: Place,
    *,
    area: int,
    area_source: AreaSource,
    owner_ids: list[UUID],
    voter_id: UUID | None = None,
    by: Actor,
) -> Deed:
    """Put down whose a home is; `area` in 0.01 m². `DeedExists` where it has a deed already.

    `Invalid` for what is no home (车位、摊位 have no vote), for an owner that is not on the
    register, and for a voter who is none of the owners.
    """
    OWNERS.demand(by, at=home.path)
    if home.kind is not Kind.HOME:
        raise Invalid(errors=[{"path": "body.home_id", "message": "is not a home"}])
    _check_voter(voter_id, owner_ids)
    await register.held(session, home.community_id, owner_ids)
    deed = Deed(
        community_id=home.community_id,
        id=new_id(),
        home_id=home.id,
        area=area,
        area_source=area_source,
        voter_id=voter_id,
    )
    session.add(deed)
    await session.flush()
    await _put(session, deed, owner_ids)
    await session.refresh(deed, ["home"])
    await record(session, DeedAdded(deed_id=deed.id), by=by)
    return deed


async def change(
    session: AsyncSession, deed: Deed, changes: Mapping[str, Any], *, by: Actor
) -> Deed:
    """Correct the area, the owners, or which of them votes; errors as `add`.

    `DeedOver` where the home was sold. Rolls that are frozen stay as they are.
    """
    OWNERS.demand(by, at=deed.home.path)
    if deed.ended_at is not None:
        raise DeedOver
    owners = await _owner_ids(session, deed)
    wanted = changes.get("owner_ids", owners)
    changed = {
        name: value
        for name, value in changes.items()
        if name != "owner_ids" and getattr(deed, name) != value
    }
    _check_voter(changed.get("voter_id", deed.voter_id), wanted)
    if set(wanted) != set(owners):
        await register.held(session, deed.community_id, wanted)
        await _put(session, deed, wanted)
        changed["owner_ids"] = wanted
    if not changed:
        return deed
    for name in changed.keys() - {"owner_ids"}:
        setattr(deed, name, changed[name])
    flag_modified(deed, "area")
    await session.flush()
    await record(session, DeedChanged(deed_id=deed.id, changed=sorted(changed)), by=by)
    return deed


async def end(session: AsyncSession, deed: Deed, *, by: Actor) -> Deed:
    """The home was sold or handed over; a new deed may follow. `DeedOver` if it was before."""
    OWNERS.demand(by, at=deed.home.path)
    if deed.ended_at is not None:
        raise DeedOver
    deed.ended_at = now()
    await session.flush()
    await record(session, DeedEnded(deed_id=deed.id), by=by)
    return deed


async def _owner_ids(session: AsyncSession, deed: Deed) -> list[UUID]:
    rows = select(DeedOwner.owner_id).where(
        DeedOwner.community_id == deed.community_id, DeedOwner.deed_id == deed.id
    )
    return list(await session.scalars(rows))


async def _put(session: AsyncSession, deed: Deed, owner_ids: list[UUID]) -> None:
    """Let exactly these be the owners."""
    theirs = DeedOwner.community_id == deed.community_id, DeedOwner.deed_id == deed.id
    await session.execute(delete(DeedOwner).where(*theirs))
    rows = [
        {"community_id": deed.community_id, "id": new_id(), "deed_id": deed.id, "owner_id": each}
        for each in owner_ids
    ]
    await session.execute(insert(DeedOwner), rows)
