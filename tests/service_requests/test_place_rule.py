"""Where a matter is when its reporter names no place."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.models import Person, Relation, Residence, Role, Standing
from app.places.models import Kind, Place
from tests.service_requests.builders import Caller, Town, a_client
from tests.service_requests.conftest import As, People

HOME, NEXT, FAR = "/A1/G1/3/2/502/", "/A1/G1/3/2/601/", "/A1/G2/9/1/101/"
REQUESTS = "/service-requests"


async def lives(
    session: AsyncSession,
    town: Town,
    person: Person,
    at: str,
    standing: Standing = Standing.VERIFIED,
) -> None:
    session.add(
        Residence(
            community_id=town.community.id,
            person_id=person.id,
            home_id=town.places[at].id,
            relation=Relation.OWNER,
            standing=standing,
        )
    )
    await session.commit()


async def rule(acting: As, people: People, rule: str) -> None:
    changed = await acting(people.manager).patch("/service-categories/noise", {"place_rule": rule})
    assert changed.status_code == 200


async def path(caller: Caller, **asked: Any) -> str:
    filed = await caller.ask(**{"category": "noise", "summary": "吵", **asked})
    found: str = filed["place"]["path"]
    return found


async def refused(caller: Caller, **asked: Any) -> list[dict[str, str]]:
    answer = await caller.post(REQUESTS, {"category": "noise", "summary": "吵", **asked})
    assert answer.status_code == 422, answer.text
    errors: list[dict[str, str]] = answer.json()["errors"]
    assert {error["path"] for error in errors} == {"place_id"}
    return errors


@pytest.mark.parametrize(
    ("named", "expected"),
    [("home", HOME), ("building", "/A1/G1/3/"), ("grid", "/A1/G1/"), ("community", "/")],
)
async def test_the_rule_goes_out_from_the_home(
    acting: As, people: People, town: Town, session: AsyncSession, named: str, expected: str
) -> None:
    await lives(session, town, people.resident, HOME)
    await rule(acting, people, named)
    resident = acting(people.resident)
    assert await path(resident) == expected
    assert await path(resident, place_id=str(town.places[FAR].id)) == FAR
    assert await path(resident, place_id=None) == expected


async def test_where_the_place_has_to_be_asked_it_has_to_be_named(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    await lives(session, town, people.resident, HOME)
    await rule(acting, people, "asked")
    assert await refused(acting(people.resident)) == [
        {"path": "place_id", "message": "is required for this kind of matter"}
    ]


async def test_the_community_needs_no_home_and_everything_else_does(
    acting: As, people: People, town: Town
) -> None:
    resident = acting(people.resident)
    for named in ("home", "building", "grid"):
        await rule(acting, people, named)
        (error,) = await refused(resident)
        assert "no home" in error["message"]
    await rule(acting, people, "community")
    assert await path(resident) == "/"


async def test_of_several_homes_the_verified_one_and_else_one_is_to_be_named(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    resident = acting(people.resident)
    await rule(acting, people, "home")
    await lives(session, town, people.resident, HOME, Standing.CLAIMED)
    assert await path(resident) == HOME
    await lives(session, town, people.resident, NEXT, Standing.CLAIMED)
    await lives(session, town, people.resident, "/A1/G1/3/2/601/", Standing.ENDED)
    assert await refused(resident) == [
        {
            "path": "place_id",
            "message": f"could be 3栋2单元{at}",
            "value": str(town.places[f"/A1/G1/3/2/{at}/"].id),
        }
        for at in ("502", "601")
    ]
    await rule(acting, people, "building")
    assert await path(resident) == "/A1/G1/3/", "both stand in one building"
    await lives(session, town, people.resident, FAR)
    assert await path(resident) == "/A1/G2/9/", "the others are only claimed"
    await rule(acting, people, "home")
    assert await path(resident) == FAR
    await lives(session, town, people.neighbour, HOME)
    await lives(session, town, people.neighbour, FAR)
    await rule(acting, people, "grid")
    values = {error["value"] for error in await refused(acting(people.neighbour))}
    assert values == {str(town.places[at].id) for at in ("/A1/G1/", "/A1/G2/")}
    await rule(acting, people, "building")
    said = {error["message"] for error in await refused(acting(people.neighbour))}
    assert said == {"could be 3栋", "could be 9栋"}


async def test_a_building_outside_every_grid_counts_to_what_it_stands_in(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    lone = Place(
        community_id=town.community.id,
        id=new_id(),
        parent_id=town.places["/A1/"].id,
        kind=Kind.BUILDING,
        code="7",
        name="7",
        path="/A1/7/",
    )
    session.add(lone)
    await session.flush()
    town.places["/A1/7/1/"] = Place(
        community_id=town.community.id,
        id=new_id(),
        parent_id=lone.id,
        kind=Kind.HOME,
        code="1",
        name="1",
        path="/A1/7/1/",
    )
    session.add(town.places["/A1/7/1/"])
    await session.flush()
    await lives(session, town, people.resident, "/A1/7/1/")
    await rule(acting, people, "grid")
    assert await path(acting(people.resident)) == "/A1/"


async def test_on_behalf_of_somebody_their_home_counts_where_one_may_file_for_them(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    await rule(acting, people, "home")
    await lives(session, town, people.resident, HOME)
    await lives(session, town, people.manager, FAR)
    people.resident.reached_at("13812345678")
    session.add(people.resident)
    hotline = acting(await a_client(session, town, Role.STAFF))
    await session.commit()
    by_id = {"reporter_id": str(people.resident.id)}
    rang = {"reporter": {"name": "李桂兰", "phone": "13812345678"}}
    stranger = {"reporter": {"name": "何人", "phone": "13900000000"}}

    for who in (acting(people.worker), acting(people.manager), hotline):
        for asked in (by_id, rang):
            assert await path(who, **asked) == HOME
        await refused(who, **stranger)
    await refused(hotline)
    await refused(acting(people.elsewhere), **rang)
    for asked in (by_id, rang):
        answer = await acting(people.neighbour).post(
            REQUESTS, {"category": "noise", "summary": "吵", **asked}
        )
        assert answer.status_code == 403


async def test_an_anonymous_report_from_ones_own_home_is_one_from_the_building(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    await lives(session, town, people.resident, HOME)
    await rule(acting, people, "home")
    resident = acting(people.resident)
    own, others = str(town.places[HOME].id), str(town.places[NEXT].id)
    assert await path(resident, anonymous=True) == "/A1/G1/3/"
    assert await path(resident, anonymous=True, place_id=own) == "/A1/G1/3/"
    assert await path(resident, anonymous=True, place_id=others) == NEXT
    assert await path(resident, place_id=own) == HOME


async def test_only_staff_file_under_what_is_theirs(acting: As, people: People, town: Town) -> None:
    asked = {"category": "task", "place_id": str(town.home.id), "summary": "报送台账"}
    refused = await acting(people.resident).post(REQUESTS, asked)
    unknown = await acting(people.resident).post(REQUESTS, asked | {"category": "no_such"})
    assert (refused.status_code, refused.content) == (422, unknown.content)
    filed = await acting(people.worker).ask(**asked)
    assert filed["category"]["group"] == "上级交办"
