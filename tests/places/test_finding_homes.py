import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.places.models import Kind, Place
from app.places.queries import buildings, find_home
from tests.places.builders import a_community, a_home, a_place


@pytest.fixture
async def root(session: AsyncSession) -> Place:
    root = await a_community(session)
    for grid, doors in {"G1": ("3-1-502", "3-2-502", "5-101"), "G2": ("12-2-301",)}.items():
        place = await a_place(session, root, Kind.GRID, grid)
        for door in doors:
            await a_home(session, place, door)
    return root


@pytest.mark.parametrize(
    ("building", "unit", "home", "found"),
    [
        ("3", "2", "502", ["/G1/3/2/502/"]),
        ("３栋", "二单元", "502室", ["/G1/3/2/502/"]),
        ("三号楼", None, "0502", ["/G1/3/1/502/", "/G1/3/2/502/"]),
        ("5", None, "101", ["/G1/5/101/"]),
        ("5", "1", "101", []),
        ("十二", "2", "301", ["/G2/12/2/301/"]),
        ("1", "2", "301", []),
        ("3", "3", "502", []),
        ("99", "1", "101", []),
        ("%", "%", "%", []),
    ],
)
async def test_a_home_is_found_as_people_write_it(
    session: AsyncSession,
    root: Place,
    *,
    building: str,
    unit: str | None,
    home: str,
    found: list[str],
) -> None:
    homes = await find_home(session, root.community_id, building, unit, home)

    assert [each.path for each in homes] == found


async def test_a_building_is_found_by_its_name(session: AsyncSession) -> None:
    root = await a_community(session)
    building = await a_place(session, root, Kind.BUILDING, "B7", "紫荆苑")
    home = await a_place(session, building, Kind.HOME, "101")

    assert await find_home(session, root.community_id, "紫荆苑", None, "101") == [home]


async def test_two_buildings_of_one_number_are_both_meant(
    session: AsyncSession, root: Place
) -> None:
    area = await a_place(session, root, Kind.AREA, "A9")
    await a_home(session, area, "3-2-502")

    homes = await find_home(session, root.community_id, "3", "2", "502")

    assert [each.path for each in homes] == ["/A9/3/2/502/", "/G1/3/2/502/"]


async def test_homes_of_another_community_are_not_found(session: AsyncSession, root: Place) -> None:
    other = await a_community(session)

    assert await find_home(session, other.community_id, "3", "2", "502") == []


async def test_buildings_are_listed_in_the_order_of_the_map(
    session: AsyncSession, root: Place
) -> None:
    listed = await session.scalars(buildings(root.community_id))

    assert [each.path for each in listed] == ["/G1/3/", "/G1/5/", "/G2/12/"]
