"""The register of residents, through its endpoints."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person, Residence, Role, Standing
from tests.people.builders import (
    PHONE,
    a_person,
    a_residence,
    a_resident,
    a_worker,
    facts,
)
from tests.people.conftest import As, Town


def somebody(town: Town, **differently: Any) -> dict[str, Any]:
    body = {"name": "张三", "phone": "+86 138-0013-8000", "home_id": str(town.home.id)}
    return body | {"relation": "tenant"} | differently


async def test_a_grid_worker_registers_a_resident_who_is_then_known_to_live_there(
    session: AsyncSession, town: Town, acting: As
) -> None:
    worker = await acting(await a_worker(session, town.grid))

    answer = await worker.post("/people", json=somebody(town))

    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["phone"]) == ("张三", "138****8000")
    residence = (await worker.get("/residences")).json()["items"][0]
    assert (residence["standing"], residence["relation"]) == ("verified", "tenant")
    assert residence["home"]["path"] == "/A1/G1/3/2/502/"
    assert len(await facts(session, "person.registered")) == 1


async def test_registering_the_same_person_again_is_the_same_person(
    session: AsyncSession, town: Town, acting: As
) -> None:
    clerk = await acting(await a_worker(session, town.root, Role.STAFF))

    ids = [
        (await clerk.post("/people", json=somebody(town, **other))).json()["id"]
        for other in ({}, {}, {"home_id": str(town.far_home.id)}, {"name": "李四"})
    ]

    assert len(set(ids)) == 2
    assert ids[0] == ids[1] == ids[2]
    assert len((await clerk.get("/residences")).json()["items"]) == 3


async def test_registering_who_claimed_the_home_confirms_them(
    session: AsyncSession, town: Town, acting: As
) -> None:
    person = await a_person(session, town.root, "张三", PHONE)
    claimed = await a_residence(session, person, town.home, Standing.CLAIMED)
    worker = await acting(await a_worker(session, town.grid))

    await worker.post("/people", json=somebody(town))

    await session.refresh(claimed)
    assert claimed.standing is Standing.VERIFIED


@pytest.mark.parametrize("wrong", [{"phone": "12345"}, {"name": " "}, {"relation": "guest"}])
async def test_what_is_no_resident_is_said_so(
    session: AsyncSession, town: Town, acting: As, wrong: dict[str, str]
) -> None:
    worker = await acting(await a_worker(session, town.grid))

    answer = await worker.post("/people", json=somebody(town, **wrong))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"body.{next(iter(wrong))}"
    assert next(iter(wrong.values())) not in answer.text or wrong == {"name": " "}


async def test_residents_are_registered_in_homes_of_ones_own_place(
    session: AsyncSession, town: Town, acting: As
) -> None:
    worker = await acting(await a_worker(session, town.grid))

    async def register(home_id: object) -> int:
        body = somebody(town, home_id=str(home_id))
        return (await worker.post("/people", json=body)).status_code

    assert await register(town.far_home.id) == 403
    assert await register(town.grid.id) == 409
    assert await register(town.home.community_id) == 422


async def test_staff_see_who_lives_within_their_place(
    session: AsyncSession, town: Town, acting: As
) -> None:
    near = await a_resident(session, town.home, "张三")
    far = await a_resident(session, town.far_home, "李四")
    says_so = await a_person(session, town.root, "王五")
    await a_residence(session, says_so, town.home, Standing.CLAIMED)
    left = await a_person(session, town.root, "赵六")
    await a_residence(session, left, town.home, Standing.ENDED)
    nobody = await a_person(session, town.root, None)
    worker = await a_worker(session, town.grid)
    local = await acting(worker)
    everywhere = await acting(await a_worker(session, town.root, Role.STAFF))

    listed = {each["id"] for each in (await local.get("/people")).json()["items"]}

    assert listed == {str(near.id), str(says_so.id), str(worker.id)}
    everyone = {each["id"] for each in (await everywhere.get("/people")).json()["items"]}
    assert {str(each.id) for each in (near, far, says_so, left, nobody)} < everyone


async def test_people_are_found_by_home_name_and_whole_number(
    session: AsyncSession, town: Town, acting: As
) -> None:
    one = await a_resident(session, town.home, "张三丰", "13800138000")
    two = await a_resident(session, town.far_home, "张%三", "13800138001")
    clerk = await acting(await a_worker(session, town.root, Role.STAFF))

    async def found(**asked: str) -> set[str]:
        answer = await clerk.get("/people", params=asked)
        assert answer.status_code == 200, answer.text
        return {each["id"] for each in answer.json()["items"]}

    assert await found(home=str(town.home.id)) == {str(one.id)}
    assert await found(name="张三") == {str(one.id)}
    assert await found(name="%") == {str(two.id)}
    assert await found(phone="138 0013 8001") == {str(two.id)}
    assert await found(phone="13800138009") == set()
    assert await found(phone="13800138000", name="%") == set()
    assert (await clerk.get("/people", params={"phone": "1380013"})).status_code == 422
    assert (await clerk.get("/people", params={"sort": "name;select 1"})).status_code == 422


async def test_a_page_of_people_goes_on_where_the_last_one_ended(
    session: AsyncSession, town: Town, acting: As
) -> None:
    people = [await a_resident(session, town.home, f"张{n}") for n in range(5)]
    worker = await acting(await a_worker(session, town.grid))
    seen, after = [], None

    while True:
        asked = {"limit": "2"} | ({"after": after} if after else {})
        page = (await worker.get("/people", params=asked)).json()
        seen += [each["id"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break

    assert len(seen) == len(set(seen)) == 6
    assert {str(person.id) for person in people} < set(seen)


async def test_a_name_or_number_is_corrected(session: AsyncSession, town: Town, acting: As) -> None:
    person = await a_resident(session, town.home, "张山")
    worker = await acting(await a_worker(session, town.grid))
    path = f"/people/{person.id}"

    renamed = await worker.patch(path, json={"name": "张三"})
    reached = await worker.patch(path, json={"phone": "13900139000"})
    silenced = await worker.patch(path, json={"phone": None})

    assert (renamed.json()["name"], renamed.json()["phone"]) == ("张三", "138****8000")
    assert reached.json()["phone"] == "139****9000"
    assert silenced.json()["phone"] is None
    await session.refresh(person)
    assert person.phone_index is None
    changed = await facts(session, "person.changed")
    assert [fact["fields"] for fact in changed] == [["name"], ["phone"], ["phone"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": None},
        {"role": "admin"},
        {"community_id": "11111111-1111-1111-1111-111111111111"},
        {"merged_into_id": None},
        {"name": "张\x00三"},
        {"name": "张" * 10_000},
    ],
)
async def test_nothing_else_is_changed_that_way(
    session: AsyncSession, town: Town, acting: As, wrong: dict[str, str]
) -> None:
    person = await a_resident(session, town.home)
    worker = await acting(await a_worker(session, town.grid))

    assert (await worker.patch(f"/people/{person.id}", json=wrong)).status_code == 422


async def test_a_number_is_shown_in_full_for_a_reason_that_is_kept(
    session: AsyncSession, town: Town, acting: As
) -> None:
    person = await a_resident(session, town.home)
    mute = await a_resident(session, town.home, "李四", None)
    clerk = await a_worker(session, town.grid, Role.STAFF)
    caller = await acting(clerk)
    path = f"/people/{person.id}/phone-reveals"

    without = await caller.post(path, json={})
    shown = await caller.post(path, json={"reason": "水管爆裂，需要上门"})

    assert without.status_code == 422
    assert (shown.status_code, shown.json()) == (201, {"phone": PHONE})
    assert shown.headers["cache-control"] == "no-store"
    assert await facts(session, "person.phone_revealed") == [
        {"person_id": str(person.id), "reason": "水管爆裂，需要上门"}
    ]
    none = await caller.post(f"/people/{mute.id}/phone-reveals", json={"reason": "联系"})
    assert none.json()["type"] == "/problems/phone-unknown"


async def test_a_full_number_leaves_by_no_other_door(
    session: AsyncSession, town: Town, acting: As
) -> None:
    canary = "13912345678"
    person = await a_resident(session, town.home, "张三", canary)
    worker = await a_worker(session, town.root, Role.ADMIN)
    worker.reached_at(canary)
    caller = await acting(worker)
    themselves = await acting(person)

    doors = [
        "/people",
        f"/people/{person.id}",
        "/residences",
        "/staff",
        f"/staff/{worker.id}",
        "/me",
    ]
    for ask in (caller, themselves):
        answers = [await ask.get(door) for door in doors]
        assert all(canary not in answer.text for answer in answers)
        assert any("139****5678" in answer.text for answer in answers)
    record = str(await facts(session, "person.registered"))
    assert canary not in record


async def test_a_resident_sees_themselves_and_nobody_else(
    session: AsyncSession, town: Town, acting: As
) -> None:
    person = await a_resident(session, town.home)
    neighbour = await a_resident(session, town.home, "李四")
    caller = await acting(person)

    assert (await caller.get(f"/people/{person.id}")).json()["phone"] == "138****8000"
    assert (await caller.get(f"/people/{neighbour.id}")).status_code == 404
    residences = (await caller.get("/residences")).json()["items"]
    assert [each["person"]["id"] for each in residences] == [str(person.id)]
    refused = await caller.patch(f"/people/{person.id}", json={"name": "李四"})
    assert refused.status_code == 403


async def test_what_was_merged_is_not_shown(session: AsyncSession, town: Town, acting: As) -> None:
    kept = await a_resident(session, town.home)
    gone = await a_person(session, town.root, None)
    gone.merged_into_id = kept.id
    clerk = await acting(await a_worker(session, town.root, Role.STAFF))

    assert (await clerk.get(f"/people/{gone.id}")).status_code == 404
    assert str(gone.id) not in (await clerk.get("/people")).text


async def test_a_number_is_locked_in_the_database(session: AsyncSession, town: Town) -> None:
    person = await a_resident(session, town.home)
    table = Person.__table__
    row = (await session.execute(select(table.c.phone_index).where(table.c.id == person.id))).one()

    raw = await session.connection()
    stored = (await raw.exec_driver_sql("SELECT phone FROM people")).scalars().all()

    assert PHONE.encode() not in b"".join(bytes(each) for each in stored if each)
    assert PHONE.encode() not in bytes(row[0])
    assert await session.scalar(select(Residence.id))
