"""Whom a list of owners means: who is known, and who is new."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.models import Person, Residence, Standing
from app.people.queries import namesakes_of
from app.polls.models import Deed, DeedOwner, Owner, OwnerKind
from app.polls.owners.plan import Line, Named

_UNNAMED = "建设单位"
"""What the developer is called where no list has a name."""


@dataclass(slots=True)
class Register:
    """What is known before the list is read, by what the list can know it by."""

    people: dict[tuple[str, bytes], UUID] = field(default_factory=dict)
    living: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    deeds: dict[UUID, Deed] = field(default_factory=dict)
    owned: dict[UUID, frozenset[UUID]] = field(default_factory=lambda: defaultdict(frozenset))
    """Who owns each home that has a deed."""
    owners: dict[UUID, Owner] = field(default_factory=dict)


async def known_of(session: AsyncSession, community_id: UUID, lines: Sequence[Line]) -> Register:
    """Everybody and everything that a row may mean."""
    known = Register()
    homes = any_(literal([line.home_id for line in lines], ARRAY(Uuid)))
    named = [owner.person for line in lines for owner in line.owners if owner.person]
    numbers = {each.index for each in named if each.index}
    known.people = await namesakes_of(session, community_id, numbers)
    living = (
        select(Residence.home_id, Person.name, Person.id)
        .join(Residence.person)
        .where(
            Residence.community_id == community_id,
            Residence.home_id == homes,
            Residence.standing == Standing.VERIFIED,
        )
    )
    for home_id, name, person_id in await session.execute(living.order_by(Residence.id.desc())):
        known.living[home_id, name or ""] = person_id
    owners = select(Owner).where(Owner.community_id == community_id)
    known.owners = {owner.id: owner for owner in await session.scalars(owners)}
    await _deeds(session, community_id, homes, known)
    return known


async def _deeds(session: AsyncSession, community_id: UUID, homes: Any, known: Register) -> None:
    current = select(Deed).where(
        Deed.community_id == community_id, Deed.home_id == homes, Deed.ended_at.is_(None)
    )
    known.deeds = {deed.home_id: deed for deed in await session.scalars(current.with_for_update())}
    theirs = select(Deed.home_id, DeedOwner.owner_id).join(
        DeedOwner, and_(DeedOwner.community_id == Deed.community_id, DeedOwner.deed_id == Deed.id)
    )
    rows = theirs.where(
        Deed.community_id == community_id, Deed.home_id == homes, Deed.ended_at.is_(None)
    )
    for home_id, owner_id in await session.execute(rows):
        known.owned[home_id] |= {owner_id}


class Finder:
    """Finds out who the list means; who is new, and who turned out to be whom, is kept here."""

    def __init__(self, known: Register, community_id: UUID) -> None:
        self.people: list[dict[str, Any]] = []
        self.owners: list[Owner] = []
        self.learned: list[tuple[Owner, UUID]] = []
        self._known = known
        self._community_id = community_id
        self._by_person = {
            owner.person_id: owner
            for owner in known.owners.values()
            if owner.person_id and owner.kind is OwnerKind.PERSON
        }
        self._by_name: dict[tuple[OwnerKind, str], Owner] = {
            (owner.kind, owner.name): owner
            for owner in known.owners.values()
            if owner.kind is not OwnerKind.PERSON
        }

    def owner(self, line: Line, named: Named) -> UUID:
        """Who of the register a name on a line is."""
        if named.kind is OwnerKind.PERSON:
            return self._somebody(line, named)
        return self._body(line, named)

    def _somebody(self, line: Line, named: Named) -> UUID:
        person_id = self._person(line, named)
        if person_id in self._by_person:
            return self._by_person[person_id].id
        there = self._there(line, named)
        if there is None:
            owner = self._new(named.kind, named.name, person_id)
        else:
            owner = there
            self._learn(owner, person_id)
        if person_id:
            self._by_person[person_id] = owner
        return owner.id

    def _there(self, line: Line, named: Named) -> Owner | None:
        """The owner of this name whom the home has already, unless they are known as another."""
        person_id = self._person(line, named)
        theirs = (self._known.owners[each] for each in self._known.owned.get(line.home_id, ()))
        return next(
            (
                owner
                for owner in theirs
                if (owner.kind, owner.name) == (named.kind, named.name)
                and (owner.person_id is None or person_id is None)
            ),
            None,
        )

    def _body(self, line: Line, named: Named) -> UUID:
        name = named.name or self._developer()
        owner = self._by_name.get((named.kind, name))
        person_id = self._person(line, named)
        if owner is None:
            owner = self._by_name[named.kind, name] = self._new(named.kind, name, person_id)
        elif owner.person_id is None:
            self._learn(owner, person_id)
        return owner.id

    def _developer(self) -> str:
        """The developer's name, where the register knows one."""
        known = [name for kind, name in self._by_name if kind is OwnerKind.DEVELOPER]
        return known[0] if known else _UNNAMED

    def _person(self, line: Line, named: Named) -> UUID | None:
        person = named.person
        if person is None:
            return None
        if person.index is None:
            lives = named.kind is OwnerKind.PERSON
            return self._known.living.get((line.home_id, person.name)) if lives else None
        who = person.name, person.index
        if who not in self._known.people:
            self._known.people[who] = new_id()
            row = {"name": person.name, "phone": person.phone, "phone_index": person.index}
            self.people.append({"id": self._known.people[who], **row})
        return self._known.people[who]

    def _learn(self, owner: Owner, person_id: UUID | None) -> None:
        if person_id and owner.person_id is None:
            self.learned.append((owner, person_id))

    def _new(self, kind: OwnerKind, name: str, person_id: UUID | None) -> Owner:
        owner = Owner(
            community_id=self._community_id, id=new_id(), kind=kind, name=name, person_id=person_id
        )
        self.owners.append(owner)
        return owner
