"""A matter of another kind than it was filed under: the other form, the other limits."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.models import Role
from app.service_requests.models import Category, ServiceRequest
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.test_category_versions import an_organization
from tests.service_requests.timing import (
    HANDFUL,
    KIND,
    a_kind,
    a_matter,
    due,
    it_is,
    minute,
    states,
)

FIRST, UPDATE, WORK = ("first_answer", 1), ("next_update", 1), ("resolution", 1)
CALM = {"code": "calm", "name": "缓事", "answer_limit": "4h", "resolve_limit": "3d"}


async def filed_at_ten(resident: Caller, manager: Caller, town: Town, **other: Any) -> Any:
    """A matter filed on Monday at 10:00, and a calmer kind it may be of."""
    it_is("11-30 10:00")
    await a_kind(manager)
    calm = {key: value for key, value in HANDFUL.items() if key != "update_limit"}
    made = await manager.post("/service-categories", calm | CALM | other)
    assert made.status_code == 201, made.text
    return await a_matter(resident, town)


async def test_it_takes_on_the_other_kind_and_its_form(
    resident: Caller, manager: Caller, town: Town, worker: Worker, session: AsyncSession
) -> None:
    request = await resident.ask(
        category="water_leak",
        place_id=str(town.home.id),
        summary="楼上吵",
        answers={"where": "kitchen", "running": True},
    )
    await worker.catch_up()
    moved = await manager.take(
        request, "reclassify", category="noise", answers={"source": "neighbour"}
    )

    assert (moved["category"]["code"], moved["category"]["name"]) == ("noise", "噪音扰民")
    assert (moved["answers"], moved["form"]["name"]) == ({"source": "neighbour"}, "噪音扰民")
    assert moved["state"] == (await resident.read(request))["state"] == "assigned"
    lines = {
        who: [each["text"] for each in await caller.timeline(request)]
        for who, caller in (("staff", manager), ("resident", resident))
    }
    line = "类别由漏水与水管改为噪音扰民"
    assert f"{line} 漏水的位置：厨房\n现在还在漏吗：是" in lines["staff"]
    assert line in lines["resident"]
    fact = await session.scalar(select(Fact).where(Fact.kind.endswith(".reclassified")))
    assert fact
    assert (fact.payload["was"], fact.payload["now"]) == ("water_leak", "noise")
    kept = await session.get_one(ServiceRequest, (town.community.id, UUID(request["id"])))
    noise = (await session.scalars(select(Category).where(Category.code == "noise"))).one()
    assert (kept.category_id, kept.category_version) == (noise.id, noise.version)
    by_name = await manager.take(request, "reclassify", category="漏水与水管")
    assert (by_name["category"]["code"], by_name["answers"]) == ("water_leak", {})


async def test_only_who_may_and_only_while_there_is_something_to_do(
    acting: As, people: People, manager: Caller, town: Town, session: AsyncSession
) -> None:
    staff = await a_person(session, town, "小刘", Role.STAFF)
    await session.commit()
    resident = acting(people.resident)
    request = await resident.ask(category="noise", place_id=str(town.home.id), summary="吵")
    for who in (people.resident, people.worker):
        refused = await acting(who).step(request, "reclassify", category="parking")
        assert refused.status_code == 403, refused.text
    for who in (staff, people.leader, people.manager):
        other = {"noise": "parking", "parking": "noise"}[request["category"]["code"]]
        request = await acting(who).take(request, "reclassify", category=other)

    assert request["category"]["code"] == "parking"
    await manager.take(request, "accept")
    await manager.take(request, "assign", worker_id=str(people.worker.id))
    await manager.take(request, "complete", note="好了")
    late = await manager.step(request, "reclassify", category="noise")
    assert late.json()["type"] == "/problems/step-not-offered"


async def test_what_makes_no_sense_is_refused_and_nothing_changes(
    resident: Caller, manager: Caller, town: Town
) -> None:
    request = await resident.ask(category="noise", place_id=str(town.home.id), summary="吵")
    await manager.patch("/service-categories/pets", {"active": False})
    for wrong, path in (
        ({}, "category"),
        ({"category": "noise"}, "category"),
        ({"category": "no_such"}, "category"),
        ({"category": "pets"}, "category"),
        ({"category": "parking", "answers": {"plate": 1}}, "answers.plate"),
        ({"category": "parking", "answers": {"colour": "红"}}, "answers.colour"),
        ({"category": "parking", "version": 1}, "version"),
    ):
        answer = await manager.step(request, "reclassify", **wrong)
        assert answer.status_code == 422, (wrong, answer.text)
        assert [error["path"] for error in answer.json()["errors"]] == [path]
    ends = {"category": "gas_heating", "answers": {"smell": True}}
    ended = await manager.step(request, "reclassify", **ends)
    assert (ended.status_code, ended.json()["type"]) == (409, "/problems/form-ended")
    same = await manager.read(request)
    assert (same["category"]["code"], same["updated_at"]) == ("noise", request["updated_at"])


async def test_the_other_limits_count_from_the_filing(
    resident: Caller, manager: Caller, town: Town
) -> None:
    request = await filed_at_ten(resident, manager, town)
    assert due(request) == {FIRST: "11-30 12:00", WORK: "12-01 10:00"}
    it_is("11-30 10:30")
    moved = await manager.take(request, "reclassify", category="calm")
    assert due(moved) == {FIRST: "11-30 14:00", WORK: "12-03 10:00"}
    assert states(moved) == {FIRST: "running", WORK: "running"}
    assert minute(moved["due_at"]) == "12-03 10:00"
    back = await manager.take(request, "reclassify", category=KIND)
    assert due(back) == {FIRST: "11-30 12:00", WORK: "12-01 10:00"}


async def test_what_was_met_stays_met_and_updates_are_as_the_other_kind_promises(
    resident: Caller, manager: Caller, town: Town
) -> None:
    request = await filed_at_ten(resident, manager, town)
    busy = {"code": "busy", "name": "忙事", "update_limit": "8h"}
    await manager.post("/service-categories", HANDFUL | busy)
    it_is("11-30 11:00")
    await manager.post(f"/service-requests/{request['id']}/remarks", {"text": "在看了"})
    it_is("11-30 11:30")
    slower = await manager.take(request, "reclassify", category="busy")
    assert due(slower) == {FIRST: "11-30 12:00", UPDATE: "11-30 19:00", WORK: "12-01 10:00"}
    assert states(slower)[FIRST] == "met"
    without = await manager.take(request, "reclassify", category="calm")
    assert states(without) == {FIRST: "met", UPDATE: "cancelled", WORK: "running"}
    it_is("11-30 12:00")
    again = await manager.take(request, "reclassify", category=KIND)
    assert due(again)["next_update", 2] == "11-30 16:00"
    assert states(again)["next_update", 2] == "running"


async def test_time_suspended_and_time_granted_stay_added(
    acting: As, people: People, resident: Caller, manager: Caller, town: Town
) -> None:
    request = await filed_at_ten(resident, manager, town)
    await manager.take(request, "accept")
    await manager.take(request, "assign", worker_id=str(people.worker.id))
    plumber = acting(people.worker)
    await plumber.take(request, "suspend", reason="等配件")
    it_is("11-30 13:00")
    held = await manager.step(request, "reclassify", category="calm")
    assert held.status_code == 409
    await plumber.take(request, "resume")
    assert due(await manager.read(request))[WORK] == "12-01 13:00"
    await plumber.take(request, "ask-extension", extra="2d", reason="配件没到")
    await manager.take(request, "decide-extension", granted=True, answer="同意")
    assert due(await manager.read(request))[WORK] == "12-03 13:00"
    moved = await manager.take(request, "reclassify", category="calm")
    assert due(moved)[WORK] == "12-05 13:00"


async def test_what_ran_out_stays_on_record_and_goes_on_where_the_other_limit_leaves_time(
    resident: Caller, manager: Caller, town: Town
) -> None:
    request = await filed_at_ten(resident, manager, town)
    it_is("12-01 12:00")
    moved = await manager.take(request, "reclassify", category="calm")
    assert states(moved) == {FIRST: "breached", WORK: "breached", ("resolution", 2): "running"}
    assert due(moved)["resolution", 2] == minute(moved["due_at"]) == "12-03 10:00"
    it_is("12-02 12:00")
    back = await manager.take(request, "reclassify", category=KIND)
    assert states(back)["resolution", 2] == "running", "its own round began at the move"
    assert due(back)["resolution", 2] == "12-02 12:00"


async def test_a_limit_that_has_passed_already_is_breached(
    people: People, resident: Caller, manager: Caller, town: Town
) -> None:
    request = await filed_at_ten(resident, manager, town, answer_limit="5m", resolve_limit="30m")
    it_is("11-30 11:00")
    moved = await manager.take(request, "reclassify", category="calm")
    assert due(moved) == {FIRST: "11-30 10:05", WORK: "11-30 10:30"}
    await manager.take(request, "accept")
    await manager.take(request, "assign", worker_id=str(people.worker.id))
    done = await manager.take(request, "complete", note="好了")
    assert states(done) == {FIRST: "breached", WORK: "breached"}


async def test_the_reporter_is_told_and_nobody_has_answered_by_that(
    resident: Caller,
    people: People,
    manager: Caller,
    town: Town,
    worker: Worker,
    *,
    letters: Letterbox,
) -> None:
    request = await filed_at_ten(resident, manager, town)
    moved = await manager.take(request, "reclassify", category="calm")
    assert states(moved)[FIRST] == "running"
    await worker.catch_up()
    assert "您反映的事项改按“缓事”办理，预计12-03 10:00前办结。" in letters.to(people.resident)


async def test_what_nobody_has_goes_the_way_of_the_other_kind(
    people: People,
    resident: Caller,
    manager: Caller,
    town: Town,
    worker: Worker,
    session: AsyncSession,
) -> None:
    company = await an_organization(session, town, "ours")
    await session.commit()
    partners = {"organization_ids": [str(company.id)]}
    await manager("PUT", "/service-categories/noise/partners", json=partners)
    request = await resident.ask(category="conduct", place_id=str(town.home.id), summary="半夜吵")
    await worker.catch_up()
    assert (await manager.read(request))["assignee"] is None

    await manager.take(request, "reclassify", category="noise")
    await worker.catch_up()
    given = await manager.read(request)
    assert (given["state"], given["assignee"]["name"]) == ("assigned", "王强")
    assert [each["organization"]["name"] for each in given["co_handlers"]] == ["ours公司"]

    await manager.take(request, "reclassify", category="conduct")
    await worker.catch_up()
    assert (await manager.read(request))["assignee"]["name"] == "王强", "it stays with who has it"


async def test_what_was_promised_at_the_filing_still_holds(
    acting: As, people: People, resident: Caller, manager: Caller, town: Town
) -> None:
    request = await resident.ask(
        category="noise", place_id=str(town.home.id), summary="吵", anonymous=True
    )
    grid = acting(people.worker)
    assert (await grid.read(request))["id"] == request["id"]
    hidden = await manager.take(request, "reclassify", category="conduct")
    assert (await grid.get(f"/service-requests/{request['id']}")).status_code == 404
    assert (hidden["anonymous"], hidden["reporter"]) == (True, None)
    shown = await manager.take(request, "reclassify", category="greening")
    assert (shown["anonymous"], shown["reporter"]) == (True, None)
    assert (await grid.get(f"/service-requests/{request['id']}")).status_code == 404
