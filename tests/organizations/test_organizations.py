from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.organizations.models import Organization
from app.people.models import Person, Role
from tests.organizations.builders import a_member, an_organization, joins
from tests.service_requests.builders import Caller, Town, a_client, a_person, a_town
from tests.service_requests.conftest import As, People


def opening(town: Town, **differently: Any) -> dict[str, Any]:
    return {
        "code": "lvcheng",
        "name": "绿城物业",
        "kind": "property",
        "place_id": str(town.places["/A1/"].id),
        "handles": "公共区域维修、保洁、门禁",
        "phone": "0512-6512 3456",
    } | differently


async def named(caller: Caller, query: str = "") -> list[str]:
    answer = await caller.get(f"/organizations{query}")
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["items"]]


async def test_a_manager_opens_an_organisation_and_everybody_can_look_it_up(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    made = await acting(people.manager).post("/organizations", opening(town))
    assert made.status_code == 201, made.text
    path = f"/organizations/{made.json()['id']}"

    read = await acting(people.resident).get(path)

    assert read.json() == made.json()
    assert read.headers["ETag"] == made.headers["ETag"]
    assert (read.json()["place"]["path"], read.json()["address"]) == ("/A1/", None)
    kinds = select(Fact.kind).where(Fact.kind.startswith("organization"))
    assert list(await session.scalars(kinds)) == ["organization.added"]


async def test_a_code_is_taken_once_in_a_community(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    there = await a_town(session, "sunset")
    stranger = await a_person(session, there, "外人", Role.MANAGER)
    town.tokens |= there.tokens
    await session.commit()
    manager = acting(people.manager)
    assert (await manager.post("/organizations", opening(town))).status_code == 201

    twice = await manager.post("/organizations", opening(town))
    elsewhere = await acting(stranger).post("/organizations", opening(there))

    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/organization-exists")
    assert elsewhere.status_code == 201
    assert await named(acting(stranger)) == ["绿城物业"]
    hidden = await manager.get(f"/organizations/{elsewhere.json()['id']}")
    assert hidden.status_code == 404


async def test_who_does_not_manage_the_place_opens_and_changes_nothing_there(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    near = await a_person(session, town, "甲", Role.MANAGER, at="/A1/")
    far = await a_person(session, town, "乙", Role.MANAGER, at="/A1/G2/")
    member = await a_member(session, town, organization, head=True)
    await session.commit()
    path = f"/organizations/{organization.id}"

    for who in (people.resident, people.worker, people.leader, far, member):
        assert (await acting(who).post("/organizations", opening(town))).status_code == 403
        assert (await acting(who).patch(path, {"name": "x"})).status_code == 403
    everywhere = {"place_id": str(town.places["/"].id)}
    assert (
        await acting(near).post("/organizations", opening(town, **everywhere))
    ).status_code == 403
    assert (await acting(near).patch(path, everywhere)).status_code == 403
    assert (await acting(near).patch(path, {"name": "万家物业"})).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "两 字"},
        {"name": ""},
        {"kind": "club"},
        {"place_id": "019e0000-0000-7000-8000-000000000000"},
        {"phone": "1\n2"},
        {"active": False},
    ],
)
async def test_what_makes_no_sense_is_refused(
    acting: As, people: People, town: Town, organization: Organization, wrong: dict[str, Any]
) -> None:
    answer = await acting(people.manager).post("/organizations", opening(town, **wrong))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"body.{next(iter(wrong))}"


async def test_organisations_are_found_by_kind_and_by_where_they_work_page_by_page(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    resident, manager = acting(people.resident), acting(people.manager)
    await an_organization(session, town, "甲")
    await an_organization(session, town, "乙", at="/A1/G2/")
    await an_organization(session, town, "丙", at="/")
    await session.commit()
    await manager.post("/organizations", opening(town, kind="utility", name="丁"))

    assert await named(resident) == ["甲", "乙", "丙", "丁"]
    assert await named(resident, "?kind=property") == ["甲", "乙", "丙"]
    assert await named(resident, f"?place={town.home.id}") == ["甲", "丙", "丁"]
    assert await named(resident, f"?place={town.places['/A1/G2/9/'].id}&kind=property") == [
        "甲",
        "乙",
        "丙",
    ]
    first = (await resident.get("/organizations?limit=3")).json()
    assert await named(resident, f"?limit=3&after={first['next']}") == ["丁"]
    for nonsense in ("kind=club", "place=x", "sort=name"):
        assert (await resident.get(f"/organizations?{nonsense}")).status_code == 422


async def test_an_organisation_that_is_withdrawn_is_there_for_its_people_and_managers_alone(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    member = await a_member(session, town, organization)
    other = await a_member(session, town, await an_organization(session, town, "万家物业"))
    await session.commit()
    path = f"/organizations/{organization.id}"
    withdrawn = await acting(people.manager).patch(path, {"active": False})
    assert withdrawn.status_code == 200, withdrawn.text

    async def finds(who: Person) -> bool:
        found = (await acting(who).get(path)).status_code == 200
        assert ("绿城物业" in await named(acting(who))) == found
        return found

    assert await finds(people.manager)
    assert await finds(member)
    assert not await finds(other)
    assert not await finds(people.resident)
    assert not await finds(people.leader)
    await acting(people.manager).patch(path, {"active": True})
    assert await finds(people.resident)


async def test_who_read_an_older_version_changes_nothing(
    acting: As, people: People, organization: Organization, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    path = f"/organizations/{organization.id}"
    read = {"If-Match": (await manager.get(path)).headers["ETag"]}

    first = await manager.patch(path, {"phone": "65120000", "name": "绿城物业"}, headers=read)
    late = await manager.patch(path, {"phone": "65129999"}, headers=read)

    assert (first.status_code, late.status_code) == (200, 412)
    assert first.headers["ETag"] != read["If-Match"]
    changes = select(Fact.payload).where(Fact.kind == "organization.changed")
    payloads = list(await session.scalars(changes))
    assert [(each["was"], each["now"]) for each in payloads] == [
        ({"phone": None}, {"phone": "65120000"})
    ]
    for nothing in ({"code": "x"}, {"name": None}, {"active": None}):
        assert (await manager.patch(path, nothing)).status_code == 422
    assert (await manager.patch(path, {"phone": None, "kind": "social"})).json()["phone"] is None


async def test_its_people_go_with_an_organisation_that_works_elsewhere(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    both = await a_member(session, town, organization)
    neighbouring = await an_organization(session, town, "万家物业")
    await joins(session, neighbouring, both)
    only = await a_member(session, town, organization, "何师傅")
    await session.commit()

    where = {"place_id": str(town.places["/A1/G2/"].id)}
    moved = await acting(people.manager).patch(f"/organizations/{organization.id}", where)

    assert moved.json()["place"]["path"] == "/A1/G2/"
    assert await paths(acting(both)) == ["/A1/", "/A1/G2/"]
    assert await paths(acting(only)) == ["/A1/G2/"]
    change = select(Fact.payload["now"]).where(Fact.kind == "organization.changed")
    assert list(await session.scalars(change)) == [where]


async def paths(caller: Caller) -> list[str]:
    posts = (await caller.get("/me")).json()["posts"]
    assert {post["role"] for post in posts} == {"partner"}
    return sorted(post["path"] for post in posts)


async def test_a_program_sees_the_organisations_within_its_places(
    acting: As, town: Town, session: AsyncSession
) -> None:
    await an_organization(session, town, "甲", at="/A1/G1/")
    await an_organization(session, town, "乙", at="/A1/G2/")
    near = await a_client(session, town, Role.STAFF, "/A1/G2/")
    hub = await a_client(session, town, Role.STAFF)
    await session.commit()
    assert await named(acting(near)) == ["乙"]
    assert await named(acting(hub)) == ["甲", "乙"]
