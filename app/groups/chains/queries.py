"""Reading sign-ups: every list begins at what one may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from app.groups.chains.entries import Entry
from app.groups.chains.seats import waiting
from app.groups.models import Chain, ChainEntry, Group
from app.groups.permissions import SIGN_UPS
from app.people.access import Actor


def groups_visible_to(me: Actor) -> Select[Group]:
    """The groups whose sign-ups and shows of hands the actor sees to."""
    return (
        select(Group)
        .join(Group.place)
        .where(Group.community_id == me.community_id, SIGN_UPS.places(me))
        .options(contains_eager(Group.place))
    )


def visible_to(me: Actor) -> Select[Chain]:
    """The sign-ups in the groups of one's places, with the groups and their places."""
    group = contains_eager(Chain.group)
    return (
        select(Chain)
        .join(Chain.group)
        .join(Group.place)
        .where(Chain.community_id == me.community_id, SIGN_UPS.places(me))
        .options(group, group.contains_eager(Group.place))
    )


def open_in(community_id: UUID, group_id: UUID) -> Select[Chain]:
    """The sign-ups that go round in a group now, the latest first."""
    here = Chain.community_id == community_id, Chain.group_id == group_id
    return select(Chain).where(*here, Chain.closed_at.is_(None)).order_by(Chain.id.desc())


def entries_of(community_id: UUID, chain_id: UUID) -> Select[ChainEntry]:
    """The lines of a sign-up, those that were taken off as well, in the order they came."""
    return (
        select(ChainEntry)
        .where(ChainEntry.community_id == community_id, ChainEntry.chain_id == chain_id)
        .order_by(ChainEntry.id)
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of a sign-up, its number in the list, and whether it waits for a place."""

    row: ChainEntry
    number: int
    waits: bool

    @property
    def entry(self) -> Entry:
        """The line as it is written."""
        return entry_of(self.row)


def entry_of(row: ChainEntry) -> Entry:
    """A kept line as it was written."""
    return Entry(name=row.name, unit=row.unit, places=row.places, note=row.note)


async def standings(session: AsyncSession, chain: Chain) -> list[Standing]:
    """Everybody who is on a sign-up now, in the order they came."""
    rows = entries_of(chain.community_id, chain.id).where(ChainEntry.cancelled_at.is_(None))
    found = list(await session.scalars(rows))
    waits = waiting([row.places for row in found], chain.capacity)
    return [Standing(row, number + 1, waits[number]) for number, row in enumerate(found)]


async def people_on(
    session: AsyncSession, community_id: UUID, chain_ids: Sequence[UUID]
) -> Mapping[UUID, int]:
    """How many people each of these sign-ups has, with those who wait."""
    counted = (
        select(ChainEntry.chain_id, func.sum(ChainEntry.places))
        .where(
            ChainEntry.community_id == community_id,
            ChainEntry.chain_id.in_(chain_ids),
            ChainEntry.cancelled_at.is_(None),
        )
        .group_by(ChainEntry.chain_id)
    )
    return {chain_id: int(people) for chain_id, people in await session.execute(counted)}
