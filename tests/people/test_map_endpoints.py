"""The map, as it is read and redrawn through the API."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Role
from tests.people.builders import Caller, a_resident, a_worker
from tests.people.conftest import As, Town


@pytest.fixture
async def manager(session: AsyncSession, town: Town, acting: As) -> Caller:
    return await acting(await a_worker(session, town.root, Role.MANAGER))


async def paths(caller: Caller, **asked: str) -> list[str]:
    answer = await caller.get("/places", params=asked)
    assert answer.status_code == 200, answer.text
    return [place["path"] for place in answer.json()["items"]]


async def test_everybody_of_a_community_sees_its_whole_map(
    session: AsyncSession, town: Town, elsewhere: Town, acting: As
) -> None:
    resident = await acting(await a_resident(session, town.home))

    assert await paths(resident) == [
        "/",
        "/A1/",
        "/A1/G1/",
        "/A1/G1/3/",
        "/A1/G1/3/2/",
        "/A1/G1/3/2/502/",
        "/A2/",
        "/A2/9/",
        "/A2/9/1/",
        "/A2/9/1/101/",
    ]
    assert (await resident.get(f"/places/{town.far_home.id}")).json()["kind"] == "home"
    assert (await resident.get(f"/places/{elsewhere.home.id}")).status_code == 404


async def test_the_map_is_read_by_kind_by_parent_and_by_part(
    town: Town, elsewhere: Town, manager: Caller
) -> None:
    area, grid = str(town.area.id), str(town.grid.id)

    assert await paths(manager, kind="home") == ["/A1/G1/3/2/502/", "/A2/9/1/101/"]
    assert await paths(manager, parent=area) == ["/A1/G1/"]
    assert await paths(manager, within=grid, kind="unit") == ["/A1/G1/3/2/"]
    assert await paths(manager, within=area) == [
        "/A1/",
        "/A1/G1/",
        "/A1/G1/3/",
        "/A1/G1/3/2/",
        "/A1/G1/3/2/502/",
    ]
    assert await paths(manager, within=str(elsewhere.area.id)) == []
    assert await paths(manager, parent=str(elsewhere.root.id)) == []


async def test_a_long_map_is_read_page_by_page(manager: Caller) -> None:
    seen, after = [], None
    while True:
        asked = {"limit": "3"} | ({"after": after} if after else {})
        page = (await manager.get("/places", params=asked)).json()
        seen += [place["path"] for place in page["items"]]
        after = page["next"]
        if after is None:
            break

    assert seen == await paths(manager)


@pytest.mark.parametrize(
    "asked",
    [
        {"after": "!"},
        {"after": urlsafe_b64encode(b"17").decode()},
        {"kind": "castle"},
        {"limit": "0"},
        {"limit": "9223372036854775808"},
        {"within": "x"},
        {"order": "path;select pg_sleep(9)"},
    ],
)
async def test_what_cannot_be_asked_is_said_so(manager: Caller, asked: dict[str, str]) -> None:
    assert (await manager.get("/places", params=asked)).status_code == 422


async def test_a_place_is_put_on_the_map(town: Town, manager: Caller) -> None:
    body = {"parent_id": str(town.grid.id), "kind": "building", "code": "5栋", "name": "五号楼"}

    made = await manager.post("/places", json=body)
    again = await manager.post("/places", json=body | {"code": "5#"})
    misfit = await manager.post("/places", json=body | {"kind": "home", "code": "6"})

    assert (made.status_code, made.json()["path"]) == (201, "/A1/G1/5/")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/place-taken")
    assert misfit.json()["type"] == "/problems/place-does-not-fit"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "a/b"},
        {"code": ""},
        {"code": "x" * 33},
        {"code": "a b"},
        {"name": "\n"},
        {"name": "\u2028a\u2028b"},
        {"kind": "castle"},
        {"path": "/x/"},
    ],
)
async def test_what_is_no_place_is_said_so(
    town: Town, manager: Caller, wrong: dict[str, Any]
) -> None:
    body = {"parent_id": str(town.grid.id), "kind": "building", "code": "5", "name": "x"}

    assert (await manager.post("/places", json=body | wrong)).status_code == 422


async def test_a_building_is_moved_and_renamed_at_once(town: Town, manager: Caller) -> None:
    building = (await manager.get("/places", params={"kind": "building"})).json()["items"][0]
    change = {"parent_id": str(town.far_area.id), "name": "3号楼"}

    answer = await manager.patch(f"/places/{building['id']}", json=change)

    assert (answer.json()["path"], answer.json()["name"]) == ("/A2/3/", "3号楼")
    assert "/A2/3/2/502/" in await paths(manager)


async def test_a_place_is_not_moved_where_it_cannot_stand(
    town: Town, elsewhere: Town, manager: Caller
) -> None:
    async def moved(place_id: object, parent_id: object) -> tuple[int, str]:
        body = {"parent_id": str(parent_id)}
        answer = await manager.patch(f"/places/{place_id}", json=body)
        return answer.status_code, answer.json()["type"]

    grid = town.grid.id
    assert await moved(grid, town.home.id) == (409, "/problems/place-inside-itself")
    assert await moved(town.area.id, town.far_area.id) == (409, "/problems/place-does-not-fit")
    assert await moved(grid, elsewhere.area.id) == (422, "/problems/invalid")
    nowhere = await manager.patch(f"/places/{grid}", json={"parent_id": None})
    assert nowhere.status_code == 422


async def test_a_worker_keeps_their_rights_where_their_grid_goes(
    session: AsyncSession, town: Town, manager: Caller, acting: As
) -> None:
    """A post is held in a place, not in a path."""
    worker = await acting(await a_worker(session, town.grid))

    await manager.patch(f"/places/{town.grid.id}", json={"parent_id": str(town.far_area.id)})

    (post,) = (await worker.get("/me")).json()["posts"]
    assert post["path"] == "/A2/G1/"
