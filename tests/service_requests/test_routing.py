from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.people.models import Person, Role, Speciality
from app.places.models import Kind, Place
from app.service_requests import catalogue, queries, routing, service
from app.service_requests.models import Channel, Dispatch, ServiceRequest
from tests.conftest import Worker
from tests.organizations.builders import a_member, an_organization
from tests.service_requests.builders import Letterbox, Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.dispatching import a_way, filed_again


async def filed(session: AsyncSession, town: Town, code: str, at: str) -> ServiceRequest:
    known = await session.scalars(queries.categories_of(town.community.id))
    return await service.file(
        session,
        category=next(category for category in known if category.code == code),
        place=town.places[at],
        summary="一件事",
        by=system(town.community.id),
        reporter_id=None,
        channel=Channel.DESK,
    )


async def goes_to(session: AsyncSession, town: Town, code: str, at: str) -> str | None:
    """The name of whom a matter of this kind at this place goes to."""
    worker_id = await routing.worker_for(session, await filed(session, town, code, at))
    if worker_id is None:
        return None
    return (await session.get_one(Person, (town.community.id, worker_id))).name


async def test_nobody_then_the_leader_then_the_grid_worker_then_the_right_line_of_work(
    session: AsyncSession, town: Town
) -> None:
    here = "/A1/G1/3/2/502/"
    assert await goes_to(session, town, "water_leak", here) is None
    await a_person(session, town, "主任", Role.MANAGER)
    assert await goes_to(session, town, "water_leak", here) is None
    await a_person(session, town, "书记", Role.LEADER, at="/A1/")
    assert await goes_to(session, town, "water_leak", here) == "书记"
    await a_person(
        session, town, "法制网格员", Role.GRID_WORKER, at="/A1/G1/", speciality=Speciality.LAW
    )
    assert await goes_to(session, town, "water_leak", here) == "法制网格员"
    await a_person(session, town, "综合科", Role.STAFF, speciality=Speciality.GENERAL)
    assert await goes_to(session, town, "water_leak", here) == "综合科"
    await a_person(session, town, "无条线网格员", Role.GRID_WORKER, at="/A1/G1/")
    assert await goes_to(session, town, "water_leak", here) == "无条线网格员"
    await a_person(session, town, "物业", Role.STAFF, speciality=Speciality.PROPERTY)
    assert await goes_to(session, town, "water_leak", here) == "物业"
    await a_person(
        session, town, "楼栋物业", Role.STAFF, at="/A1/G1/3/", speciality=Speciality.PROPERTY
    )
    assert await goes_to(session, town, "water_leak", here) == "楼栋物业"
    assert await goes_to(session, town, "water_leak", "/A1/G2/9/") == "物业"
    assert await goes_to(session, town, "dispute", here) == "法制网格员"
    assert await goes_to(session, town, "dispute", "/A1/G2/9/") == "综合科"


async def test_a_building_is_not_its_namesake(session: AsyncSession, town: Town) -> None:
    grid = town.places["/A1/G1/"]
    town.places["/A1/G1/33/"] = Place(
        community_id=town.community.id,
        parent_id=grid.id,
        kind=Kind.BUILDING,
        code="33",
        name="33",
        path="/A1/G1/33/",
    )
    session.add(town.places["/A1/G1/33/"])
    await session.flush()
    await a_person(session, town, "三栋网格员", Role.GRID_WORKER, at="/A1/G1/3/")
    assert await goes_to(session, town, "water_leak", "/A1/G1/33/") is None


async def test_among_several_the_one_with_the_least_to_do(
    session: AsyncSession, town: Town
) -> None:
    both = [
        await a_person(session, town, name, Role.GRID_WORKER, at="/A1/G1/") for name in ("甲", "乙")
    ]
    busy = await filed(session, town, "water_leak", "/A1/G1/3/")
    busy.assignee_id = both[0].id
    assert await goes_to(session, town, "water_leak", "/A1/G1/3/") == "乙"
    for _ in range(2):
        more = await filed(session, town, "water_leak", "/A1/G1/3/")
        more.assignee_id = both[1].id
    assert await goes_to(session, town, "water_leak", "/A1/G1/3/") == "甲"


async def test_what_an_organisation_is_responsible_for_goes_to_its_people_heads_last(
    session: AsyncSession, town: Town, people: People
) -> None:
    here = "/A1/G1/3/"
    firm = await an_organization(session, town)
    await a_way(session, town, by=firm)
    assert await goes_to(session, town, "water_leak", here) == "王强"
    await a_member(session, town, firm, "吴经理", head=True)
    assert await goes_to(session, town, "water_leak", here) == "吴经理"
    both = [await a_member(session, town, firm, name) for name in ("甲", "乙")]
    busy = await filed(session, town, "water_leak", here)
    busy.assignee_id = both[0].id
    assert await goes_to(session, town, "water_leak", here) == "乙"
    for _ in range(2):
        more = await filed(session, town, "water_leak", here)
        more.assignee_id = both[1].id
    assert await goes_to(session, town, "water_leak", here) == "甲"


async def test_an_organisation_that_does_not_work_there_or_any_more_is_as_none(
    session: AsyncSession, town: Town, people: People
) -> None:
    firm = await an_organization(session, town, at="/A1/G2/")
    await a_member(session, town, firm, "吴师傅")
    await a_way(session, town, by=firm)
    assert await goes_to(session, town, "water_leak", "/A1/G2/9/") == "吴师傅"
    assert await goes_to(session, town, "water_leak", "/A1/G1/3/") == "王强"
    firm.active = False
    await session.flush()
    assert await goes_to(session, town, "water_leak", "/A1/G2/9/") == "孙磊"


async def test_what_is_given_by_hand_waits_for_the_nearest_leader(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    letters: Letterbox,
) -> None:
    await a_way(session, town, Dispatch.HAND)
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()

    now = await acting(people.leader).read(leak)
    assert (now["state"], now["assignee"]) == ("accepted", None)
    assert letters.to(people.leader) == ["有一件诉求等待派单，请指定处理人。"]
    assert letters.to(people.manager) == letters.to(people.worker) == []
    assert letters.to(people.resident) == ["您反映的事项已受理，正在安排人员处理。"]
    given = await acting(people.leader).take(leak, "assign", worker_id=str(people.worker.id))
    assert given["state"] == "assigned"


async def test_without_anybody_the_manager_is_told_and_can_do_it_by_hand(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    asked: dict[str, Any] = {"place_id": str(town.places["/"].id), "summary": "水管漏水"}
    leak = await acting(people.resident).ask(**asked)
    await worker.catch_up()

    manager = acting(people.manager)
    assert letters.to(people.manager) == ["有一件诉求没有找到处理人，请受理并派单。"]
    assert (await manager.read(leak))["state"] == "submitted"
    await manager.take(leak, "accept")
    await worker.catch_up()
    assert letters.to(people.resident) == ["您反映的事项已受理，正在安排人员处理。"]
    await manager.take(leak, "assign", worker_id=str(people.manager.id))
    assert (await manager.read(leak))["assignee"]["name"] == "周主任"


async def test_a_second_run_of_the_routing_changes_nothing(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession
) -> None:
    resident = acting(people.resident)
    leak = await resident.ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    before = await resident.timeline(leak)

    await filed_again(session, town, leak)
    await worker.catch_up()

    undone = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'"
    assert await session.scalar(text(undone)) == 0
    assert len(await resident.timeline(leak)) == len(before) + 1
    assert (await resident.read(leak))["assignee"]["name"] == "王强"


def test_the_places_above_one_are_found_from_its_path() -> None:
    assert queries.above("/") == ["/"]
    assert queries.above("/A1/G1/3/") == ["/", "/A1/", "/A1/G1/", "/A1/G1/3/"]


def test_the_catalogue_can_be_routed_whole() -> None:
    assert {each["speciality"] for each in catalogue.shipped()} <= {*Speciality}
