from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.people.models import Person, Role
from app.service_requests import workflow
from app.service_requests.models import ServiceRequest
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.dispatching import kinds, offered

TOP = "/problems/top-of-the-chain"


@pytest.fixture
async def leak(acting: As, people: People, town: Town, worker: Worker) -> dict[str, Any]:
    """A leak that the worker of the grid was given."""
    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    return filed


async def test_a_request_goes_up_to_the_leader_then_the_manager_and_no_further(
    acting: As,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    letters: Letterbox,
    *,
    session: AsyncSession,
) -> None:
    me = acting(people.worker)
    first = await me.take(leak, "escalate", reason="管道在墙里")
    await worker.catch_up()
    assert (first["escalated_to"]["name"], first["escalation"]) == ("陈书记", 1)
    assert (first["assignee"]["name"], first["state"]) == ("王强", "assigned")
    assert letters.to(people.leader) == ["有工单上报给您，请督促办理。"]
    assert letters.last_to(people.leader)["说明"] == "管道在墙里"

    second = await me.take(leak, "escalate")
    await worker.catch_up()
    assert (second["escalated_to"]["name"], second["escalation"]) == ("周主任", 2)
    assert letters.to(people.manager) == ["有工单上报给您，请督促办理。"]

    third = await me.step(leak, "escalate")
    assert (third.status_code, third.json()["type"]) == (409, TOP)
    assert (await kinds(session, leak)).count("escalated") == 2


async def test_every_leader_on_the_way_up_comes_once_the_nearest_first(
    acting: As, people: People, town: Town, leak: dict[str, Any], session: AsyncSession
) -> None:
    await a_person(session, town, "楼长", Role.LEADER, at="/A1/G1/3/")
    await a_person(session, town, "总支书记", Role.LEADER)
    await a_person(session, town, "管理员", Role.ADMIN)
    await a_person(session, town, "旁人", Role.LEADER, at="/A1/G2/")
    await session.commit()
    me = acting(people.worker)
    chain = [(await me.take(leak, "escalate"))["escalated_to"]["name"] for _ in range(4)]
    assert chain == ["楼长", "陈书记", "总支书记", "周主任"]
    assert (await me.step(leak, "escalate")).json()["type"] == TOP


async def test_it_goes_above_whoever_does_it_and_whoever_takes_it_up(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    leader = acting(people.leader)
    assert (await leader.take(leak, "escalate"))["escalated_to"]["name"] == "周主任"
    assert (await acting(people.manager).step(leak, "escalate")).json()["type"] == TOP


async def test_a_leader_who_does_the_work_is_not_put_in_charge_of_it(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    await acting(people.leader).take(leak, "assign", worker_id=str(people.leader.id))
    taken = await acting(people.worker).take(leak, "escalate")
    assert taken["escalated_to"]["name"] == "周主任"


async def test_without_a_leader_it_goes_to_the_manager(
    session: AsyncSession, town: Town, acting: As, worker: Worker
) -> None:
    grid = await a_person(session, town, "独苗", Role.GRID_WORKER, at="/A1/G1/")
    await a_person(session, town, "管理员", Role.ADMIN)
    await session.commit()
    leak = await acting(grid).ask(place_id=str(town.home.id), summary="水管漏水")
    assert (await acting(grid).take(leak, "escalate"))["escalated_to"]["name"] == "管理员"


async def test_the_service_takes_it_up_by_itself_also_before_anybody_has_it(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    request = await session.get_one(ServiceRequest, (town.community.id, leak["id"]))
    taken = await workflow.take(session, request, "escalate", {}, by=system(town.community.id))
    assert (taken.escalated_to_id, taken.escalation) == (people.leader.id, 1)


async def test_who_may_take_it_up(acting: As, people: People, leak: dict[str, Any]) -> None:
    assert (await acting(people.resident).step(leak, "escalate")).status_code == 403
    assert (await acting(people.elsewhere).step(leak, "escalate")).status_code == 404
    assert "escalate" in offered(await acting(people.worker).read(leak))
    await acting(people.worker).take(leak, "complete", note="好了")
    assert (await acting(people.worker).step(leak, "escalate")).status_code == 409


async def test_what_a_leader_watches_is_marked_and_hurried(
    acting: As,
    people: People,
    town: Town,
    leak: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
    session: AsyncSession,
) -> None:
    colleague = await a_person(session, town, "钱伟", Role.GRID_WORKER, at="/A1/G1/")
    await session.commit()
    await acting(people.leader).take(leak, "assign", worker_id=str(colleague.id))
    assert (await acting(colleague).step(leak, "supervise", text="快")).status_code == 403

    marked = await acting(people.leader).take(leak, "supervise", text="今天必须办完")
    await worker.catch_up()

    assert marked["supervised_at"]
    for each in (colleague, people.worker):
        assert letters.to(each)[-1] == "这张工单已被督办，请抓紧办理。"
        assert letters.last_to(each)["说明"] == "今天必须办完"
    last = (await acting(colleague).timeline(leak))[-1]
    assert last["text"] == "督办：今天必须办完"


async def test_the_resident_never_hears_how_staff_hurry_each_other(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    before, resident = letters.to(people.resident), acting(people.resident)
    seen = await resident.timeline(leak)
    await acting(people.worker).take(leak, "escalate", reason="机密理由")
    await acting(people.leader).take(leak, "supervise", text="机密要求")
    await worker.catch_up()

    assert letters.to(people.resident) == before
    assert await resident.timeline(leak) == seen
    shown = await resident.read(leak)
    hidden = {name: shown[name] for name in ("escalated_to", "escalation", "supervised_at")}
    assert hidden == {"escalated_to": None, "escalation": 0, "supervised_at": None}
    assert "机密" not in str(shown)
    for who, seen_by in ((people.resident, (None, 0)), (people.worker, (..., 1))):
        (listed,) = (await acting(who).get("/service-requests")).json()["items"]
        assert (listed["supervised_at"] and ..., listed["escalation"]) == seen_by


async def handed_on(
    acting: As, people: People, session: AsyncSession, town: Town, leak: dict[str, Any]
) -> Person:
    """Somebody else who has it now."""
    colleague = await a_person(session, town, "钱伟", Role.GRID_WORKER, at="/A1/G1/")
    await session.commit()
    form = {"worker_id": str(colleague.id), "reason": "我请假"}
    await acting(people.worker).take(leak, "transfer", **form)
    return colleague


async def test_who_received_it_first_is_told_when_others_finish_it(
    acting: As,
    people: People,
    town: Town,
    leak: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
    session: AsyncSession,
) -> None:
    colleague = await handed_on(acting, people, session, town, leak)
    await acting(colleague).take(leak, "complete", note="好了")
    await worker.catch_up()
    assert letters.to(people.worker)[-1] == "您首接的工单已办完，请跟进核实。"
    await acting(people.manager).take(leak, "close")
    await worker.catch_up()
    assert letters.to(people.worker)[-1] == "您首接的工单已结案。"
    assert not [title for title in letters.to(colleague) if "首接" in title]


async def test_who_does_not_work_here_any_more_is_told_nothing(
    acting: As,
    people: People,
    town: Town,
    leak: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
    session: AsyncSession,
) -> None:
    colleague = await handed_on(acting, people, session, town, leak)
    staff = f"/staff/{people.worker.id}"
    (post,) = (await acting(people.manager).get(staff)).json()["posts"]
    await acting(people.manager)("DELETE", f"{staff}/posts/{post['id']}")
    await acting(colleague).take(leak, "complete", note="好了")
    await worker.catch_up()
    assert not [title for title in letters.to(people.worker) if "首接" in title]


async def test_who_finishes_what_they_received_is_told_nothing_of_it(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    await acting(people.worker).take(leak, "complete", note="好了")
    await worker.catch_up()
    assert letters.to(people.worker) == []
