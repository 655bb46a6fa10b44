import asyncio
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person, Role, Speciality
from app.service_requests.models import Dispatch
from tests.conftest import Worker
from tests.organizations.builders import a_member, an_organization
from tests.service_requests.builders import Letterbox, Town, a_client, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.dispatching import a_way, filed_again, kinds, offered

OFFER = "有新工单可抢，回复“抢单 1001”。"


@pytest.fixture
async def plumbers(session: AsyncSession, town: Town, people: People) -> list[Person]:
    """The worker of the grid, and five more of the same line of work."""
    more = [
        await a_person(
            session, town, name, Role.GRID_WORKER, at="/A1/G1/", speciality=Speciality.PROPERTY
        )
        for name in "甲乙丙丁戊"
    ]
    await a_way(session, town, Dispatch.TAKING)
    return [people.worker, *more]


@pytest.fixture
async def leak(
    acting: As, people: People, town: Town, worker: Worker, plumbers: list[Person]
) -> dict[str, Any]:
    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    return filed


async def test_a_request_is_offered_to_all_of_them_once_and_the_first_has_it(
    acting: As,
    people: People,
    plumbers: list[Person],
    worker: Worker,
    letters: Letterbox,
    *,
    session: AsyncSession,
    leak: dict[str, Any],
) -> None:
    for each in plumbers:
        assert letters.to(each) == [OFFER]
    for stranger in (people.elsewhere, people.leader, people.manager, people.neighbour):
        assert letters.to(stranger) == []
    waiting = await acting(plumbers[2]).read(leak)
    assert (waiting["state"], waiting["assignee"]) == ("accepted", None)
    assert "take" in offered(waiting)

    taken = await acting(plumbers[2]).take(leak, "take")
    await worker.catch_up()

    assert (taken["state"], taken["assignee"]["name"]) == ("assigned", "乙")
    assert taken["first_handler"]["name"] == "乙"
    assert "take" not in offered(taken)
    assert letters.to(people.resident)[-1].startswith("乙来处理，预计")
    assert await kinds(session, leak) == ["filed", "accepted", "offered", "taken"]
    seen = [entry["text"] for entry in await acting(people.resident).timeline(leak)]
    assert seen == ["提交诉求：水管漏水", "已受理", "乙接单"]


async def test_of_six_who_take_it_at_once_one_has_it(
    acting: As, plumbers: list[Person], leak: dict[str, Any], session: AsyncSession
) -> None:
    answers = await asyncio.gather(*(acting(each).step(leak, "take") for each in plumbers))

    winners = [
        each.name
        for each, answer in zip(plumbers, answers, strict=True)
        if answer.status_code == 200
    ]
    lost = [answer.json()["type"] for answer in answers if answer.status_code != 200]
    assert len(winners) == 1
    assert lost == ["/problems/already-taken"] * 5
    assert (await acting(plumbers[0]).read(leak))["assignee"]["name"] == winners[0]
    assert (await kinds(session, leak)).count("taken") == 1


async def test_who_is_late_is_told_and_is_not_offered_it(
    acting: As, people: People, plumbers: list[Person], leak: dict[str, Any]
) -> None:
    await acting(plumbers[1]).take(leak, "take")
    assert "take" not in offered(await acting(plumbers[2]).read(leak))
    late = await acting(plumbers[2]).step(leak, "take")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/already-taken")
    await acting(plumbers[1]).take(leak, "complete", note="好了")
    assert (await acting(plumbers[2]).step(leak, "take")).json()["type"] == (
        "/problems/step-not-offered"
    )


async def test_only_who_could_do_it_takes_it(
    acting: As, people: People, town: Town, leak: dict[str, Any], session: AsyncSession
) -> None:
    hotline = await a_client(session, town, Role.STAFF)
    await session.commit()
    assert (await acting(people.resident).step(leak, "take")).status_code == 403
    assert (await acting(hotline).step(leak, "take")).status_code == 403
    assert "take" not in offered(await acting(hotline).read(leak))
    for stranger in (people.neighbour, people.elsewhere):
        assert (await acting(stranger).step(leak, "take")).status_code == 404
    assert (await acting(people.leader).take(leak, "take"))["assignee"]["name"] == "陈书记"


async def test_what_goes_by_rule_is_not_there_to_take(
    acting: As, people: People, town: Town
) -> None:
    noise = await acting(people.resident).ask(place_id=str(town.home.id), summary="噪音扰民")
    await acting(people.worker).take(noise, "accept")
    assert (await acting(people.worker).step(noise, "take")).status_code == 409


async def test_a_leader_may_still_give_it_by_hand(
    acting: As, people: People, plumbers: list[Person], leak: dict[str, Any]
) -> None:
    given = await acting(people.leader).take(leak, "assign", worker_id=str(plumbers[3].id))
    assert given["assignee"]["name"] == "丙"
    assert (await acting(plumbers[0]).step(leak, "take")).status_code == 409


async def test_an_organisation_is_offered_what_it_is_responsible_for(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    letters: Letterbox,
) -> None:
    firm, rival = [await an_organization(session, town, name) for name in ("绿城物业", "万科物业")]
    head = await a_member(session, town, firm, "吴经理", head=True)
    plumber = await a_member(session, town, firm, "吴师傅")
    stranger = await a_member(session, town, rival, "郑师傅")
    await a_way(session, town, Dispatch.TAKING, by=firm)
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()

    assert letters.to(head) == letters.to(plumber) == [OFFER]
    assert letters.to(stranger) == letters.to(people.worker) == []
    assert (await acting(stranger).step(leak, "take")).status_code == 404
    taken = await acting(plumber).take(leak, "take")
    assert (taken["assignee"]["name"], taken["organization"]["name"]) == ("吴师傅", "绿城物业")
    assert (await acting(plumber).take(leak, "start"))["state"] == "in_progress"


async def test_without_anybody_to_take_it_the_manager_is_told(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox, *, plumbers: Any
) -> None:
    root = str(town.places["/"].id)
    leak = await acting(people.resident).ask(place_id=root, summary="水管漏水")
    await worker.catch_up()
    assert letters.to(people.manager) == ["有一件诉求没有找到处理人，请受理并派单。"]
    assert (await acting(people.manager).read(leak))["state"] == "submitted"


async def test_a_second_run_of_the_routing_offers_nothing_again(
    town: Town,
    worker: Worker,
    letters: Letterbox,
    plumbers: list[Person],
    leak: dict[str, Any],
    *,
    session: AsyncSession,
) -> None:
    await filed_again(session, town, leak)
    await worker.catch_up()
    assert [letters.to(each) for each in plumbers] == [[OFFER]] * 6
