"""Who sees what: anybody, and programs by their role, their place, and what they filed."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Client, Person, Role
from app.service_requests.models import Category, Datum, Origin, ServiceRequest
from tests.conftest import Worker
from tests.open311.city import City
from tests.open311.conftest import As, Programs
from tests.service_requests.builders import Town, a_client, a_town

PHONE, IDENTITY, NAME = "13812345678", "11010519491231002X", "李桂兰"
HOME = "3栋2单元502"


@pytest.fixture
def hotline(city: As, programs: Programs) -> City:
    return city(programs.hotline)


async def changed(session: AsyncSession, number: str, **columns: Any) -> None:
    row = update(ServiceRequest).where(ServiceRequest.number == int(number))
    await session.execute(row.values(**columns))
    await session.commit()


async def test_everybody_sees_public_matters_and_nothing_else(city: As, hotline: City) -> None:
    light = await hotline.file()
    drain = await hotline.file(service_code="drain")

    assert await city().numbers() == [light]
    assert await city().numbers(service_request_id=f"{light},{drain}") == [light]
    assert (await city().get(f"requests/{drain}.xml")).status_code == 404
    missing = await city().get("requests/999999.xml")
    assert (await city().get(f"requests/{drain}.xml")).content == missing.content


@pytest.mark.parametrize(
    "columns", [{"confidential": True}, {"origin": Origin.PLAN}], ids=["confidential", "visit"]
)
async def test_a_public_category_does_not_make_everything_in_it_public(
    city: As, hotline: City, session: AsyncSession, columns: dict[str, Any]
) -> None:
    number = await hotline.file()
    await changed(session, number, **columns)

    assert await city().numbers() == []
    assert await hotline.numbers() == [number]


async def test_what_becomes_public_later_is_seen_then(
    city: As, hotline: City, session: AsyncSession
) -> None:
    drain = await hotline.file(service_code="drain")
    assert await city().numbers() == []

    await session.execute(update(Category).where(Category.code == "drain").values(public=True))
    await session.commit()

    assert await city().numbers() == [drain]


async def test_everybody_is_told_the_building_and_nobody_s_name_number_or_door(
    city: As, hotline: City, town: Town, session: AsyncSession, worker: Worker
) -> None:
    number = await hotline.file(
        address_string=f"伊伊小区{HOME}室",
        description=f"{NAME[0]}家门口，电话{PHONE}，证件{IDENTITY}",
        phone=PHONE,
        first_name=NAME,
        lat="31.1774276",
        long="121.5272106",
    )
    await worker.catch_up()
    await changed(session, number, outcome=f"已回访{PHONE}", state="completed")

    for form in ("xml", "json"):
        for path in (f"requests/{number}.{form}", f"requests.{form}"):
            told = (await city().get(path, extensions="true")).text
            assert not [each for each in (PHONE, IDENTITY, NAME, "502", "2单元") if each in told]
    shown = await city().read(number, extensions="true")
    assert shown["address"] == "伊伊小区3栋"
    assert shown["address_id"] == str(town.places["/A1/G1/3/"].id)
    assert (shown["lat"], shown["long"]) == (31.177, 121.527)
    assert shown["media_url"] is None
    assert shown["status_notes"] == "已回访138****5678"
    assert shown["attributes"] == shown["extended_attributes"]["photos"] == []


async def test_a_program_sees_all_of_what_it_knows_but_not_who_reported_it(
    hotline: City,
) -> None:
    number = await hotline.file(address_string=HOME, phone=PHONE, first_name=NAME)

    told = (await hotline.get(f"requests/{number}.xml", extensions="true")).text

    assert HOME in told
    assert not [each for each in (PHONE, NAME, "138****5678") if each in told]


async def test_without_an_address_of_its_own_a_program_is_told_ours(
    hotline: City, town: Town
) -> None:
    number = await hotline.file(address_string="", address_id=str(town.home.id))

    assert (await hotline.read(number))["address"] == "伊伊小区3栋2单元502"


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
async def test_a_point_of_a_chinese_map_is_told_on_wgs84(
    hotline: City, session: AsyncSession, datum: Datum
) -> None:
    number = await hotline.file(lat="31.1774276", long="121.5272106")
    await changed(session, number, datum=datum)

    shown = await hotline.read(number)

    assert 0.001 < abs(shown["long"] - 121.5272106) < 0.02


async def test_programs_see_by_role_place_and_community_what_they_may(
    city: As, town: Town, session: AsyncSession, programs: Programs
) -> None:
    hotline = city(programs.hotline)
    numbers = {
        "public here": await hotline.file(address_string="3栋"),
        "public there": await hotline.file(address_string="9栋"),
        "private here": await hotline.file(service_code="drain", address_string="3栋"),
        "private there": await hotline.file(service_code="drain", address_string="9栋"),
    }
    conduct = {"service_code": "conduct", "address_string": "3栋"}
    await city(programs.grid).post("requests.xml", **conduct)
    numbers["confidential of the grid"] = str(int(numbers["private there"]) + 1)
    elsewhere = await a_town(session, "erer")
    theirs = await a_client(session, elsewhere, Role.MANAGER)
    partner = await a_client(session, town, Role.PARTNER)
    await session.commit()
    everywhere = {"jurisdiction_id": "yiyi"}
    public = {"public here", "public there"}
    drains = {"private here", "private there"}
    table: list[tuple[Client | None, set[str]]] = [
        (None, public),
        (programs.hotline, public | drains),
        (programs.overseer, public | drains | {"confidential of the grid"}),
        (programs.grid, public | {"private here", "confidential of the grid"}),
        (partner, public),
    ]

    for program, names in table:
        expected = sorted(numbers[name] for name in names)
        assert sorted(await city(program).numbers(**everywhere)) == expected, program
        for number in numbers.values():
            answer = await city(program).get(f"requests/{number}.xml", **everywhere)
            assert (answer.status_code == 200) == (number in expected), (program, number)
    foreign = City(city().http, elsewhere.tokens[theirs.id])
    assert (await foreign.get("requests.xml", **everywhere)).status_code == 403
    assert await foreign.numbers(jurisdiction_id="erer") == []


async def test_what_a_program_does_not_know_it_sees_as_everybody_does(
    city: As, programs: Programs, town: Town
) -> None:
    number = await city(programs.hotline).file(address_string="9栋1单元101", description=PHONE)

    seen = await city(programs.grid).read(number)

    assert seen["address"] == "伊伊小区9栋"
    assert seen["description"] == "138****5678"
    assert seen == await city().read(number)


async def test_only_who_may_file_for_others_files(
    city: As, town: Town, session: AsyncSession, programs: Programs
) -> None:
    form = {"service_code": "street_light", "address_string": "3栋"}
    for role, at, status in [
        (Role.GRID_WORKER, "/A1/G1/", 200),
        (Role.GRID_WORKER, "/A1/G2/", 403),
        (Role.STAFF, "/", 200),
        (Role.LEADER, "/A1/", 200),
        (Role.MANAGER, "/", 200),
        (Role.ADMIN, "/", 200),
        (Role.PARTNER, "/", 403),
        (Role.RESIDENT, "/", 403),
        (Role.OPERATOR, "/", 403),
    ]:
        program = await a_client(session, town, role, at)
        await session.commit()
        answer = await city(program).post("requests.xml", **form)
        assert answer.status_code == status, (role, at)
    assert (await city().post("requests.xml", **form)).status_code == 403


async def test_a_program_that_was_stopped_is_refused_at_once(
    city: As, hotline: City, programs: Programs, session: AsyncSession
) -> None:
    number = await hotline.file()
    row = update(Client).where(Client.id == programs.hotline.id)
    await session.execute(row.values(revoked_at=programs.hotline.created_at))
    await session.commit()

    assert (await hotline.get(f"requests/{number}.xml")).status_code == 403
    assert (await city().get(f"requests/{number}.xml")).status_code == 200


async def test_who_handles_it_is_told_as_an_organisation_or_as_the_community(
    hotline: City, grid_worker: Person, worker: Worker
) -> None:
    number = await hotline.file()
    await worker.catch_up()

    assert (await hotline.read(number))["agency_responsible"] == "伊伊小区"
    assert "王强" not in (await hotline.get(f"requests/{number}.xml")).text
