from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.people.models import Role, Standing
from app.service_requests.models import Category, Origin, ServiceRequest
from tests.conftest import Worker
from tests.people.builders import a_residence
from tests.service_requests.builders import Caller, Town, a_client, a_person, a_town
from tests.service_requests.conftest import As, People
from tests.service_requests.neighbours import (
    BUILDING,
    FAR_HOME,
    GRID,
    HOME,
    NEXT_DOOR,
    UNIT,
    a_lamp,
    a_neighbour,
    showing,
)

Asks = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def living(session: AsyncSession, town: Town, people: People) -> None:
    """The resident and the neighbour live in one building, somebody else in another grid."""
    await a_residence(session, people.resident, town.places[HOME])
    await a_residence(session, people.neighbour, town.places[NEXT_DOOR])
    await showing(session, public=False)


@pytest.fixture
def asks(acting: As, people: People, town: Town, living: None) -> Asks:
    async def ask(*summary: str, **more: Any) -> dict[str, Any]:
        return await a_lamp(acting(people.resident), town, *summary, **more)

    return ask


@pytest.fixture
def near(town: Town) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    async def find(
        caller: Caller,
        summary: str = "三楼走廊灯不亮",
        *,
        at: str = UNIT,
        category: str | None = "street_light",
    ) -> list[dict[str, Any]]:
        asked = {"place_id": str(town.places[at].id), "summary": summary}
        if category:
            asked["category"] = category
        answer = await caller.get("/service-requests/similar", params=asked)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    return find


Near = Callable[..., Awaitable[list[dict[str, Any]]]]


def numbers(items: list[dict[str, Any]]) -> list[int]:
    return [item["number"] for item in items]


async def test_a_neighbour_learns_that_it_is_known_and_nothing_about_whose_it_is(
    acting: As, people: People, asks: Asks, near: Near
) -> None:
    await asks("我是李桂兰，楼道灯坏了")
    found = await near(acting(people.neighbour))
    assert found == [
        {
            "number": 1001,
            "category": {"code": "street_light", "name": "路灯与楼道灯", "group": "物业维修"},
            "building": "3",
            "state": "submitted",
            "filed_on": clock.now().astimezone(clock.CHINA).date().isoformat(),
            "reports": 1,
            "mine": False,
            "followed": False,
            "may_follow": True,
        }
    ]


async def test_the_words_choose_the_category_where_none_is_given(
    acting: As, people: People, asks: Asks, near: Near
) -> None:
    await asks()
    assert numbers(await near(acting(people.neighbour), "楼道灯不亮", category=None)) == [1001]
    assert not await near(acting(people.neighbour), "嗯嗯", category=None)


async def test_what_is_about_another_home_is_shown_only_where_the_category_is_public(
    acting: As, people: People, asks: Asks, near: Near, session: AsyncSession
) -> None:
    await asks(at=HOME)
    assert not await near(acting(people.neighbour), at=NEXT_DOOR)
    await showing(session, public=True)
    shown = await near(acting(people.neighbour), at=NEXT_DOOR)
    assert [(item["number"], item["building"]) for item in shown] == [(1001, "3")]
    assert "502" not in str(shown)


async def test_nothing_confidential_is_known_whenever_it_became_so(
    acting: As, people: People, asks: Asks, near: Near, session: AsyncSession
) -> None:
    lamps = update(Category).where(Category.code == "street_light")
    for changed in (
        lamps.values(confidential=True),
        update(ServiceRequest).values(confidential=True),
        update(ServiceRequest).values(origin=Origin.ABOVE),
        update(ServiceRequest).values(origin=Origin.PLAN),
    ):
        await asks()
        await session.execute(changed)
        await session.commit()
        assert not await near(acting(people.neighbour)), changed
        await session.execute(lamps.values(confidential=False))
        await session.commit()


async def test_who_is_not_known_to_live_there_is_no_neighbour(
    acting: As, people: People, asks: Asks, near: Near, town: Town, session: AsyncSession
) -> None:
    await asks()
    stranger, claims, moved = [await a_person(session, town, name) for name in ("何人", "谁", "某")]
    far = await a_neighbour(session, town, "远方", at=FAR_HOME)
    home = town.places[NEXT_DOOR]
    await a_residence(session, claims, home, Standing.CLAIMED)
    await a_residence(session, moved, home, Standing.ENDED)
    await session.commit()
    for who in (stranger, claims, moved, far):
        assert not await near(acting(who)), who.name
    other = await a_town(session, "sunset")
    foreign = await a_neighbour(session, other, "外人")
    town.tokens |= other.tokens
    await session.commit()
    asked = {"place_id": str(other.places[UNIT].id), "summary": "楼道灯坏了"}
    answer = await acting(foreign).get("/service-requests/similar", params=asked)
    assert answer.json() == {"items": []}


async def test_nearer_comes_first_and_in_the_grid_it_takes_much_the_same_words(
    acting: As, people: People, asks: Asks, near: Near, town: Town
) -> None:
    for at, summary in (
        (GRID, "路口的灯闪"),
        (GRID, "楼道灯坏了"),
        (BUILDING, "门口太黑"),
        (UNIT, "闪得厉害"),
        (FAR_HOME, "楼道灯坏了"),
    ):
        await asks(summary, at=at)
    assert numbers(await near(acting(people.neighbour))) == [1002, 1004, 1003]
    assert numbers(await near(acting(people.neighbour), "还是黑", at=BUILDING)) == [1003, 1004]


async def test_at_most_five_are_shown_of_equals_the_newest(
    acting: As, people: People, asks: Asks, near: Near
) -> None:
    for _ in range(7):
        await asks()
    assert numbers(await near(acting(people.neighbour))) == [1007, 1006, 1005, 1004, 1003]


async def test_nobody_feels_their_way_into_what_a_neighbour_wrote(
    acting: As, people: People, asks: Asks, near: Near
) -> None:
    await asks("老伴昨晚摔了一跤，送去医院缝了六针，都怪这灯")
    await asks("下楼全靠手机照着走，孩子们上学都害怕")
    caller = acting(people.neighbour)
    for guess in ("老伴摔了一跤", "送去医院缝了六针", "孩子们害怕", "全靠手机照着走", "别的事"):
        assert numbers(await near(caller, guess)) == [1002, 1001], guess
        assert not await near(caller, guess, at="/A1/G2/9/"), guess


async def test_what_fits_no_category_is_alike_by_its_words_alone(
    acting: As, people: People, asks: Asks, near: Near
) -> None:
    await asks("楼下的石狮子不见了", category="other")
    caller = acting(people.neighbour)
    assert not await near(caller, "想问办证时间", category="other")
    assert numbers(await near(caller, "门口石狮子不见了", category="other")) == [1001]


async def test_what_is_over_for_long_or_was_taken_back_is_not_shown(
    acting: As, people: People, asks: Asks, near: Near, worker: Worker
) -> None:
    caller, staff = acting(people.neighbour), acting(people.worker)
    done, taken_back, old = [await asks() for _ in range(3)]
    await acting(people.resident).take(taken_back, "withdraw")
    await worker.catch_up()
    await staff.take(done, "complete", note="换了灯泡")
    found = {item["number"]: item for item in await near(caller)}
    assert found.keys() == {done["number"], old["number"]}
    assert (found[1001]["state"], found[1001]["may_follow"]) == ("completed", True)

    clock.shift(timedelta(days=15))
    assert numbers(await near(caller)) == [old["number"]]
    clock.shift(timedelta(days=31))
    assert await near(caller) == []


async def test_what_is_closed_is_shown_and_not_to_be_followed(
    acting: As, people: People, asks: Asks, near: Near
) -> None:
    lamp = await asks()
    reject = {"reason": "归供电局", "channel": "95598"}
    await acting(people.manager).take(lamp, "reject", **reject)
    assert [
        (item["state"], item["may_follow"]) for item in await near(acting(people.neighbour))
    ] == [("rejected", False)]


async def test_what_one_reported_oneself_is_shown_as_ones_own(
    acting: As, people: People, asks: Asks, near: Near
) -> None:
    await asks(at=HOME)
    own = await near(acting(people.resident), at=HOME)
    assert [(each["number"], each["mine"], each["may_follow"]) for each in own] == [
        (1001, True, False)
    ]


async def test_staff_are_shown_what_their_place_lets_them_see(
    acting: As, people: People, asks: Asks, near: Near, town: Town, session: AsyncSession
) -> None:
    await asks(at=HOME)
    program = await a_client(session, town, Role.STAFF)
    await session.commit()
    for who, shown in ((people.worker, [1001]), (people.elsewhere, []), (program, [1001])):
        found = await near(acting(who), at=NEXT_DOOR)
        assert numbers(found) == shown
        assert not any(item["may_follow"] or item["mine"] for item in found)
    await session.execute(update(ServiceRequest).values(confidential=True))
    await session.commit()
    assert not await near(acting(people.worker), at=NEXT_DOOR)


async def test_what_is_asked_badly_is_said_to_be_so(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    other = await a_town(session, "sunset")
    await session.commit()
    here, there = str(town.home.id), str(other.home.id)
    for asked in (
        {"place_id": here},
        {"summary": "灯坏了"},
        {"place_id": there, "summary": "灯坏了"},
        {"place_id": "3", "summary": "灯坏了"},
        {"place_id": here, "summary": "灯" * 501},
        {"place_id": here, "summary": " "},
        {"place_id": here, "summary": "灯坏了", "category": "no-such"},
        {"place_id": here, "summary": "灯坏了", "sort": "score"},
    ):
        answer = await acting(people.resident).get("/service-requests/similar", params=asked)
        assert answer.status_code == 422, asked


async def test_staff_find_what_is_like_a_request_with_scores_and_all_there_is_to_see(
    acting: As, people: People, asks: Asks, town: Town
) -> None:
    lamp = await asks("楼道灯坏了")
    await asks("三楼走廊灯不亮", at=HOME)
    await asks("灯罩松了")
    await asks("楼道灯坏了", at=FAR_HOME)
    await asks("楼道灯坏了", category="cleaning")
    path = f"/service-requests/{lamp['id']}/similar"

    found = (await acting(people.worker).get(path)).json()["items"]
    assert numbers([item["request"] for item in found]) == [1002, 1003]
    assert found[0]["request"]["summary"] == "三楼走廊灯不亮"
    assert found[0]["request"]["place"]["name"] == "502"
    assert 1 >= found[0]["score"] > found[1]["score"] > 0

    assert (await acting(people.elsewhere).get(path)).status_code == 404
    assert (await acting(people.neighbour).get(path)).status_code == 404
    own = (await acting(people.resident).get(path)).json()["items"]
    assert numbers([item["request"] for item in own]) == [1002, 1003]


async def test_staff_do_not_find_what_they_may_not_see(
    acting: As, people: People, asks: Asks, session: AsyncSession
) -> None:
    lamp = await asks()
    await asks()
    hidden = update(ServiceRequest).where(ServiceRequest.number == 1002)
    await session.execute(hidden.values(confidential=True))
    await session.commit()
    path = f"/service-requests/{lamp['id']}/similar"
    assert (await acting(people.worker).get(path)).json() == {"items": []}
    found = (await acting(people.manager).get(path)).json()["items"]
    assert numbers([item["request"] for item in found]) == [1002]
