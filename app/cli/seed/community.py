"""The map, the residents and the staff."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seed.names import Invented
from app.core.clock import now
from app.core.ids import new_id
from app.organizations.models import Organization
from app.people import service as people
from app.people.access import Actor, system
from app.people.models import Person, Residence, Role, Speciality
from app.people.roster import Row
from app.places import service as places
from app.places.models import ROOT, Community, Kind, Place

SLUG = "yiyi"
PASSWORD = "yiyi-demo-2026"  # noqa: S105 - of people who do not exist
RESIDENTS = 1500
FLOORS, DOORS = 13, 2
_SPECIALITIES = tuple(Speciality)


@dataclass
class Seeded:
    """What was made: the community, its places by path, and who can sign in."""

    community: Community
    by: Actor
    root: Place
    admin: Person
    places: dict[str, Place] = field(default_factory=dict)
    staff: list[tuple[Person, Role, str]] = field(default_factory=list)
    """Each with role and login; the password is the same for all of them."""
    residents: list[tuple[Person, Place]] = field(default_factory=list)
    organizations: dict[str, Organization] = field(default_factory=dict)

    @property
    def known(self) -> Mapping[str, UUID]:
        """Ids of staff by login, and of organisations by code, as long as they differ."""
        organizations = {code: each.id for code, each in self.organizations.items()}
        return {**organizations, **{login: each.id for each, _, login in self.staff}}


async def _founded(session: AsyncSession, invented: Invented) -> Seeded:
    community, admin = await people.found(
        session,
        slug=SLUG,
        name="伊伊小区",
        town="ZJ镇",
        hotline="023-4880 0110",
        admin=invented.name(),
        login="admin",
        password=PASSWORD,
    )
    root = (
        await session.scalars(
            select(Place).where(Place.community_id == community.id, Place.path == ROOT)
        )
    ).one()
    seeded = Seeded(community, system(community.id), root, admin)
    seeded.staff.append((admin, Role.ADMIN, "admin"))
    return seeded


async def _draw(session: AsyncSession, seeded: Seeded) -> None:
    """2 areas, 6 grids, 12 buildings of 2 units, 624 homes."""

    async def add(parent: Place, kind: Kind, code: str, name: str) -> Place:
        place = await places.add(session, parent, kind=kind, code=code, name=name, by=seeded.by)
        seeded.places[place.path] = place
        return place

    for a, side in enumerate(("东", "西"), start=1):
        area = await add(seeded.root, Kind.AREA, f"A{a}", f"{side}片区")
        for g in range(1, 4):
            number = (a - 1) * 3 + g
            grid = await add(area, Kind.GRID, f"G{number}", f"第{number}网格")
            for b in (number * 2 - 1, number * 2):
                building = await add(grid, Kind.BUILDING, f"{b}", f"{b}栋")
                for u in (1, 2):
                    await add(building, Kind.UNIT, f"{u}", f"{b}栋{u}单元")


def _homes_of(unit: Place) -> Iterator[Place]:
    for floor in range(1, FLOORS + 1):
        for door in range(1, DOORS + 1):
            code = f"{floor}0{door}"
            yield Place(
                community_id=unit.community_id,
                id=new_id(),
                parent_id=unit.id,
                kind=Kind.HOME,
                code=code,
                name=f"{unit.name}{code}",
                path=f"{unit.path}{code}/",
                created_at=now(),
            )


async def _build_homes(session: AsyncSession, seeded: Seeded) -> list[Place]:
    units = [place for place in seeded.places.values() if place.kind is Kind.UNIT]
    homes = [home for unit in units for home in _homes_of(unit)]
    columns = [column.key for column in Place.__table__.columns]
    await session.execute(
        insert(Place), [{name: getattr(home, name) for name in columns} for home in homes]
    )
    return homes


async def _move_in(
    session: AsyncSession, seeded: Seeded, homes: list[Place], invented: Invented
) -> None:
    """Some homes stand empty, most hold a few people."""
    lived_in = [home for home in homes if invented.random.random() > 0.06]  # noqa: PLR2004
    rows = []
    for number in range(1, RESIDENTS + 1):
        first = number <= len(lived_in)
        home = lived_in[number - 1] if first else invented.random.choice(lived_in)
        building, unit = home.path.split("/")[3:5]
        relation = invented.random.choice(("业主", "业主", "租户")) if first else "家属"
        rows.append(
            Row(
                number,
                building=building,
                unit=unit,
                home=home.code,
                name=invented.name(),
                phone=invented.phone(),
                relation=relation,
            )
        )
    await people.import_roster(session, rows, by=seeded.by)
    seeded.residents = await _registered(session, seeded.community.id)


async def _registered(session: AsyncSession, community_id: UUID) -> list[tuple[Person, Place]]:
    rows = await session.execute(
        select(Person, Place)
        .join(
            Residence,
            (Residence.community_id == Person.community_id) & (Residence.person_id == Person.id),
        )
        .join(
            Place,
            (Place.community_id == Residence.community_id) & (Place.id == Residence.home_id),
        )
        .where(Person.community_id == community_id)
        .order_by(Person.phone_index)
    )
    return [(person, home) for person, home in rows]


async def _hire(session: AsyncSession, seeded: Seeded, invented: Invented) -> None:
    """With the administrator, twenty: a manager, two leaders, six grid workers, ten clerks.

    And an operator, who founds communities and sees into none.
    """
    areas = [place for place in seeded.places.values() if place.kind is Kind.AREA]
    grids = [place for place in seeded.places.values() if place.kind is Kind.GRID]
    jobs: list[tuple[str, Role, Place, Speciality | None]] = [
        ("manager", Role.MANAGER, seeded.root, None),
        *((f"leader{n}", Role.LEADER, area, None) for n, area in enumerate(areas, start=1)),
        *(
            (f"grid{n}", Role.GRID_WORKER, grid, Speciality.GENERAL)
            for n, grid in enumerate(grids, start=1)
        ),
        *(
            (f"clerk{n}", Role.STAFF, seeded.root, _SPECIALITIES[n % len(_SPECIALITIES)])
            for n in range(1, 11)
        ),
        ("operator", Role.OPERATOR, seeded.root, None),
    ]
    for login, role, place, speciality in jobs:
        person = await people.hire(
            session,
            name=invented.name(),
            phone=invented.phone(),
            login=login,
            password=PASSWORD,
            place=place,
            role=role,
            speciality=speciality,
            by=seeded.by,
        )
        seeded.staff.append((person, role, login))
        if role is Role.GRID_WORKER:
            # Whatever leaks or breaks in the grid is theirs before it is a specialist's.
            await people.give_post(
                session,
                person,
                place=place,
                role=role,
                speciality=Speciality.PROPERTY,
                by=seeded.by,
            )


async def seed(session: AsyncSession, invented: Invented) -> Seeded:
    """Make the community, or raise `CommunityTaken` when it is there."""
    seeded = await _founded(session, invented)
    await _draw(session, seeded)
    homes = await _build_homes(session, seeded)
    await _move_in(session, seeded, homes, invented)
    await _hire(session, seeded, invented)
    return seeded


def named(staff: list[tuple[Person, Role, str]]) -> Mapping[str, Person]:
    """Staff by login."""
    return {login: person for person, _, login in staff}
