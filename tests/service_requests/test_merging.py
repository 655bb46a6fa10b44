from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.notices.models import Delivery
from app.people.models import Person, Role
from app.service_requests.models import Follower, ServiceRequest
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.neighbours import (
    FAR_HOME,
    HOME,
    NEXT_DOOR,
    a_lamp,
    a_neighbour,
    follow,
    followed,
    merge,
    says_nothing_of,
)

MERGED = "您反映的事项与工单{}是同一件事，已合并办理，后续进展会继续告诉您。"


@pytest.fixture
async def sun(session: AsyncSession, town: Town, people: People) -> Person:
    return await a_neighbour(session, town, "孙大妈")


@pytest.fixture
async def two(acting: As, people: People, town: Town, sun: Person) -> list[dict[str, Any]]:
    """The lamp, reported from two homes."""
    return [
        await a_lamp(acting(people.resident), town, "楼道灯坏了", at=HOME),
        await a_lamp(acting(sun), town, "三楼走廊灯不亮", at=NEXT_DOOR),
    ]


async def test_the_one_goes_on_in_the_other_and_owes_nothing_any_more(
    acting: As, people: People, worker: Worker, two: list[dict[str, Any]]
) -> None:
    first, second = two
    await worker.catch_up()
    await acting(people.worker).take(second, "suspend", reason="等配件")
    merged = await merge(acting(people.manager), second, first)
    assert (merged["state"], merged["merged_into_id"]) == ("merged", first["id"])
    assert (merged["suspended_at"], merged["suspended_reason"]) == (None, None)
    assert merged["closed_at"] is not None
    assert {each["state"] for each in merged["clocks"]} <= {"cancelled", "met"}
    assert "cancelled" in {each["state"] for each in merged["clocks"]}
    assert merged["steps"] == []
    goes_on = await acting(people.manager).read(first)
    assert goes_on["state"] == "assigned"
    assert {each["state"] for each in goes_on["clocks"]} == {"running"}


async def test_both_reporters_and_the_worker_are_told(
    acting: As,
    people: People,
    worker: Worker,
    sun: Person,
    *,
    two: list[dict[str, Any]],
    letters: Letterbox,
) -> None:
    first, second = two
    await worker.catch_up()
    letters.letters.clear()
    await merge(acting(people.manager), second, first)
    await worker.catch_up()
    assert letters.to(sun) == [MERGED.format(1001)]
    assert letters.last_to(sun)["工单编号"] == "1002"
    assert letters.to(people.resident) == ["有居民反映同一件事，已与您的工单合并办理。"]
    assert letters.to(people.worker) == ["这张工单已并入工单1001，您无需单独处理。"]


async def test_who_merges_their_own_work_is_not_told_of_it(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    two: list[dict[str, Any]],
    *,
    session: AsyncSession,
    letters: Letterbox,
) -> None:
    staff = await a_person(session, town, "办事员", Role.STAFF)
    await session.commit()
    first, second = two
    await worker.catch_up()
    await acting(people.manager).take(second, "assign", worker_id=str(staff.id))
    await worker.catch_up()
    letters.letters.clear()
    await merge(acting(staff), second, first)
    await worker.catch_up()
    assert letters.to(staff) == []


async def test_whose_request_was_merged_sees_how_the_other_stands_and_not_whose_it_is(
    acting: As, people: People, worker: Worker, sun: Person, two: list[dict[str, Any]]
) -> None:
    first, second = two
    await worker.catch_up()
    await merge(acting(people.manager), second, first)
    await acting(people.worker).take(first, "complete", note="李桂兰家门口换灯，502的也换了")
    caller = acting(sun)
    own = await caller.read(second)
    final = await acting(people.manager).read(first)
    assert own["merged_into"] == {
        "number": 1001,
        "state": "completed",
        "outcome": "＊＊家门口换灯，＊＊的也换了",
        "due_at": final["due_at"],
    }
    lines = await caller.timeline(second)
    assert lines[-1]["text"] == "并入工单1001"
    items = await followed(caller)
    assert [(each["number"], each["merged_from"], each["reports"]) for each in items] == [
        (1001, 1002, 2)
    ]
    assert (await caller.get(f"/service-requests/{first['id']}")).status_code == 404
    assert (await caller.get("/service-requests?number=1001")).json()["items"] == []
    says_nothing_of(str([own, lines, items]), ("李桂兰", "502的", "楼道灯坏了"))


async def test_three_who_reported_it_all_hear_of_it_and_nobody_learns_who_the_nameless_one_is(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    sun: Person,
    *,
    session: AsyncSession,
    letters: Letterbox,
) -> None:
    asked = {"category": "falling_objects", "at": "/A1/G1/3/"}
    nameless = await a_neighbour(session, town, "周不名")
    pots = [
        await a_lamp(acting(people.resident), town, "有人扔花盆", **asked),
        await a_lamp(acting(sun), town, "楼上扔东西", **asked),
        await a_lamp(acting(nameless), town, "又扔花盆了", **asked, anonymous=True),
    ]
    await worker.catch_up()
    manager = acting(people.manager)
    for each in pots[1:]:
        await merge(manager, each, pots[0])
    remark = {"text": "今天装摄像头"}
    await manager.post(f"/service-requests/{pots[0]['id']}/remarks", remark)
    await acting(people.worker).take(pots[0], "complete", note="摄像头装好了")
    await worker.catch_up()

    for who in (people.resident, sun, nameless):
        told = [dict(letter.lines) for letter in letters.letters if letter.person_id == who.id]
        notes = [lines["说明"] for lines in told if "说明" in lines]
        assert sorted(notes) == ["今天装摄像头", "摄像头装好了"], who.name
    secrets = ("周不名", str(nameless.id))
    for who in (people.resident, sun, nameless, people.worker, people.manager):
        caller = acting(who)
        for each in pots:
            for path in ("", "/timeline", "/similar"):
                answer = await caller.get(f"/service-requests/{each['id']}{path}")
                says_nothing_of(answer.text, secrets)
        says_nothing_of(str(await followed(caller)), secrets)
    says_nothing_of(str([letter.lines for letter in letters.letters]), secrets)
    deliveries = select(Delivery.about_id).where(Delivery.person_id == nameless.id)
    assert set(await session.scalars(deliveries)) == {None}
    facts = await session.scalars(select(Fact).where(Fact.kind.startswith("service_request")))
    says_nothing_of(str([(fact.payload, fact.actor_id) for fact in facts]), secrets)

    leaves = await acting(nameless)("DELETE", "/service-requests/followed/1001")
    assert leaves.status_code == 204
    last = await session.scalar(select(Fact).order_by(Fact.id.desc()).limit(1))
    assert last is not None
    assert (last.kind, last.actor_kind) == ("service_request.unfollowed", "anonymous")


async def test_staff_who_merge_what_they_reported_anonymously_stay_nobody(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession
) -> None:
    asked = {"category": "falling_objects", "at": "/A1/G1/3/"}
    manager = acting(people.manager)
    own = await a_lamp(manager, town, "又扔花盆了", **asked, anonymous=True)
    pot = await a_lamp(acting(people.resident), town, "有人扔花盆", **asked)
    await worker.catch_up()
    await merge(manager, own, pot)
    await worker.catch_up()
    kinds = ("service_request.merged", "service_request.joined")
    facts = (await session.scalars(select(Fact).where(Fact.kind.in_(kinds)))).all()
    assert {(fact.actor_kind, fact.actor_id) for fact in facts} == {("anonymous", None)}
    told = select(Delivery.about_id).where(Delivery.person_id == people.manager.id)
    assert set(await session.scalars(told)) <= {None}


async def test_staff_see_the_numbers_and_residents_that_somebody_has_the_same_matter(
    acting: As, people: People, two: list[dict[str, Any]]
) -> None:
    first, second = two
    await merge(acting(people.manager), second, first)
    seen = {
        who: [
            (line["text"], line["by"]["name"])
            for line in await acting(getattr(people, who)).timeline(first)
            if line["kind"] == "service_request.joined"
        ]
        for who in ("resident", "worker")
    }
    assert seen == {
        "resident": [("有居民反映同一件事", None)],
        "worker": [("工单1002并入本单", "周主任")],
    }


async def test_what_was_merged_before_goes_along_and_is_found_by_its_old_number(
    acting: As,
    people: People,
    town: Town,
    sun: Person,
    two: list[dict[str, Any]],
    *,
    session: AsyncSession,
    worker: Worker,
    letters: Letterbox,
) -> None:
    manager = acting(people.manager)
    first, second = two
    third, fourth = [await a_lamp(acting(people.resident), town) for _ in range(2)]
    await merge(manager, second, first)
    await merge(manager, first, third)
    into = await merge(manager, fourth, second)
    await worker.catch_up()
    assert into["merged_into"]["number"] == 1003
    own = await acting(sun).read(second)
    assert own["merged_into"]["number"] == 1003
    assert [line["text"] for line in await acting(sun).timeline(second)][-2:] == [
        "并入工单1001",
        "并入工单1003",
    ]
    assert [(each["number"], each["merged_from"]) for each in await followed(acting(sun))] == [
        (1003, 1002)
    ]
    told = [title for title in letters.to(sun) if "同一件事" in title]
    assert told == [MERGED.format(1001), MERGED.format(1003)]
    rows = await session.execute(select(Follower.request_id, Follower.person_id))
    assert [(str(row[0]), row[1]) for row in rows] == [(third["id"], sun.id)]


async def test_followers_go_along_and_nobody_follows_twice_or_their_own(
    acting: As, people: People, town: Town, sun: Person, session: AsyncSession
) -> None:
    resident, neighbour = acting(people.resident), acting(sun)
    zhao = await a_neighbour(session, town, "赵四")
    goes, stays = await a_lamp(resident, town), await a_lamp(neighbour, town)
    for who, request in ((sun, goes), (zhao, goes), (zhao, stays)):
        await follow(acting(who), request)
    await merge(acting(people.manager), goes, stays)
    rows = await session.execute(
        select(Follower.person_id, Follower.merged_from_id, Follower.request_id)
    )
    assert {(row[0], row[1] and str(row[1]), str(row[2])) for row in rows} == {
        (people.resident.id, goes["id"], stays["id"]),
        (zhao.id, None, stays["id"]),
    }
    assert (await followed(acting(zhao)))[0]["reports"] == 3


async def test_who_reported_it_twice_is_told_once(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    letters: Letterbox,
) -> None:
    resident = acting(people.resident)
    again, first = await a_lamp(resident, town), await a_lamp(resident, town)
    await merge(acting(people.manager), again, first)
    await worker.catch_up()
    letters.letters.clear()
    await acting(people.worker).take(first, "complete", note="换好了")
    await worker.catch_up()
    assert len(letters.to(people.resident)) == 1
    assert await followed(resident) == []


async def test_nothing_can_be_done_to_it_any_more(
    acting: As, people: People, sun: Person, two: list[dict[str, Any]]
) -> None:
    first, second = two
    manager = acting(people.manager)
    await merge(manager, second, first)
    for who, step, form in (
        (people.manager, "accept", {}),
        (people.manager, "reject", {"reason": "不归我们", "channel": "12345"}),
        (people.manager, "close", {}),
        (sun, "withdraw", {}),
        (sun, "urge", {}),
        (sun, "rate", {"score": 1}),
    ):
        assert (await acting(who).step(second, step, **form)).status_code == 409, step
    remark = {"text": "还没修"}
    answer = await acting(sun).post(f"/service-requests/{second['id']}/remarks", remark)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/request-closed")
    again = await manager.post(f"/service-requests/{second['id']}/merge", {"into_number": 1001})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-mergeable")


async def test_what_cannot_be_merged_is_refused_and_nothing_changes(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    two: list[dict[str, Any]],
    session: AsyncSession,
) -> None:
    first, second = two
    manager, resident = acting(people.manager), acting(people.resident)
    over, secret = await a_lamp(resident, town), await a_lamp(resident, town)
    await resident.take(over, "withdraw")
    hidden = update(ServiceRequest).where(ServiceRequest.number == secret["number"])
    await session.execute(hidden.values(confidential=True))
    await session.commit()

    async def refused(request: dict[str, Any], **into: Any) -> tuple[int, str]:
        answer = await manager.post(f"/service-requests/{request['id']}/merge", into)
        return answer.status_code, answer.json()["type"].removeprefix("/problems/")

    await merge(manager, second, first)
    assert await refused(first, into_number=1001) == (409, "same-request")
    assert await refused(first, into_id=first["id"]) == (409, "same-request")
    assert await refused(first, into_number=1002) == (409, "same-request")
    assert await refused(second, into_number=1003) == (409, "not-mergeable")
    for other in (over, secret):
        assert await refused(first, into_number=other["number"]) == (409, "not-mergeable")
        assert await refused(other, into_number=1001) == (409, "not-mergeable")
    nowhere = "019e0000-0000-7000-8000-000000000000"
    for wrong in (
        {"into_number": 9999},
        {"into_id": nowhere},
        {"into_number": 0},
        {},
        {"into_number": 1001, "into_id": first["id"]},
    ):
        assert await refused(first, **wrong) == (422, "invalid")
    states = await session.execute(select(ServiceRequest.number, ServiceRequest.state))
    assert dict(states.all()) == {
        1001: "submitted",
        1002: "merged",
        1003: "withdrawn",
        1004: "submitted",
    }


async def test_it_takes_the_right_at_both_places_and_sight_of_both(
    acting: As, people: People, town: Town, sun: Person, session: AsyncSession
) -> None:
    near = await a_lamp(acting(people.resident), town)
    far = await a_lamp(acting(people.resident), town, at=FAR_HOME)
    here = await a_person(session, town, "一网格", Role.STAFF, at="/A1/G1/")
    await session.commit()

    async def asked(who: Person, request: dict[str, Any], into: dict[str, Any]) -> int:
        path = f"/service-requests/{request['id']}/merge"
        answer = await acting(who).post(path, {"into_number": into["number"]})
        return answer.status_code

    assert await asked(here, near, far) == 422
    assert await asked(here, far, near) == 404
    assert await asked(people.worker, near, near) == 403
    assert await asked(people.resident, near, far) == 403
    assert await asked(sun, near, far) == 404
    assert await asked(people.leader, near, far) == 200


async def test_who_read_an_older_version_is_told_so(
    acting: As, people: People, two: list[dict[str, Any]]
) -> None:
    first, second = two
    manager = acting(people.manager)
    path = f"/service-requests/{second['id']}"
    read = (await manager.get(path)).headers["ETag"]
    await manager.take(second, "accept")
    fresh = (await manager.get(path)).headers["ETag"]
    into = {"into_id": first["id"]}
    late = await manager.post(f"{path}/merge", into, headers={"If-Match": read})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/changed")
    in_time = await manager.post(f"{path}/merge", into, headers={"If-Match": fresh})
    assert in_time.status_code == 200
    assert in_time.headers["ETag"] not in (read, fresh)
