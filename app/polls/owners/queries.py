"""Reading the register of owners: every list begins at what the caller may see."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from app.people.access import Actor
from app.places.models import ROOT, Kind, Place
from app.places.queries import within
from app.polls.models import Deed, DeedOwner, Owner
from app.polls.permissions import OWNERS


class Totals(TypedDict):
    """Homes of a place, how many of them have a deed, and their area in 0.01 m²."""

    homes: int
    deeds: int
    area: int


def deeds_visible_to(me: Actor) -> Select[Deed]:
    """The deeds of homes within the caller's places, with their homes; also those that ended."""
    return (
        select(Deed)
        .join(Deed.home)
        .where(Deed.community_id == me.community_id, OWNERS.places(me))
        .options(contains_eager(Deed.home))
    )


def owned_by(community_id: UUID, owner_id: UUID) -> ColumnElement[bool]:
    """The condition on `Deed` that selects what somebody owns or owned."""
    theirs = select(DeedOwner.deed_id).where(
        DeedOwner.community_id == community_id, DeedOwner.owner_id == owner_id
    )
    return Deed.id.in_(theirs)


def owners_visible_to(me: Actor) -> Select[Owner]:
    """Who owns or owned a home within the caller's places, and who owns none anywhere yet."""
    owners = select(Owner).where(Owner.community_id == me.community_id)
    paths = OWNERS.paths(me)
    if not paths or ROOT in paths:
        return owners if paths else owners.where(false())
    owned = select(DeedOwner.id).where(
        DeedOwner.community_id == Owner.community_id, DeedOwner.owner_id == Owner.id
    )
    here = owned.join(
        Deed, and_(Deed.community_id == DeedOwner.community_id, Deed.id == DeedOwner.deed_id)
    ).join(Deed.home)
    return owners.where(or_(here.where(OWNERS.places(me)).exists(), ~owned.exists()))


async def owners_of(
    session: AsyncSession, community_id: UUID, deeds: Iterable[Deed]
) -> dict[UUID, Sequence[Owner]]:
    """The owners of each deed, by its id."""
    rows = await session.execute(
        select(DeedOwner.deed_id, Owner)
        .join(
            Owner,
            and_(Owner.community_id == DeedOwner.community_id, Owner.id == DeedOwner.owner_id),
        )
        .where(
            DeedOwner.community_id == community_id,
            DeedOwner.deed_id.in_([deed.id for deed in deeds]),
        )
        .order_by(Owner.id)
    )
    found: dict[UUID, list[Owner]] = defaultdict(list)
    for deed_id, owner in rows:
        found[deed_id].append(owner)
    return dict(found)


async def totals(session: AsyncSession, me: Actor, place_id: UUID | None) -> Totals:
    """What the register says of the homes of a place, or of all the caller's places."""
    homes = select(Place.id).where(
        Place.community_id == me.community_id, Place.kind == Kind.HOME, OWNERS.places(me)
    )
    if place_id:
        homes = homes.where(within(me.community_id, place_id))
    current = and_(
        Deed.community_id == Place.community_id, Deed.home_id == Place.id, Deed.ended_at.is_(None)
    )
    counted = (
        homes.outerjoin(Deed, current)
        .with_only_columns(
            func.count(Place.id), func.count(Deed.id), func.coalesce(func.sum(Deed.area), 0)
        )
        .order_by(None)
    )
    all_homes, deeds, area = (await session.execute(counted)).one()
    return {"homes": all_homes, "deeds": deeds, "area": int(area)}
