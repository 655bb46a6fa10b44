"""Whose the homes are: owners who live there, two who own two, a couple, and the developer."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app.cli.seed.teller import Teller
from app.core.clock import now
from app.core.ids import new_id
from app.people.models import Relation, Residence
from app.places.models import Kind, Place
from app.polls.models import AreaSource, Deed, DeedOwner, Owner, OwnerKind

AREAS = (8_935, 9_812, 10_460, 12_788)
"""Exclusive areas of the four kinds of homes, in 0.01 m²."""
_NOT_SOLD = ("/A2/G6/12/2/",)
"""What the developer has not sold yet."""
_COUPLES = 60
"""The home of every so manieth owner belongs to a couple."""


async def register(teller: Teller) -> None:
    """Fill the register of owners: all homes of the community have a deed."""
    homes = list(
        await teller.session.scalars(
            select(Place)
            .where(Place.community_id == teller.seeded.community.id, Place.kind == Kind.HOME)
            .order_by(Place.path)
        )
    )
    living, written = await _living_owners(teller), _Register(teller)
    for home in homes:
        written.add(home, living.get(home.id, []))
    tables = (Owner, written.owners), (Deed, written.deeds), (DeedOwner, written.parts)
    for table, rows in tables:
        await teller.session.execute(insert(table), rows)


async def _living_owners(teller: Teller) -> dict[UUID, list[tuple[UUID, str]]]:
    """Who owns the home they live in, by home: id and name."""
    names = {person.id: person.name for person, _ in teller.seeded.residents}
    lives = select(Residence.home_id, Residence.person_id).where(
        Residence.community_id == teller.seeded.community.id,
        Residence.relation == Relation.OWNER,
    )
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    for home_id, person_id in await teller.session.execute(lives):
        found.setdefault(home_id, []).append((person_id, names.get(person_id) or "业主"))
    return found


def _owner(teller: Teller, kind: OwnerKind, name: str, person_id: UUID | None) -> dict[str, Any]:
    return {
        "community_id": teller.seeded.community.id,
        "id": new_id(),
        "kind": kind,
        "name": name,
        "person_id": person_id,
        "created_at": now(),
    }


class _Register:
    """The rows of the register as they are written, home after home."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._developer = _owner(teller, OwnerKind.DEVELOPER, "伊伊置业有限公司", None)
        self._last: dict[str, Any] | None = None
        self.owners = [self._developer]
        self.deeds: list[dict[str, Any]] = []
        self.parts: list[dict[str, Any]] = []

    def add(self, home: Place, living: list[tuple[UUID, str]]) -> None:
        """Put down whose a home is, by who lives there and owns it."""
        number = len(self.deeds)
        holders = [self._new(name, person_id) for person_id, name in living]
        if holders and not number % _COUPLES:
            holders.append(self._new(f"{living[0][1]}的配偶"))
        self._last = holders[0] if living else self._last
        deed = _deed(home, number)
        self.deeds.append(deed)
        self.parts.extend(_parts(deed, holders or [self._elsewhere(home, number)]))

    def _new(self, name: str, person_id: UUID | None = None) -> dict[str, Any]:
        owner = _owner(self._teller, OwnerKind.PERSON, name, person_id)
        self.owners.append(owner)
        return owner

    def _elsewhere(self, home: Place, number: int) -> dict[str, Any]:
        """Who owns a home that is let or empty: the developer, a neighbour, or somebody away."""
        if home.path.startswith(_NOT_SOLD):
            return self._developer
        if self._last and number % 2:
            return self._last
        return self._new(f"{home.name}业主")


def _deed(home: Place, number: int) -> dict[str, Any]:
    return {
        "community_id": home.community_id,
        "id": new_id(),
        "home_id": home.id,
        "area": AREAS[number % len(AREAS)],
        "area_source": AreaSource.REGISTRY,
        "version": 1,
        "created_at": now(),
    }


def _parts(deed: dict[str, Any], holders: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for holder in holders:
        yield {
            "community_id": deed["community_id"],
            "id": new_id(),
            "deed_id": deed["id"],
            "owner_id": holder["id"],
        }
