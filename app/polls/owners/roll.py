"""The roll of an owners' assembly: one vote for every owner, with the areas of all their homes.

民法典 §278 counts owners by heads and by area. Who is one head is said by 法释〔2020〕17号 §9, and
what counts as area by its §8.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import and_, false, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import execute_all
from app.core.ids import new_id
from app.people.models import Relation
from app.places.models import Kind, Place, inside
from app.places.words import address
from app.polls.electorates import Electorate
from app.polls.models import Basis, Deed, DeedOwner, Entry, Owner, OwnerKind, Poll, Proxy, Voter

_NAMED = 3
"""Homes that a label names; of more it says how many."""
_CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Proxies: TypeAlias = Mapping[UUID, tuple[UUID, Basis]]
"""Whom somebody has given authority, and by what right they hold it."""


@dataclass(frozen=True, slots=True)
class _Owned:
    """A home with who owns it; `owners` in the order of their ids."""

    home_id: UUID
    path: str
    label: str
    area: int
    voter_id: UUID | None
    owners: tuple[UUID, ...]


@dataclass(slots=True)
class _Head:
    """Everything that one owner, or one set of owners, owns within the electorate.

    法释〔2020〕17号 §9: one exclusive part is one person, but all parts of one buyer together are
    one, and so are all that the developer has not sold or not handed over.
    """

    owners: tuple[UUID, ...]
    homes: list[_Owned] = field(default_factory=list)

    @property
    def key(self) -> str:
        return key_of(self.owners)

    @property
    def area(self) -> int:
        """法释〔2020〕17号 §8: by the registry, else as measured, else by contract; see `Deed`."""
        return sum(home.area for home in self.homes)

    @property
    def label(self) -> str:
        named = "、".join(home.label for home in self.homes[:_NAMED])
        many = len(self.homes)
        return f"{named}等{many}套" if many > _NAMED else named


def key_of(owners: Iterable[UUID]) -> str:
    """What the vote of these owners is called on every roll."""
    return "owner:" + ",".join(sorted(map(str, owners)))


async def owner_entries(session: AsyncSession, poll: Poll) -> int:
    """Put every owner of a home within the electorate on the roll; how many votes there are.

    A set of owners is one vote. The only owner casts it; of several the one they named, else any
    of them, and the first vote counts until one of them changes it; for a company who represents
    it. Who has a guardian casts nothing, and who gave a proxy may still come. An owner of whom no
    person is known is on the roll without a voter: their vote comes on paper.

    Call it in the transaction that opens the poll, before `opened_at` is set.
    """
    owners, people = await _owners(session, poll.community_id)
    heads = _heads(await _owned(session, poll, owners))
    proxies = await _proxies(session, poll)
    grids = await _grids(session, poll.community_id)
    entries, voters = [], []
    for head in heads:
        entry = _entry(poll, head, grids)
        entries.append(entry)
        for person_id, basis in _voters(head, people, proxies).items():
            voters.append(_voter(entry, person_id, basis))
    for table, rows in ((Entry, entries), (Voter, voters)):
        await execute_all(session, insert(table), rows)
    return len(entries)


def _heads(owned: Iterable[_Owned]) -> list[_Head]:
    heads: dict[tuple[UUID, ...], _Head] = {}
    for home in owned:
        heads.setdefault(home.owners, _Head(home.owners)).homes.append(home)
    return list(heads.values())


async def _owned(
    session: AsyncSession, poll: Poll, owners: Mapping[UUID, tuple[UUID, ...]]
) -> Sequence[_Owned]:
    """The homes within the electorate that have a deed, in the order of the map.

    What stands around them is read apart: a join of it all is planned badly right after an import,
    before the database has looked at what is new.
    """
    within = Electorate.model_validate(poll.electorate).places or [poll.place_id]
    same = Place.community_id == poll.community_id
    paths = (await session.scalars(select(Place.path).where(same, Place.id.in_(within)))).all()
    homes = await session.execute(
        select(Place.id, Place.path, Place.name, Place.parent_id)
        .where(same, Place.kind == Kind.HOME, or_(false(), *[inside(path) for path in paths]))
        .order_by(Place.path)
    )
    deeds = await _deeds(session, poll.community_id)
    doors = await _doors(session, poll.community_id)
    return [
        _Owned(home.id, home.path, address(*doors[home.parent_id], home.name), area, voter, of)
        for home in homes
        for deed_id, area, voter in deeds.get(home.id, ())
        if (of := owners.get(deed_id))
    ]


async def _deeds(
    session: AsyncSession, community_id: UUID
) -> Mapping[UUID, Sequence[tuple[UUID, int, UUID | None]]]:
    """The current deed of each home that has one: its id, area and named voter."""
    rows = await session.execute(
        select(Deed.home_id, Deed.id, Deed.area, Deed.voter_id).where(
            Deed.community_id == community_id, Deed.ended_at.is_(None)
        )
    )
    return {home_id: [(deed_id, area, voter)] for home_id, deed_id, area, voter in rows}


async def _doors(
    session: AsyncSession, community_id: UUID
) -> Mapping[UUID | None, tuple[str | None, str | None]]:
    """The names of building and unit behind which a home may lie, by what it stands in."""
    rows = await session.execute(
        select(Place.id, Place.kind, Place.name, Place.parent_id).where(
            Place.community_id == community_id, Place.kind.in_([Kind.BUILDING, Kind.UNIT])
        )
    )
    known = {row.id: row for row in rows}
    return {
        row.id: (known[row.parent_id].name, row.name) if row.kind is Kind.UNIT else (row.name, None)
        for row in known.values()
    }


async def _owners(
    session: AsyncSession, community_id: UUID
) -> tuple[Mapping[UUID, tuple[UUID, ...]], Mapping[UUID, tuple[OwnerKind, UUID]]]:
    """The owners of each deed in the order of their ids, and kind and person of who is known.

    In one statement, so that nobody becomes another between the two.
    """
    rows = await session.execute(
        select(DeedOwner.deed_id, Owner.id, Owner.kind, Owner.person_id)
        .join(
            Owner,
            and_(Owner.community_id == DeedOwner.community_id, Owner.id == DeedOwner.owner_id),
        )
        .where(DeedOwner.community_id == community_id)
    )
    owners: dict[UUID, list[UUID]] = defaultdict(list)
    people: dict[UUID, tuple[OwnerKind, UUID]] = {}
    for deed_id, owner_id, kind, person_id in rows:
        owners[deed_id].append(owner_id)
        if person_id:
            people[owner_id] = kind, person_id
    return {deed_id: tuple(sorted(ids)) for deed_id, ids in owners.items()}, people


async def _proxies(session: AsyncSession, poll: Poll) -> Proxies:
    rows = await session.execute(
        select(Proxy.giver_id, Proxy.holder_id, Proxy.basis).where(
            Proxy.community_id == poll.community_id,
            Proxy.poll_id == poll.id,
            Proxy.revoked_at.is_(None),
        )
    )
    return {giver: (holder, basis) for giver, holder, basis in rows}


async def _grids(session: AsyncSession, community_id: UUID) -> Mapping[str, UUID]:
    rows = await session.execute(
        select(Place.path, Place.id).where(
            Place.community_id == community_id, Place.kind == Kind.GRID
        )
    )
    return {row.path: row.id for row in rows}


def _grid(home: _Owned, grids: Mapping[str, UUID]) -> UUID | None:
    codes = home.path.split("/")
    outer = ("/".join(codes[:end]) + "/" for end in range(2, len(codes)))
    return next((grids[path] for path in outer if path in grids), None)


def _voters(
    head: _Head, people: Mapping[UUID, tuple[OwnerKind, UUID]], proxies: Proxies
) -> dict[UUID, Basis]:
    """Who may cast the vote of these owners, and by what right.

    业主大会和业主委员会指导规则 (建房〔2009〕274号): co-owners name one of them, the guardian votes
    for who cannot, and a proxy is in writing. Who named nobody may each cast the one vote.
    """
    named = {home.voter_id for home in head.homes if home.voter_id in head.owners}
    found: dict[UUID, Basis] = {}
    for owner_id in [each for each in head.owners if each in named] or head.owners:
        if owner_id not in people:
            continue
        kind, person_id = people[owner_id]
        basis = Basis.SELF if len(head.owners) == 1 else Basis.CO_OWNER
        found[person_id] = basis if kind is OwnerKind.PERSON else Basis.REPRESENTATIVE
    given = defaultdict(list)
    for giver in found:
        if giver in proxies:
            holder, basis = proxies[giver]
            given[basis].append((giver, holder))
    for giver, _ in given[Basis.GUARDIAN]:
        del found[giver]
    for basis, pairs in given.items():
        for _, holder in pairs:
            found.setdefault(holder, basis)
    return found


def _entry(poll: Poll, head: _Head, grids: Mapping[str, UUID]) -> dict[str, Any]:
    within = {_grid(home, grids) for home in head.homes}
    return {
        "community_id": poll.community_id,
        "id": new_id(),
        "poll_id": poll.id,
        "key": head.key,
        "code": "".join(secrets.choice(_CODE) for _ in range(10)),
        "label": head.label,
        "area": head.area,
        "homes": len(head.homes),
        "home_id": head.homes[0].home_id if len(head.homes) == 1 else None,
        "grid_id": within.pop() if len(within) == 1 else None,
        "relation": Relation.OWNER.value,
    }


def _voter(entry: Mapping[str, Any], person_id: UUID, basis: Basis) -> dict[str, Any]:
    return {
        "community_id": entry["community_id"],
        "id": new_id(),
        "poll_id": entry["poll_id"],
        "entry_id": entry["id"],
        "person_id": person_id,
        "basis": basis,
    }
