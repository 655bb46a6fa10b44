from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.organizations.models import Organization
from tests.organizations.builders import a_listing, a_member, an_organization
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People

NOWHERE = "019e0000-0000-7000-8000-000000000000"


def offering(town: Town, organization: Organization, **differently: Any) -> dict[str, Any]:
    return {
        "organization_id": str(organization.id),
        "category_code": "housekeeping",
        "title": "日常保洁",
        "place_id": str(town.places["/A1/G1/"].id),
        "price_note": "30元/小时起",
    } | differently


async def titles(caller: Caller, query: str = "") -> list[str]:
    answer = await caller.get(f"/listings{query}")
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["items"]]


async def test_the_head_of_a_merchant_offers_a_service_and_residents_find_it(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    head = await a_member(session, town, organization, head=True)
    await session.commit()

    made = await acting(head).post("/listings", offering(town, organization))

    assert made.status_code == 201, made.text
    read = await acting(people.resident).get(f"/listings/{made.json()['id']}")
    assert read.json() == made.json()
    assert read.json()["organization"]["name"] == "绿城物业"
    assert read.json()["place"]["path"] == "/A1/G1/"
    assert (read.json()["rated"], read.json()["score"]) == (0, None)
    facts = select(Fact.kind).where(Fact.actor_id == head.id)
    assert list(await session.scalars(facts)) == ["listing.added"]


async def test_nobody_but_a_head_or_a_manager_says_what_is_offered(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    plain = await a_member(session, town, organization)
    rival = await a_member(session, town, await an_organization(session, town), head=True)
    listing = await a_listing(session, town, organization)
    await session.commit()
    path = f"/listings/{listing.id}"
    for who in (plain, rival, people.resident, people.worker, people.leader):
        added = await acting(who).post("/listings", offering(town, organization))
        changed = await acting(who).patch(path, {"price_note": "免费"})
        assert (added.status_code, changed.status_code) == (403, 403)
    manager = acting(people.manager)
    assert (await manager.post("/listings", offering(town, organization))).status_code == 201
    assert (await manager.patch(path, {"price_note": "免费"})).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"organization_id": NOWHERE},
        {"place_id": NOWHERE},
        {"category_code": "两 字"},
        {"title": ""},
        {"price_note": "a\nb"},
        {"rated": 5},
    ],
)
async def test_what_makes_no_sense_is_refused(
    acting: As, people: People, town: Town, organization: Organization, wrong: dict[str, Any]
) -> None:
    body = offering(town, organization, **wrong)
    answer = await acting(people.manager).post("/listings", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"body.{next(iter(wrong))}"


async def test_nothing_is_offered_where_the_organisation_does_not_work(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    near = await an_organization(session, town, at="/A1/G1/")
    listing = await a_listing(session, town, near, at="/A1/G1/3/")
    await session.commit()
    manager = acting(people.manager)
    for outside in ("/", "/A1/G2/"):
        where = {"place_id": str(town.places[outside].id)}
        for answer in (
            await manager.post("/listings", offering(town, near, **where)),
            await manager.patch(f"/listings/{listing.id}", where),
        ):
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["path"] == "body.place_id"
    within = {"place_id": str(town.places["/A1/G1/"].id), "title": "深度保洁"}
    changed = await manager.patch(f"/listings/{listing.id}", within)
    assert changed.json()["place"]["path"] == "/A1/G1/"
    fact = select(Fact.payload).where(Fact.kind == "listing.changed")
    payload = await session.scalar(fact)
    assert payload
    assert payload["now"] == within
    assert payload["was"]["title"] == "日常保洁"


async def test_offers_are_found_by_kind_by_place_and_by_merchant_page_by_page(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    narrow = await an_organization(session, town, "便民小店", at="/A1/G2/")
    await a_listing(session, town, organization, title="甲")
    await a_listing(session, town, organization, title="乙", at="/A1/G1/3/")
    await a_listing(session, town, organization, title="丙", category_code="delivery")
    await a_listing(session, town, narrow, title="丁", at="/A1/G2/")
    await session.commit()
    resident = acting(people.resident)

    assert await titles(resident) == ["甲", "乙", "丙", "丁"]
    assert await titles(resident, "?category=housekeeping") == ["甲", "乙", "丁"]
    assert await titles(resident, f"?place={town.home.id}") == ["甲", "乙", "丙"]
    far = town.places["/A1/G2/9/1/101/"].id
    assert await titles(resident, f"?place={far}") == ["甲", "丙", "丁"]
    assert await titles(resident, f"?place={town.places['/'].id}") == []
    assert await titles(resident, f"?place={NOWHERE}") == []
    assert await titles(resident, f"?organization={narrow.id}") == ["丁"]
    first = (await resident.get("/listings?limit=3")).json()
    assert await titles(resident, f"?limit=3&after={first['next']}") == ["丁"]
    for nonsense in ("category=两 字", "place=x", "sort=title"):
        assert (await resident.get(f"/listings?{nonsense}")).status_code == 422


async def test_what_is_withdrawn_is_there_for_the_merchant_and_managers_alone(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    member = await a_member(session, town, organization)
    await a_listing(session, town, organization, title="甲")
    gone = await a_listing(session, town, organization, title="乙")
    await session.commit()
    manager, resident = acting(people.manager), acting(people.resident)
    path = f"/listings/{gone.id}"
    assert (await manager.patch(path, {"active": False})).status_code == 200

    assert await titles(resident) == ["甲"]
    assert (await resident.get(path)).status_code == 404
    assert await titles(acting(member)) == await titles(manager) == ["甲", "乙"]
    at_home = f"?place={town.home.id}"
    assert await titles(manager, at_home) == ["甲"]
    await manager.patch(f"/organizations/{organization.id}", {"active": False})
    assert await titles(resident) == await titles(manager, at_home) == []
    assert await titles(acting(member)) == ["甲", "乙"]


async def test_an_organisation_that_moved_away_offers_nothing_where_it_was(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    await a_listing(session, town, organization, at="/A1/G1/")
    await session.commit()
    at_home = f"?place={town.home.id}"
    assert await titles(acting(people.resident), at_home) == ["日常保洁"]
    where = {"place_id": str(town.places["/A1/G2/"].id)}
    await acting(people.manager).patch(f"/organizations/{organization.id}", where)
    assert await titles(acting(people.resident), at_home) == []


async def test_who_read_an_older_version_changes_nothing(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    listing = await a_listing(session, town, organization)
    await session.commit()
    manager = acting(people.manager)
    path = f"/listings/{listing.id}"
    read = {"If-Match": (await manager.get(path)).headers["ETag"]}
    first = await manager.patch(path, {"price_note": "40元"}, headers=read)
    late = await manager.patch(path, {"price_note": "20元"}, headers=read)
    assert (first.status_code, late.status_code) == (200, 412)
    for nothing in ({"title": None}, {"organization_id": NOWHERE}, {"score": 5}):
        assert (await manager.patch(path, nothing)).status_code == 422
    emptied = await manager.patch(path, {"price_note": None, "description": None})
    assert emptied.json()["price_note"] is None
