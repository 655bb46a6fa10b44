from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.organizations.models import Organization
from app.people.access import system
from app.people.events import PeopleMerged
from app.people.models import Person
from app.service_requests.models import ServiceRequest
from tests.conftest import Worker
from tests.organizations.builders import a_member, an_organization
from tests.service_requests.builders import Caller, Letterbox, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.dispatching import a_way, filed_again, kinds, offered

ASK = "请关掉总阀"


@pytest.fixture
async def firm(session: AsyncSession, town: Town) -> Organization:
    """A water company that has nobody here yet."""
    made = await an_organization(session, town, "自来水公司", at="/")
    await session.commit()
    return made


@pytest.fixture
async def leak(acting: As, people: People, town: Town, worker: Worker) -> dict[str, Any]:
    """A leak that the worker of the grid was given."""
    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    return filed


async def remark(caller: Caller, request: dict[str, Any], **said: Any) -> int:
    path = f"/service-requests/{request['id']}/remarks"
    return (await caller.post(path, said)).status_code


def helpers(request: dict[str, Any]) -> list[tuple[str, str | None, bool]]:
    """Who works along, what they reported, and whether they still do."""
    return [
        ((row["person"] or row["organization"])["name"], row["report"], row["ended_at"] is None)
        for row in request["co_handlers"]
    ]


async def test_a_colleague_is_asked_sees_it_and_reports_to_who_leads(
    acting: As,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    letters: Letterbox,
    *,
    session: AsyncSession,
) -> None:
    me, colleague = acting(people.worker), acting(people.elsewhere)
    assert (await colleague.step(leak, "report-back", report="x")).status_code == 404

    asked = await me.take(leak, "convene", person_id=str(people.elsewhere.id), asked=ASK)
    await worker.catch_up()

    assert helpers(asked) == [("孙磊", None, True)]
    assert letters.to(people.elsewhere) == ["请您协办一张工单。"]
    assert letters.last_to(people.elsewhere)["说明"] == ASK
    assert offered(await colleague.read(leak)) == {"report-back"}
    assert "report-back" not in offered(await me.read(leak))
    assert await remark(colleague, leak, text="我看看", internal=True) == 201
    assert await remark(colleague, leak, text="马上到") == 201
    assert (await colleague.step(leak, "start")).status_code == 403
    await colleague.take(leak, "report-back", report="关不紧")
    reported = await colleague.take(leak, "report-back", report="总阀已关")
    await worker.catch_up()

    assert helpers(reported) == [("孙磊", "总阀已关", True)]
    assert letters.to(people.worker)[-2:] == ["协办人反馈了办理情况。"] * 2
    assert letters.last_to(people.worker)["说明"] == "总阀已关"
    assert (await kinds(session, leak)).count("co_handler_reported") == 2
    texts = [entry["text"] for entry in await me.timeline(leak)]
    assert f"请孙磊协办 {ASK}" in texts
    assert texts[-2:] == ["协办反馈：关不紧", "协办反馈：总阀已关"]


async def test_every_member_of_an_organisation_may_report_for_it_and_its_heads_are_told(
    acting: As,
    people: People,
    town: Town,
    firm: Organization,
    leak: dict[str, Any],
    *,
    worker: Worker,
    letters: Letterbox,
    session: AsyncSession,
) -> None:
    head = await a_member(session, town, firm, "水司经理", head=True)
    fitter = await a_member(session, town, firm, "水司师傅")
    await session.commit()
    await acting(people.leader).take(leak, "convene", organization_id=str(firm.id), asked=ASK)
    await worker.catch_up()

    assert letters.to(head) == ["请您协办一张工单。"]
    assert letters.to(fitter) == []
    assert "report-back" in offered(await acting(fitter).read(leak))
    reported = await acting(fitter).take(leak, "report-back", report="水表换了")
    assert helpers(reported) == [("自来水公司", "水表换了", True)]
    texts = [entry["text"] for entry in await acting(fitter).timeline(leak)]
    assert texts[-2:] == [f"请自来水公司协办 {ASK}", "协办反馈：水表换了"]


async def test_who_was_asked_twice_reports_for_themselves_first(
    acting: As,
    people: People,
    town: Town,
    firm: Organization,
    leak: dict[str, Any],
    *,
    session: AsyncSession,
) -> None:
    fitter = await a_member(session, town, firm, "水司师傅")
    await session.commit()
    me = acting(people.worker)
    await me.take(leak, "convene", organization_id=str(firm.id))
    await me.take(leak, "convene", person_id=str(fitter.id))
    reported = await acting(fitter).take(leak, "report-back", report="好了")
    assert helpers(reported) == [("自来水公司", None, True), ("水司师傅", "好了", True)]


async def test_nobody_works_along_twice_or_with_themselves(
    acting: As, people: People, firm: Organization, leak: dict[str, Any], session: AsyncSession
) -> None:
    me, twice = acting(people.worker), "/problems/already-helping"
    await me.take(leak, "convene", person_id=str(people.elsewhere.id))
    again = await me.step(leak, "convene", person_id=str(people.elsewhere.id))
    own = await me.step(leak, "convene", person_id=str(people.worker.id))
    leads = update(ServiceRequest).values(organization_id=firm.id)
    await session.execute(leads)
    await session.commit()
    lead = await me.step(leak, "convene", organization_id=str(firm.id))
    assert [each.json()["type"] for each in (again, own, lead)] == [twice] * 3
    assert helpers(await me.read(leak)) == [("孙磊", None, True)]


async def test_who_may_ask_and_who_may_be_asked(
    acting: As, people: People, firm: Organization, leak: dict[str, Any], session: AsyncSession
) -> None:
    me, nobody = acting(people.worker), "019e0000-0000-7000-8000-000000000000"
    firm.active = False
    await session.commit()
    for form, path in (
        ({"person_id": str(people.resident.id)}, "person_id"),
        ({"person_id": nobody}, "person_id"),
        ({"organization_id": nobody}, "organization_id"),
        ({"organization_id": str(firm.id)}, "organization_id"),
        ({}, ""),
        ({"person_id": nobody, "organization_id": nobody}, ""),
    ):
        answer = await me.step(leak, "convene", **form)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)
    form = {"person_id": str(people.elsewhere.id)}
    assert (await acting(people.resident).step(leak, "convene", **form)).status_code == 403
    assert (await me.step(leak, "report-back", report="我自己")).status_code == 403
    assert (await acting(people.manager).step(leak, "report-back", report="x")).status_code == 403


async def test_who_is_released_sees_it_no_more_and_can_be_asked_again(
    acting: As,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    letters: Letterbox,
    *,
    session: AsyncSession,
) -> None:
    me, colleague = acting(people.worker), acting(people.elsewhere)
    whom = {"person_id": str(people.elsewhere.id)}
    nobody = await me.step(leak, "release", **whom)
    assert nobody.json()["type"] == "/problems/not-helping"
    assert "release" not in offered(await me.read(leak))
    await me.take(leak, "convene", **whom)
    other = await me.step(leak, "release", person_id=str(people.leader.id))
    assert other.json()["type"] == "/problems/not-helping"

    released = await me.take(leak, "release", **whom)
    await worker.catch_up()

    assert helpers(released) == [("孙磊", None, False)]
    assert letters.to(people.elsewhere)[-1] == "这张工单不再需要您协办。"
    assert (await colleague.step(leak, "report-back", report="x")).status_code == 404
    assert await remark(colleague, leak, text="嗯", internal=True) == 404
    assert (await kinds(session, leak))[-1] == "co_handler_released"
    again = await me.take(leak, "convene", **whom)
    assert [still for _name, _report, still in helpers(again)] == [False, True]


async def test_the_partners_of_a_category_work_along_from_the_start_and_once(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    firm: Organization,
    letters: Letterbox,
) -> None:
    lead, gone = [await an_organization(session, town, name) for name in ("绿城物业", "旧公司")]
    plumber = await a_member(session, town, lead, "吴师傅")
    fitter = await a_member(session, town, firm, "水司师傅")
    gone.active = False
    await a_way(session, town, by=lead, along=[firm, lead, gone])
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    me = acting(plumber)

    now = await me.read(leak)
    assert (now["assignee"]["name"], now["organization"]["name"]) == ("吴师傅", "绿城物业")
    assert helpers(now) == [("自来水公司", None, True)]
    assert letters.to(fitter) == ["请您协办一张工单。"]
    order = ["filed", "accepted", "assigned", "co_handler_added"]
    assert await kinds(session, leak) == order
    await acting(people.manager).take(leak, "release", organization_id=str(firm.id))
    await filed_again(session, town, leak)
    await worker.catch_up()
    assert helpers(await me.read(leak)) == [("自来水公司", None, False)]


async def test_partners_are_called_also_when_nobody_is_found_to_lead(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession, *, firm: Any
) -> None:
    await a_way(session, town, along=[firm])
    root = str(town.places["/"].id)
    leak = await acting(people.resident).ask(place_id=root, summary="水管漏水")
    await worker.catch_up()
    now = await acting(people.manager).read(leak)
    assert (now["state"], helpers(now)) == ("submitted", [("自来水公司", None, True)])


async def test_the_resident_never_hears_of_co_handling(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    before, resident = letters.to(people.resident), acting(people.resident)
    seen = await resident.timeline(leak)
    whom = {"person_id": str(people.elsewhere.id)}
    await acting(people.worker).take(leak, "convene", **whom, asked=ASK)
    await acting(people.elsewhere).take(leak, "report-back", report="总阀已关")
    await acting(people.worker).take(leak, "release", **whom)
    await worker.catch_up()

    assert letters.to(people.resident) == before
    assert await resident.timeline(leak) == seen
    assert (await resident.read(leak))["co_handlers"] == []


async def test_what_one_entry_of_the_register_helped_with_is_the_others(
    acting: As,
    people: People,
    leak: dict[str, Any],
    town: Town,
    worker: Worker,
    *,
    session: AsyncSession,
) -> None:
    me = acting(people.worker)
    for each in (people.elsewhere, people.leader):
        await me.take(leak, "convene", person_id=str(each.id))
    merged = PeopleMerged(kept_id=people.leader.id, gone_id=people.elsewhere.id)
    await record(session, merged, by=system(town.community.id))
    await session.commit()
    await worker.catch_up()
    assert helpers(await me.read(leak)) == [("陈书记", None, False), ("陈书记", None, True)]


async def test_the_head_of_an_organisation_gives_its_requests_to_its_own_people(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession
) -> None:
    lead = await an_organization(session, town)
    head = await a_member(session, town, lead, "吴经理", head=True)
    workers: list[Person] = [
        await a_member(session, town, lead, name) for name in ("吴师傅", "郑师傅")
    ]
    await a_way(session, town, by=lead)
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    has = (await acting(head).read(leak))["assignee"]["name"]
    other = next(each for each in workers if each.name != has)

    assert "assign" in offered(await acting(head).read(leak))
    outside = await acting(head).step(leak, "assign", worker_id=str(people.worker.id))
    assert outside.json()["errors"][0]["path"] == "worker_id"
    given = await acting(head).take(leak, "assign", worker_id=str(other.id))
    assert given["assignee"]["name"] == other.name
    mine = {"worker_id": str(head.id)}
    assert (await acting(other).step(leak, "assign", **mine)).status_code == 403


async def test_the_organisation_that_leads_follows_the_worker(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession, *, firm: Any
) -> None:
    lead = await an_organization(session, town)
    plumber = await a_member(session, town, lead, "吴师傅")
    await a_way(session, town, by=firm)
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    leader = acting(people.leader)
    ours = await leader.read(leak)
    assert (ours["assignee"]["name"], ours["organization"]["name"]) == ("王强", "自来水公司")

    theirs = await leader.take(leak, "assign", worker_id=str(plumber.id))
    assert theirs["organization"]["name"] == "绿城物业"
    back = await leader.take(leak, "assign", worker_id=str(people.worker.id))
    assert back["organization"] is None
