import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact, record
from app.notices.models import Delivery
from app.people.access import system
from app.people.events import PeopleMerged
from app.people.models import Person, Role
from app.service_requests.models import Category, Follower, ServiceRequest
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town, a_client
from tests.service_requests.conftest import As, People
from tests.service_requests.neighbours import (
    FAR_HOME,
    HOME,
    a_lamp,
    a_neighbour,
    follow,
    followed,
    says_nothing_of,
    showing,
)
from tests.service_requests.test_photos import uploaded

WORDS = "我老伴摔了，楼道灯坏了"
SECRETS = ("李桂兰", "老伴", "摔了", "502", "扶手")


@pytest.fixture
async def sun(session: AsyncSession, town: Town, people: People) -> Person:
    await showing(session, public=False)
    return await a_neighbour(session, town, "孙大妈")


@pytest.fixture
async def lamp(acting: As, people: People, town: Town, sun: Person) -> dict[str, Any]:
    return await a_lamp(acting(people.resident), town, WORDS)


async def following(caller: Caller, number: int) -> tuple[int, str]:
    answer = await caller.post("/service-requests/followed", {"number": number})
    return answer.status_code, answer.json().get("type", "")


async def test_a_neighbour_with_the_same_matter_sees_how_it_stands_and_not_whose_it_is(
    acting: As, people: People, town: Town, worker: Worker, sun: Person, session: AsyncSession
) -> None:
    caller, resident = acting(sun), acting(people.resident)
    await showing(session, public=True)
    photo = await uploaded(resident)
    location = {"latitude": 29.5, "longitude": 106.5, "label": "502门口"}
    lamp = await a_lamp(resident, town, WORDS, at=HOME, photos=[photo], location=location)
    await worker.catch_up()
    path = f"/service-requests/{lamp['id']}"
    seen = await follow(caller, lamp)
    assert (seen["number"], seen["reports"], seen["building"]) == (1001, 2, "3")
    await resident.post(f"{path}/remarks", {"text": "扶手也松了"})
    staff = acting(people.worker)
    await staff.post(f"{path}/remarks", {"text": "李桂兰阿姨，502门口的灯已报修"})
    await staff.post(f"{path}/remarks", {"text": "她家有老伴", "internal": True})
    await staff.take(lamp, "complete", note="已为502李桂兰换灯")

    items = await followed(caller)
    assert items[0].keys() == {
        *("number", "state", "category", "building", "filed_on", "due_at", "suspended_reason"),
        *("outcome", "reason", "right_channel", "reports", "merged_from", "followed_at"),
        "updates",
    }
    assert items[0]["state"] == "completed"
    assert items[0]["outcome"] == "已为＊＊＊＊换灯"
    assert [said["text"] for said in items[0]["updates"]] == [
        "＊＊阿姨，＊＊门口的灯已报修",
        "已为＊＊＊＊换灯",
    ]
    says_nothing_of(str(items), (*SECRETS, lamp["id"], photo, str(people.resident.id)))
    for method, hidden in (
        ("GET", path),
        ("GET", f"{path}/timeline"),
        ("GET", f"{path}/similar"),
        ("POST", f"{path}/remarks"),
        ("GET", f"/files/{photo}"),
    ):
        body = {"text": "我也是"} if method == "POST" else None
        assert (await caller(method, hidden, json=body)).status_code == 404, hidden
    assert (await caller.get("/service-requests")).json()["items"] == []


async def test_followers_are_told_of_progress_without_home_words_or_name(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    sun: Person,
    *,
    letters: Letterbox,
    lamp: dict[str, Any],
) -> None:
    await follow(acting(sun), lamp)
    await worker.catch_up()
    staff = acting(people.worker)
    await staff.take(lamp, "start")
    await staff.post(f"/service-requests/{lamp['id']}/remarks", {"text": "李桂兰阿姨，灯在路上"})
    await staff.take(lamp, "complete", note="换好了")
    await worker.catch_up()

    told = [letter for letter in letters.letters if letter.person_id == sun.id]
    assert len(told) >= 3
    says_nothing_of(str([[letter.title, letter.lines] for letter in told]), SECRETS)
    assert letters.last_to(sun) == {
        "工单编号": "1001",
        "诉求内容": "路灯与楼道灯",
        "地点": "3",
        "当前进度": "已完成",
        "处理人": "王强",
        "说明": "换好了",
    }
    assert "老伴" in letters.last_to(people.resident)["诉求内容"]


async def test_what_a_neighbour_may_not_know_of_is_answered_like_what_does_not_exist(
    acting: As, people: People, town: Town, sun: Person, session: AsyncSession
) -> None:
    resident = acting(people.resident)
    private = await a_lamp(resident, town, at=HOME)
    far = await a_lamp(resident, town, at=FAR_HOME)
    secret = await a_lamp(resident, town)
    hidden = update(ServiceRequest).where(ServiceRequest.number == secret["number"])
    await session.execute(hidden.values(confidential=True))
    await session.commit()
    taken_back = await a_lamp(resident, town)
    await resident.take(taken_back, "withdraw")
    among_staff = await a_lamp(resident, town, category="cleaning")
    cleaning = update(Category).where(Category.code == "cleaning")
    await session.execute(cleaning.values(internal=True))
    await session.commit()
    caller = acting(sun)
    absent = await caller.post("/service-requests/followed", {"number": 9999})
    for request in (private, far, secret, taken_back, among_staff):
        number = {"number": request["number"]}
        answer = await caller.post("/service-requests/followed", number)
        assert answer.status_code == 404
        assert answer.content == absent.content
    assert await following(acting(people.neighbour), 1003) == (404, "/problems/not-found")
    assert (await session.scalars(select(Follower))).all() == []


async def test_once_is_enough_also_for_ones_own_and_for_ten_taps_at_once(
    acting: As, people: People, sun: Person, session: AsyncSession, *, lamp: dict[str, Any]
) -> None:
    assert await following(acting(people.resident), 1001) == (409, "/problems/already-following")
    answers = await asyncio.gather(*(following(acting(sun), 1001) for _ in range(10)))
    assert sorted(status for status, _ in answers) == [201] + [409] * 9
    assert {kind for _, kind in answers} == {"", "/problems/already-following"}
    assert await session.scalar(select(func.count()).select_from(Follower)) == 1
    told = select(func.count()).where(Fact.kind == "service_request.followed")
    assert await session.scalar(told) == 1


async def test_what_is_over_is_not_followed_any_more(
    acting: As, people: People, sun: Person, lamp: dict[str, Any]
) -> None:
    rejection = {"reason": "归供电局", "channel": "95598"}
    await acting(people.manager).take(lamp, "reject", **rejection)
    assert await following(acting(sun), 1001) == (409, "/problems/request-closed")


async def test_a_program_has_no_neighbours(
    acting: As, people: People, town: Town, session: AsyncSession, lamp: dict[str, Any]
) -> None:
    program = await a_client(session, town, Role.STAFF)
    await session.commit()
    assert await following(acting(program), 1001) == (403, "/problems/forbidden")
    answer = await acting(program)("DELETE", "/service-requests/followed/1001")
    assert answer.status_code == 403


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, "1001x", None])
async def test_a_number_that_is_none_is_refused(
    acting: As, people: People, sun: Person, number: Any
) -> None:
    answer = await acting(sun).post("/service-requests/followed", {"number": number})
    assert answer.status_code == 422
    answer = await acting(sun)("DELETE", f"/service-requests/followed/{number}")
    assert answer.status_code == 422


async def test_who_unfollows_hears_no_more(
    acting: As,
    people: People,
    worker: Worker,
    sun: Person,
    session: AsyncSession,
    *,
    lamp: dict[str, Any],
    letters: Letterbox,
) -> None:
    caller = acting(sun)
    await follow(caller, lamp)
    for expected in (204, 404):
        answer = await caller("DELETE", "/service-requests/followed/1001")
        assert answer.status_code == expected
    await worker.catch_up()
    await acting(people.worker).take(lamp, "complete", note="换好了")
    await worker.catch_up()
    assert await followed(caller) == []
    assert letters.to(sun) == []
    kinds = await session.scalars(select(Fact.kind).where(Fact.actor_id == sun.id))
    assert {"service_request.followed", "service_request.unfollowed"} == set(kinds)
    assert (await follow(caller, lamp))["reports"] == 2


async def test_the_reporter_learns_that_somebody_has_the_same_matter_and_not_who(
    acting: As, people: People, sun: Person, lamp: dict[str, Any]
) -> None:
    await follow(acting(sun), lamp)
    lines = await acting(people.resident).timeline(lamp)
    said = next(line for line in lines if line["kind"] == "service_request.followed")
    assert (said["text"], said["by"]) == ("有居民反映同一件事", {"name": None, "role": "居民"})
    says_nothing_of(str(lines), ("孙大妈", str(sun.id)))
    staff = await acting(people.worker).timeline(lamp)
    said = next(line for line in staff if line["kind"] == "service_request.followed")
    assert said["by"]["name"] == "孙大妈"


async def test_what_was_reported_anonymously_stays_so(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    sun: Person,
    *,
    letters: Letterbox,
    session: AsyncSession,
) -> None:
    at = {"at": "/A1/G1/3/", "category": "falling_objects"}
    pot = await a_lamp(acting(people.resident), town, "李桂兰看见有人扔花盆", **at, anonymous=True)
    await follow(acting(sun), pot)
    await worker.catch_up()
    await acting(people.worker).take(pot, "complete", note="劝导了")
    await worker.catch_up()
    says_nothing_of(str(await followed(acting(sun))), ("李桂兰", "花盆"))
    assert letters.to(sun)
    says_nothing_of(str(letters.last_to(sun)), ("李桂兰", "花盆"))
    about = await session.scalars(select(Delivery.about_id))
    assert set(about) <= {None}


async def test_what_becomes_confidential_is_told_to_no_neighbour_any_more(
    acting: As,
    people: People,
    worker: Worker,
    sun: Person,
    session: AsyncSession,
    *,
    lamp: dict[str, Any],
    letters: Letterbox,
) -> None:
    await follow(acting(sun), lamp)
    await session.execute(update(ServiceRequest).values(confidential=True))
    await session.commit()
    await worker.catch_up()
    letters.letters.clear()
    await acting(people.manager).take(lamp, "complete", note="换好了")
    await worker.catch_up()
    assert await followed(acting(sun)) == []
    assert letters.to(sun) == []
    assert letters.to(people.resident)


async def test_the_newest_to_be_followed_come_first_page_by_page(
    acting: As, people: People, town: Town, sun: Person
) -> None:
    caller = acting(sun)
    for _ in range(3):
        await follow(caller, await a_lamp(acting(people.resident), town))
    first = (await caller.get("/service-requests/followed?limit=2")).json()
    after = first["next"]
    second = (await caller.get(f"/service-requests/followed?limit=2&after={after}")).json()
    numbers = [item["number"] for page in (first, second) for item in page["items"]]
    assert (numbers, second["next"]) == ([1003, 1002, 1001], None)


async def test_two_entries_that_are_one_person_follow_once(
    acting: As, people: People, town: Town, worker: Worker, sun: Person, session: AsyncSession
) -> None:
    other = await a_neighbour(session, town, "孙")
    both, one = [await a_lamp(acting(people.resident), town) for _ in range(2)]
    for who, request in ((sun, both), (other, both), (other, one)):
        await follow(acting(who), request)
    merged = PeopleMerged(kept_id=sun.id, gone_id=other.id)
    for _ in range(2):
        await record(session, merged, by=system(town.community.id))
        await session.commit()
        await worker.catch_up()
    rows = (await session.execute(select(Follower.person_id))).scalars().all()
    assert rows == [sun.id, sun.id]
    assert {item["number"] for item in await followed(acting(sun))} == {1001, 1002}
