import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import problems
from app.core.database import Sessions
from app.core.facts import Fact
from app.people.access import system
from app.places import service
from app.places.models import HOLDS, ROOT, Kind, Place
from app.places.problems import PlaceDoesNotFit, PlaceInsideItself, PlaceTaken
from tests.locks import somebody_waits
from tests.places.builders import a_community, a_home, a_place, at


async def paths(session: AsyncSession, root: Place) -> list[str]:
    seen = select(Place.path).where(Place.community_id == root.community_id)
    return list(await session.scalars(seen.order_by(Place.path)))


async def test_a_community_is_founded_with_the_root_of_its_map(session: AsyncSession) -> None:
    root = await a_community(session, "yiyi")

    assert (root.path, root.kind, root.parent_id) == (ROOT, Kind.COMMUNITY, None)


async def test_a_place_stands_in_its_parent_and_its_path_spells_that(
    session: AsyncSession,
) -> None:
    root = await a_community(session)
    area = await a_place(session, root, Kind.AREA, "A1")
    grid = await a_place(session, area, Kind.GRID, "G3")

    home = await a_home(session, grid, "3-2-502")

    assert home.path == "/A1/G3/3/2/502/"
    assert home.within(area.path)
    assert not area.within(home.path)


async def test_a_building_is_known_by_its_bare_number(session: AsyncSession) -> None:
    root = await a_community(session)

    building = await a_place(session, root, Kind.BUILDING, "三号楼", "三号楼")

    assert (building.code, building.name, building.path) == ("3", "三号楼", "/3/")


@pytest.mark.parametrize("parent", Kind)
@pytest.mark.parametrize("kind", Kind)
async def test_a_kind_fits_only_where_the_rule_says(parent: Kind, kind: Kind) -> None:
    holder = Place(kind=parent, path="/x/")
    if kind in HOLDS[parent]:
        assert service._path(holder, kind, "y") == "/x/y/"
        return
    with pytest.raises(PlaceDoesNotFit):
        service._path(holder, kind, "y")


async def test_a_code_is_taken_once_in_a_parent(session: AsyncSession) -> None:
    root = await a_community(session)
    await a_place(session, root, Kind.BUILDING, "3")

    with pytest.raises(IntegrityError) as refused:
        await a_place(session, root, Kind.BUILDING, "3栋")

    assert isinstance(problems.of(refused.value), PlaceTaken)


async def test_the_same_code_may_stand_in_two_communities(session: AsyncSession) -> None:
    for _ in range(2):
        await a_place(session, await a_community(session), Kind.BUILDING, "3")


async def test_a_place_moves_with_all_that_is_in_it(session: AsyncSession) -> None:
    root = await a_community(session)
    one, two = [await a_place(session, root, Kind.GRID, code) for code in ("G1", "G10")]
    await a_home(session, one, "3-2-502")
    await a_home(session, two, "7-1-101")
    building = await at(session, root.community_id, "/G1/3/")
    assert building

    await service.move(session, building, to=two, by=system(root.community_id))

    assert await paths(session, root) == [
        "/",
        "/G1/",
        "/G10/",
        "/G10/3/",
        "/G10/3/2/",
        "/G10/3/2/502/",
        "/G10/7/",
        "/G10/7/1/",
        "/G10/7/1/101/",
    ]
    assert building.parent_id == two.id
    moved = await session.scalar(select(Fact.payload).where(Fact.kind == "place.moved"))
    assert moved == {
        "place_id": str(building.id),
        "old_parent_id": str(one.id),
        "new_parent_id": str(two.id),
    }


async def test_a_move_leaves_other_communities_alone(session: AsyncSession) -> None:
    here, there = await a_community(session), await a_community(session)
    for root in (here, there):
        grid = await a_place(session, root, Kind.GRID, "G1")
        await a_place(session, root, Kind.GRID, "G2")
        await a_place(session, grid, Kind.BUILDING, "3")
    building = await at(session, here.community_id, "/G1/3/")
    target = await at(session, here.community_id, "/G2/")
    assert building
    assert target

    await service.move(session, building, to=target, by=system(here.community_id))

    assert await paths(session, there) == ["/", "/G1/", "/G1/3/", "/G2/"]


async def test_a_place_cannot_be_moved_into_itself(session: AsyncSession) -> None:
    root = await a_community(session)
    area = await a_place(session, root, Kind.AREA, "A1")
    grid = await a_place(session, area, Kind.GRID, "G1")
    by = system(root.community_id)

    for place, to in ((area, grid), (area, area), (root, area), (root, root)):
        with pytest.raises(PlaceInsideItself):
            await service.move(session, place, to=to, by=by)


async def test_a_place_is_not_moved_onto_another_one(session: AsyncSession) -> None:
    root = await a_community(session)
    one, two = [await a_place(session, root, Kind.GRID, code) for code in ("G1", "G2")]
    moving = await a_place(session, one, Kind.BUILDING, "3")
    await a_place(session, two, Kind.BUILDING, "3")

    with pytest.raises(IntegrityError) as refused:
        await service.move(session, moving, to=two, by=system(root.community_id))

    assert isinstance(problems.of(refused.value), PlaceTaken)


async def test_what_is_added_while_a_grid_is_redrawn_ends_on_the_new_path(
    sessions: Sessions, session: AsyncSession
) -> None:
    root = await a_community(session)
    one, two = [await a_place(session, root, Kind.GRID, code) for code in ("G1", "G2")]
    building = await a_place(session, one, Kind.BUILDING, "3")
    await session.commit()
    by = system(root.community_id)

    async with sessions() as adding:
        parent = await at(adding, root.community_id, "/G1/3/")
        assert parent
        await service.add(adding, parent, kind=Kind.UNIT, code="1", name="1单元", by=by)
        moving = asyncio.create_task(service.move(session, building, to=two, by=by))
        await somebody_waits(sessions)
        await service.add(adding, parent, kind=Kind.UNIT, code="2", name="2单元", by=by)
        await adding.commit()
    await moving
    await session.commit()

    assert await paths(session, root) == ["/", "/G1/", "/G2/", "/G2/3/", "/G2/3/1/", "/G2/3/2/"]


async def test_a_place_can_be_called_otherwise(session: AsyncSession) -> None:
    root = await a_community(session)
    area = await a_place(session, root, Kind.AREA, "A1", "东片区")

    await service.rename(session, area, name="东一片区", by=system(root.community_id))

    renamed = await session.scalar(select(Fact.payload).where(Fact.kind == "place.renamed"))
    assert renamed == {"place_id": str(area.id), "old": "东片区", "new": "东一片区"}


@pytest.mark.parametrize("code", ["", "a/b"])
async def test_the_database_refuses_a_code_that_would_break_paths(
    session: AsyncSession, code: str
) -> None:
    root = await a_community(session)
    session.add(
        Place(
            community_id=root.community_id,
            parent_id=root.id,
            kind=Kind.AREA,
            code=code,
            name="x",
            path=f"/{code}/x/",
        )
    )

    with pytest.raises(IntegrityError, match="places_code_check"):
        await session.flush()
