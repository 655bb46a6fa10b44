"""Putting owners on the register, and changing what it says of them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people import queries as people
from app.people.access import Actor
from app.people.models import Person
from app.polls.events import OwnerAdded, OwnerChanged
from app.polls.models import Owner, OwnerKind
from app.polls.permissions import OWNERS


async def _known(session: AsyncSession, person_id: UUID | None, by: Actor) -> None:
    """Refuse with `Invalid` a person the caller does not know of."""
    if person_id is None:
        return
    found = people.visible_to(by).where(Person.id == person_id).with_only_columns(Person.id)
    if by.kind != "system" and await session.scalar(found) is None:
        errors = [{"path": "body.person_id", "message": "there is no such person here"}]
        raise Invalid(errors=errors)


async def add(
    session: AsyncSession, *, kind: OwnerKind, name: str, person_id: UUID | None = None, by: Actor
) -> Owner:
    """Put somebody on the register of owners; `OwnerExists` where the person is on it already.

    For a company or the developer `person_id` is who represents it. `Invalid` for a person the
    caller does not know of.
    """
    OWNERS.demand_somewhere(by)
    await _known(session, person_id, by)
    owner = Owner(
        community_id=by.community_id, id=new_id(), kind=kind, name=name, person_id=person_id
    )
    session.add(owner)
    await session.flush()
    await record(session, OwnerAdded(owner_id=owner.id), by=by)
    return owner


async def change(
    session: AsyncSession, owner: Owner, changes: Mapping[str, Any], *, by: Actor
) -> Owner:
    """Call them otherwise, or say who they are; errors as `add`."""
    OWNERS.demand_somewhere(by)
    changed = {name: value for name, value in changes.items() if getattr(owner, name) != value}
    if not changed:
        return owner
    await _known(session, changed.get("person_id"), by)
    for name, value in changed.items():
        setattr(owner, name, value)
    await session.flush()
    await record(session, OwnerChanged(owner_id=owner.id, changed=sorted(changed)), by=by)
    return owner


async def held(session: AsyncSession, community_id: UUID, owner_ids: list[UUID]) -> list[Owner]:
    """The owners of these ids; `Invalid` names those that are not on the register."""
    rows = await session.scalars(
        select(Owner).where(Owner.community_id == community_id, Owner.id.in_(owner_ids))
    )
    found = {owner.id: owner for owner in rows}
    if missing := [at for at, each in enumerate(owner_ids) if each not in found]:
        words = "there is no such owner here"
        raise Invalid(errors=[{"path": f"body.owner_ids.{at}", "message": words} for at in missing])
    return list(found.values())
