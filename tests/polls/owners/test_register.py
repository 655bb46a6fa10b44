"""The register of owners over REST: owners, deeds, areas to the last 0.01 m²."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.people import service as people
from app.people.access import system
from app.people.models import Role
from app.polls.models import Deed, DeedOwner, Owner
from app.polls.owners import area
from tests.conftest import Worker
from tests.people.builders import Caller, a_client, a_person, a_worker, facts
from tests.people.conftest import As, Town
from tests.polls.owning import a_deed, a_proxy, an_assembly, an_owner


@pytest.fixture
async def manager(session: AsyncSession, town: Town, acting: As) -> Caller:
    return await acting(await a_worker(session, town.root, Role.MANAGER))


def deed_of(home: object, *owners: object, **more: Any) -> dict[str, Any]:
    usual = {"area": "89.50", "area_source": "registry"}
    return usual | {"home_id": str(home), "owner_ids": [str(each) for each in owners]} | more


async def test_an_area_comes_back_as_it_was_given_and_is_kept_exactly(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    owner = (await manager.post("/owners", json={"name": "张三"})).json()

    answer = await manager.post("/deeds", json=deed_of(town.home.id, owner["id"], area="89.5"))

    assert answer.status_code == 201, answer.text
    assert (answer.json()["area"], answer.headers["ETag"]) == ("89.50", '"1"')
    assert answer.json()["owners"] == [{"id": owner["id"], "kind": "person", "name": "张三"}]
    assert answer.json()["home"]["path"] == town.home.path
    assert await session.scalar(select(Deed.area)) == 8950
    assert len(await facts(session, "polls.owner_added")) == 1
    assert [fact["deed_id"] for fact in await facts(session, "polls.deed_added")] == [
        answer.json()["id"]
    ]


@pytest.mark.parametrize("written", [89.5, 89, "89.555", "-1", "0", "0.00", "", "８９", "1e3", "∞"])
async def test_what_is_no_area_is_refused(
    session: AsyncSession, town: Town, manager: Caller, written: object
) -> None:
    owner = await an_owner(session, town.root)
    await session.commit()

    answer = await manager.post("/deeds", json=deed_of(town.home.id, owner.id, area=written))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "body.area"


@given(st.integers(1, 999_999_999))
def test_every_area_is_read_as_it_is_written(size: int) -> None:
    assert area.read(area.write(size)) == area.of_cell(area.write(size)) == size


@given(st.integers(1, 9_999_999))
def test_the_noise_of_a_spreadsheet_is_no_area(size: int) -> None:
    assert area.of_cell(f"{size / 100:.17g}") == size


async def test_a_home_has_one_deed_until_it_is_sold(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    zhang, li = await an_owner(session, town.root), await an_owner(session, town.root, name="李四")
    await session.commit()
    first = (await manager.post("/deeds", json=deed_of(town.home.id, zhang.id))).json()

    again = await manager.post("/deeds", json=deed_of(town.home.id, li.id))
    ended = await manager.post(f"/deeds/{first['id']}/ending")
    after = await manager.post(f"/deeds/{first['id']}/ending")
    late = await manager.patch(f"/deeds/{first['id']}", json={"area": "1.00"})
    sold = await manager.post("/deeds", json=deed_of(town.home.id, li.id))

    assert (again.status_code, again.json()["type"]) == (409, "/problems/deed-exists")
    assert (ended.status_code, sold.status_code) == (200, 201)
    assert (after.json()["type"], late.json()["type"]) == ("/problems/deed-over",) * 2
    listed = (await manager.get("/deeds")).json()["items"]
    assert [each["owners"][0]["name"] for each in listed] == ["李四"]
    both = (await manager.get("/deeds", params={"ended": True})).json()["items"]
    assert len(both) == 2
    theirs = await manager.get("/deeds", params={"owner": str(zhang.id), "ended": True})
    assert [each["id"] for each in theirs.json()["items"]] == [first["id"]]


async def test_two_deeds_of_a_home_at_once_are_one(
    session: AsyncSession, sessions: Sessions, town: Town, manager: Caller
) -> None:
    owner = await an_owner(session, town.root)
    await session.commit()
    asked = deed_of(town.home.id, owner.id)

    answers = await asyncio.gather(*[manager.post("/deeds", json=asked) for _ in range(5)])

    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409, 409]


async def test_a_home_is_owned_twice_where_the_constraint_is_dropped(
    session: AsyncSession, town: Town
) -> None:
    owner = await an_owner(session, town.root)
    await a_deed(session, town.home, owner)
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await a_deed(session, town.home, owner)

    await session.execute(text("DROP INDEX deeds_current_key"))

    await a_deed(session, town.home, owner)
    assert len((await session.scalars(select(Deed))).all()) == 2


async def test_who_has_read_another_version_changes_nothing(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    deed = await a_deed(session, town.home, await an_owner(session, town.root))
    other = await an_owner(session, town.root, name="李四")
    await session.commit()
    path = f"/deeds/{deed.id}"
    read = (await manager.get(path)).headers["ETag"]

    first = await manager.patch(path, json={"owner_ids": [str(other.id)]})
    stale = await _if_match(manager, path, read, {"area": "90.00"})

    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    assert stale.status_code == 412
    await session.refresh(deed)
    assert deed.area == 8950
    assert [fact["changed"] for fact in await facts(session, "polls.deed_changed")] == [
        ["owner_ids"]
    ]


async def _if_match(caller: Caller, path: str, tag: str, asked: dict[str, Any]) -> httpx.Response:
    headers = {"Authorization": f"Bearer {caller.token}", "If-Match": tag}
    return await caller._http.patch(f"/api/v1{path}", json=asked, headers=headers)


async def test_the_voter_is_one_of_the_owners(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    both = [await an_owner(session, town.root, name=name) for name in ("张三", "李四")]
    other = await an_owner(session, town.root, name="王五")
    deed = await a_deed(session, town.home, *both)
    await session.commit()
    path = f"/deeds/{deed.id}"

    named = await manager.patch(path, json={"voter_id": str(both[1].id)})
    stranger = await manager.patch(path, json={"voter_id": str(other.id)})
    gone = await manager.patch(path, json={"owner_ids": [str(both[0].id)]})
    unknown = await manager.patch(path, json={"owner_ids": [str(town.home.id)]})
    nobody = await manager.patch(path, json={"voter_id": None, "owner_ids": [str(both[0].id)]})

    assert (named.status_code, named.json()["voter_id"]) == (200, str(both[1].id))
    for refused in (stranger, gone):
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["path"] == "body.voter_id"
    assert unknown.status_code == 422
    assert nobody.status_code == 200
    assert [each["name"] for each in nobody.json()["owners"]] == ["张三"]


async def test_a_person_is_one_owner(session: AsyncSession, town: Town, manager: Caller) -> None:
    zhang = await a_person(session, town.root)
    await session.commit()
    asked = {"name": "张三", "person_id": str(zhang.id)}

    first = await manager.post("/owners", json=asked)
    again = await manager.post("/owners", json=asked)
    company = await manager.post(
        "/owners", json={**asked, "name": "甲公司", "kind": "organization"}
    )
    nobody = await manager.post("/owners", json={"name": "张三", "person_id": str(town.home.id)})

    assert (first.status_code, company.status_code) == (201, 201)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/owner-exists")
    assert nobody.status_code == 422
    known = (await manager.get("/owners", params={"known": True, "kind": "person"})).json()
    assert [each["id"] for each in known["items"]] == [first.json()["id"]]


async def test_an_owner_is_changed_with_a_fact(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    owner = await an_owner(session, town.root)
    await session.commit()
    path = f"/owners/{owner.id}"

    changed = await manager.patch(path, json={"name": "张三丰"})
    same = await manager.patch(path, json={"name": "张三丰"})
    stale = await _if_match(manager, path, '"1"', {"name": "张三"})

    assert (changed.json()["name"], changed.headers["ETag"]) == ("张三丰", '"2"')
    assert same.headers["ETag"] == '"2"'
    assert stale.status_code == 412
    assert [fact["changed"] for fact in await facts(session, "polls.owner_changed")] == [["name"]]


async def test_the_register_reaches_as_far_as_who_keeps_it(
    session: AsyncSession, town: Town, acting: As
) -> None:
    here, there = (
        await an_owner(session, town.root),
        await an_owner(session, town.root, name="李四"),
    )
    await a_deed(session, town.home, here)
    far = await a_deed(session, town.far_home, there)
    local = await acting(await a_worker(session, town.area, Role.STAFF))
    leader = await acting(await a_worker(session, town.area, Role.LEADER))
    nobodys = await an_owner(session, town.root, name="王五")
    await session.commit()

    owners = (await local.get("/owners")).json()["items"]
    deeds = (await local.get("/deeds")).json()["items"]
    unseen = await local.get(f"/deeds/{far.id}")
    unseen_owner = await local.patch(f"/owners/{there.id}", json={"name": "王五"})
    beyond = await local.post("/deeds", json=deed_of(town.far_home.id, here.id))
    refused = await leader.get("/deeds")
    hidden = await leader.get(f"/owners/{nobodys.id}")

    assert [each["name"] for each in owners] == ["王五", "张三"]
    assert hidden.status_code == 404
    assert [each["home"]["path"] for each in deeds] == [town.home.path]
    assert (unseen.status_code, unseen_owner.status_code) == (404, 404)
    assert (beyond.status_code, refused.status_code) == (403, 403)


async def test_a_parking_space_or_a_building_has_no_deed(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    owner = await an_owner(session, town.root)
    await session.commit()

    answers = [
        await manager.post("/deeds", json=deed_of(place, owner.id))
        for place in (town.grid.id, owner.id)
    ]

    assert [each.status_code for each in answers] == [422, 422]
    assert {each.json()["errors"][0]["path"] for each in answers} == {"body.home_id"}


async def test_totals_say_which_homes_would_be_on_no_roll(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    await a_deed(session, town.home, await an_owner(session, town.root), area=8951)
    await session.commit()

    everything = (await manager.get("/deeds/totals")).json()
    area_two = (await manager.get("/deeds/totals", params={"within": str(town.far_area.id)})).json()

    assert everything == {"homes": 2, "deeds": 1, "area": "89.51"}
    assert area_two == {"homes": 1, "deeds": 0, "area": "0.00"}


async def test_a_program_may_keep_the_register(
    session: AsyncSession, town: Town, acting: As
) -> None:
    program = await acting(await a_client(session, town.root, Role.STAFF))

    answer = await program.post("/owners", json={"name": "绿城公司", "kind": "developer"})

    assert answer.status_code == 201


async def test_two_entries_that_are_one_person_are_one_owner(
    session: AsyncSession, town: Town, worker: Worker
) -> None:
    kept, gone = await a_person(session, town.root), await a_person(session, town.root)
    li = await a_person(session, town.root, "李四")
    owners = [await an_owner(session, town.root, each) for each in (kept, gone)]
    together = await a_deed(session, town.home, *owners, voter=owners[1])
    alone = await a_deed(session, town.far_home, owners[1])
    poll = await an_assembly(session, town.root)
    given = await a_proxy(session, poll, gone, li)
    twice = await a_proxy(session, poll, kept, li)
    to_self = await a_proxy(session, await an_assembly(session, town.root), kept, gone)
    await people.merge(session, gone, into=kept, by=system(town.root.community_id))
    await session.commit()

    await worker.catch_up()

    (owner,) = await session.execute(select(Owner.id, Owner.person_id))
    assert owner == (owners[0].id, kept.id)
    rows = (await session.execute(select(DeedOwner.deed_id, DeedOwner.owner_id))).all()
    assert sorted(rows) == sorted([(together.id, owner.id), (alone.id, owner.id)])
    await session.refresh(together)
    assert together.voter_id == owner.id
    for proxy in (given, twice, to_self):
        await session.refresh(proxy)
    assert (given.giver_id, given.revoked_at) == (kept.id, None)
    assert twice.revoked_at is not None
    assert to_self.revoked_at is not None
