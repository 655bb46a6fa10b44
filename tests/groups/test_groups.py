from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.core.ids import new_id
from app.groups.models import Bot, Group, GroupState, Title
from app.groups.queries import managers_of, runs
from app.organizations.models import OrganizationKind
from app.people.models import Role
from tests.conftest import Worker
from tests.groups.builders import a_bot, a_group, a_member
from tests.organizations.builders import an_organization
from tests.service_requests.builders import Caller, Letterbox, Town, a_client
from tests.service_requests.conftest import As, People

SECRET = "SECsecretofnobody"
ROBOT = {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=SECRETKEY", "secret": SECRET}


def asking(town: Town, **differently: Any) -> dict[str, Any]:
    return {
        "kind": "building",
        "name": "3栋楼栋交流群",
        "place_id": str(town.places["/A1/G1/3/"].id),
        "platform": "wecom",
    } | differently


async def names(caller: Caller, query: str = "") -> list[str]:
    answer = await caller.get(f"/groups{query}")
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["items"]]


async def kinds(session: AsyncSession, group_id: str) -> list[str]:
    facts = select(Fact.kind).where(Fact.subject_id == group_id).order_by(Fact.id)
    return list(await session.scalars(facts))


async def test_who_manages_the_place_opens_a_group_at_once_and_answers_for_it(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    made = await acting(people.manager).post("/groups", asking(town, robot=ROBOT))

    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["state"], shown["owner_id"]) == ("open", str(people.manager.id))
    assert shown["robot"] == {"host": "qyapi.weixin.qq.com", "signed": True}
    assert "SECRETKEY" not in made.text
    assert SECRET not in made.text
    assert await kinds(session, shown["id"]) == ["group.opened", "group.member_titled"]
    group = await session.get_one(Group, (town.community.id, shown["id"]))
    running = await managers_of(session, group)
    assert [(each.person_id, each.title) for each in running] == [(people.manager.id, Title.OWNER)]


async def test_a_program_says_who_answers_for_the_group_it_opens(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    program = await a_client(session, town, Role.STAFF)
    await session.commit()
    without = await acting(program).post("/groups", asking(town))
    owned = await acting(program).post("/groups", asking(town, owner_id=str(people.worker.id)))
    assert (without.status_code, without.json()["errors"][0]["path"]) == (422, "body.owner_id")
    assert owned.json()["owner_id"] == str(people.worker.id)


async def test_a_resident_proposes_staff_approve_and_the_proposer_owns_it_and_is_told(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox, bot: Bot
) -> None:
    resident, manager = acting(people.resident), acting(people.manager)
    proposed = (await resident.post("/groups", asking(town, purpose="邻里互助"))).json()
    assert (proposed["state"], proposed["owner_id"]) == ("proposed", None)
    assert await names(manager, "?state=proposed") == ["3栋楼栋交流群"]
    path = f"/groups/{proposed['id']}"
    assert (await resident.post(f"{path}/approval", {})).status_code == 403

    reach = {"platform": "onebot11", "bot_id": str(bot.id), "external_id": "778899"}
    approved = await manager.post(f"{path}/approval", reach)

    assert approved.status_code == 200, approved.text
    assert approved.json()["state"] == "open"
    assert approved.json()["owner_id"] == str(people.resident.id)
    assert approved.json()["bot_id"] == str(bot.id)
    assert (await manager.post(f"{path}/approval", {})).json()["type"] == "/problems/group-decided"
    await worker.catch_up()
    assert letters.to(people.resident) == ["您申请的群已通过"]
    assert letters.last_to(people.resident) == {"群名": "3栋楼栋交流群"}


async def test_a_refused_proposer_reads_why(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    resident, manager = acting(people.resident), acting(people.manager)
    proposed = (await resident.post("/groups", asking(town))).json()
    path = f"/groups/{proposed['id']}"

    refused = await manager.post(f"{path}/refusal", {"reason": "已有同名群"})

    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    assert (await resident.get(path)).json()["reason"] == "已有同名群"
    again = await manager.post(f"{path}/approval", {})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/group-decided")
    await worker.catch_up()
    assert letters.to(people.resident) == ["您申请的群未能通过"]
    assert letters.last_to(people.resident)["原因"] == "已有同名群"


async def test_nobody_is_told_of_a_group_that_staff_opened(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    await acting(people.manager).post("/groups", asking(town))
    await worker.catch_up()
    assert letters.letters == []


@pytest.mark.parametrize("reach", [{"robot": ROBOT}, {"owner_id": str(new_id())}])
async def test_who_proposes_says_nothing_of_how_the_group_is_reached(
    acting: As, people: People, town: Town, reach: dict[str, Any]
) -> None:
    for who in (people.resident, people.worker):
        answer = await acting(who).post("/groups", asking(town, **reach))
        assert answer.status_code in (403, 422), answer.text
    answer = await acting(people.resident).post("/groups", asking(town, robot=ROBOT))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status", "path"),
    [
        ({"platform": "smoke"}, 409, None),
        ({"kind": "spam"}, 422, "body.kind"),
        ({"name": ""}, 422, "body.name"),
        ({"place_id": str(new_id())}, 422, "body.place_id"),
        ({"bot_id": str(new_id())}, 422, "body.bot_id"),
        ({"external_id": "1"}, 422, "body.external_id"),
        ({"organization_id": str(new_id())}, 422, None),
        ({"robot": {"url": "ftp://x/y"}}, 422, "body.robot.url"),
        ({"robot": {"url": "https://a@b/c"}}, 422, "body.robot.url"),
        ({"robot": {"url": "https://例/c"}}, 422, "body.robot.url"),
        ({"robot": {"url": "https://b:99999/c"}}, 422, "body.robot.url"),
        ({"state": "open"}, 422, "body.state"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    acting: As, people: People, town: Town, wrong: dict[str, Any], status: int, path: str | None
) -> None:
    answer = await acting(people.manager).post("/groups", asking(town, **wrong))
    assert answer.status_code == status, answer.text
    if path:
        assert answer.json()["errors"][0]["path"] == path


async def test_a_bot_hears_groups_of_its_own_platform_and_each_once(
    acting: As, people: People, town: Town, session: AsyncSession, bot: Bot
) -> None:
    manager = acting(people.manager)
    heard = {"bot_id": str(bot.id), "external_id": "778899"}
    wrong = await manager.post("/groups", asking(town, **heard))
    assert wrong.json()["errors"][0]["path"] == "body.bot_id"
    first = await manager.post("/groups", asking(town, platform="onebot11", **heard))
    assert first.status_code == 201, first.text
    twice = await manager.post("/groups", asking(town, platform="onebot11", **heard))
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/group-known")
    path = f"/groups/{first.json()['id']}"
    assert (await manager.post(f"{path}/closing", {"reason": "换群"})).status_code == 200
    anew = await manager.post("/groups", asking(town, platform="onebot11", **heard))
    assert anew.status_code == 201
    assert (
        await manager.patch(f"/groups/{anew.json()['id']}", {"bot_id": None})
    ).status_code == 422
    nobody = {"bot_id": None, "external_id": None}
    assert (await manager.patch(f"/groups/{anew.json()['id']}", nobody)).json()["bot_id"] is None


async def test_a_group_is_there_for_its_members_its_proposer_and_staff_of_the_place(
    acting: As, people: People, town: Town, session: AsyncSession, group: Group
) -> None:
    path = f"/groups/{group.id}"
    missing = (await acting(people.resident).get(f"/groups/{new_id()}")).content
    for who in (people.resident, people.neighbour, people.elsewhere):
        answer = await acting(who).get(path)
        assert (answer.status_code, answer.content) == (404, missing)
        assert await names(acting(who)) == []
    member = await a_member(session, group, person=people.resident)
    await session.commit()
    for seen in (people.resident, people.worker, people.leader, people.manager):
        assert await names(acting(seen)) == ["3栋楼栋交流群"]
        assert (await acting(seen).get(path)).status_code == 200
    for stranger in (people.neighbour, people.elsewhere):
        assert (await acting(stranger).get(path)).content == missing
    group.state = GroupState.CLOSED
    await session.commit()
    assert await names(acting(people.resident)) == []
    assert await names(acting(people.manager)) == ["3栋楼栋交流群"]
    group.state, member.left_at = GroupState.OPEN, group.created_at
    await session.commit()
    assert await names(acting(people.resident)) == []


async def test_groups_are_listed_by_kind_state_and_place(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    await a_group(session, town, name="甲", at="/A1/G1/")
    await a_group(session, town, name="乙", at="/A1/G2/9/")
    await a_group(session, town, name="丙", state=GroupState.PROPOSED, at="/")
    await session.commit()
    manager = acting(people.manager)
    assert await names(manager) == ["丙", "乙", "甲"]
    assert await names(manager, "?state=open&kind=building") == ["乙", "甲"]
    assert await names(manager, "?kind=party") == []
    assert await names(manager, f"?place={town.places['/A1/G2/'].id}") == ["乙"]
    first = (await manager.get("/groups?limit=2")).json()
    assert await names(manager, f"?limit=2&after={first['next']}") == ["甲"]
    assert (await manager.get("/groups?kind=x")).status_code == 422


async def test_another_owner_is_recorded_with_the_one_before(
    acting: As, people: People, session: AsyncSession, group: Group
) -> None:
    was = str(group.owner_id)
    path, manager = f"/groups/{group.id}", acting(people.manager)

    changed = await manager.patch(path, {"owner_id": str(people.resident.id), "name": "三栋"})
    assert changed.status_code == 200, changed.text
    back = await manager.patch(path, {"owner_id": str(people.worker.id)})

    assert back.json()["owner_id"] == str(people.worker.id)
    payload = select(Fact.payload).where(Fact.kind == "group.changed").order_by(Fact.id)
    first, second = list(await session.scalars(payload))
    assert first["changed"] == ["name", "owner_id"]
    assert (first["owner_was"], first["owner_now"]) == (was, str(people.resident.id))
    assert (second["owner_was"], second["owner_now"]) == (
        str(people.resident.id),
        str(people.worker.id),
    )
    await session.refresh(group)
    running = [each.person_id for each in await managers_of(session, group)]
    assert running == [people.worker.id]


async def test_an_owner_runs_the_group_by_every_account_they_speak_by(
    session: AsyncSession, people: People, town: Town, group: Group, bot: Bot
) -> None:
    group.owner_id = people.resident.id
    await a_member(session, group, "1001", person=people.resident)
    await a_member(session, group, "1002", person=people.neighbour)
    head = await a_member(session, group, "1003", title=Title.BUILDING_HEAD)
    await session.flush()
    assert [await runs(session, group, each) for each in ("1001", "1002", "1003", "9")] == [
        True,
        False,
        True,
        False,
    ]
    head.left_at = head.first_seen_at
    await session.flush()
    assert not await runs(session, group, "1003")


async def test_a_resident_proposes_no_more_than_a_few_groups_a_day(
    acting: As, people: People, town: Town
) -> None:
    resident = acting(people.resident)
    answers = [(await resident.post("/groups", asking(town))).status_code for _ in range(6)]
    assert answers == [201] * 5 + [429]
    assert (await acting(people.neighbour).post("/groups", asking(town))).status_code == 201
    staff = [(await acting(people.worker).post("/groups", asking(town))) for _ in range(6)]
    assert {answer.status_code for answer in staff} == {201}


async def test_who_read_an_older_version_changes_nothing(
    acting: As, people: People, group: Group
) -> None:
    manager, path = acting(people.manager), f"/groups/{group.id}"
    read = {"If-Match": (await manager.get(path)).headers["ETag"]}
    first = await manager.patch(path, {"name": "甲"}, headers=read)
    late = await manager.patch(path, {"name": "乙"}, headers=read)
    assert (first.status_code, late.status_code) == (200, 412)
    for nothing in ({"name": None}, {"owner_id": None}, {"state": "closed"}):
        assert (await manager.patch(path, nothing)).status_code == 422


async def test_nobody_but_who_manages_the_place_changes_or_closes_a_group(
    acting: As, people: People, town: Town, session: AsyncSession, group: Group
) -> None:
    await a_member(session, group, person=people.resident)
    await session.commit()
    path = f"/groups/{group.id}"
    for who in (people.resident, people.worker, people.leader):
        caller = acting(who)
        assert (await caller.patch(path, {"name": "乙"})).status_code == 403
        assert (await caller.post(f"{path}/closing", {"reason": "x"})).status_code == 403
    closed = await acting(people.manager).post(f"{path}/closing", {"reason": "无人维护"})
    assert (closed.json()["state"], closed.json()["reason"]) == ("closed", "无人维护")
    for again in (
        await acting(people.manager).post(f"{path}/closing", {"reason": "x"}),
        await acting(people.manager).patch(path, {"name": "乙"}),
    ):
        assert (again.status_code, again.json()["type"]) == (409, "/problems/group-not-open")


async def test_a_property_group_says_which_company_answers_in_it(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    company = await an_organization(session, town, kind=OrganizationKind.PROPERTY)
    await session.commit()
    body = asking(town, kind="property", organization_id=str(company.id))
    made = await acting(people.manager).post("/groups", body)
    assert made.json()["organization_id"] == str(company.id)
    group = await session.get_one(Group, (town.community.id, made.json()["id"]))
    assert group.organization_id == company.id


async def test_another_community_sees_and_names_nothing_of_ours(
    acting: As, people: People, town: Town, session: AsyncSession, bot: Bot
) -> None:
    from tests.service_requests.builders import a_town  # noqa: PLC0415

    other = await a_town(session, "erer", catalogue=False)
    theirs = await a_bot(session, other)
    await session.commit()
    body = asking(town, platform="onebot11", bot_id=str(theirs.id), external_id="1")
    answer = await acting(people.manager).post("/groups", body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "body.bot_id")
