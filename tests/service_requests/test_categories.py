from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.access import Actor, Held, system
from app.people.models import Role
from app.service_requests import catalogue, service
from app.service_requests.models import Category
from app.service_requests.permissions import CATALOGUE
from app.service_requests.schemas.categories import CategoryIn
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People

NEW: dict[str, Any] = {
    "code": "bees",
    "name": "马蜂",
    "group": "公共安全",
    "speciality": "safety",
    "answer_limit": "1h",
    "resolve_limit": "10h",
    "keywords": ["马蜂"],
    "questions": [{"code": "high", "label": "多高", "type": "number"}],
}


def test_the_shipped_catalogue_is_valid_and_says_where_each_limit_comes_from() -> None:
    shipped = TypeAdapter(list[CategoryIn]).validate_python(catalogue.shipped())
    assert len({category.code for category in shipped}) == len(shipped) >= 25
    assert len({category.group for category in shipped}) == 12
    assert all(category.source and category.guide.text for category in shipped)
    assert all(category.guide.who and category.guide.time for category in shipped)
    assert shipped[-1].code == catalogue.OTHER


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("厨房水管漏水了", "water_leak"),
        ("漏得厉害，是水管", "water_leak"),
        ("我家停电了", "power"),
        ("电梯坏了有人被困", "elevator"),
        ("3栋楼下的灯不亮", "street_light"),
        ("垃圾桶满了没人清运", "garbage"),
        ("楼上半夜吵得睡不着", "noise"),
        ("消防通道被车堵了", "fire_passage"),
        ("有人高空抛物", "falling_objects"),
        ("怎么申请低保", "allowance"),
        ("老人想申请助餐", "elderly"),
        ("邻居吵架想调解", "dispute"),
        ("电动车推上楼飞线充电", "ebike"),
        ("下水道堵了返水", "drain"),
        ("老公家暴", "domestic_violence"),
        ("有人堵路拉横幅", "road_dispute"),
        ("拆迁安置房什么时候能回迁", "resettlement"),
        ("他欠钱不还，有欠条", "mediation"),
        ("请不起律师想申请法律援助", "legal_aid"),
        ("想找个保姆做家政", "housekeeping"),
        ("换锁找谁", "repair_order"),
        ("帮老人代买菜配送到家", "delivery"),
    ],
)
def test_the_words_of_a_report_find_its_category(text: str, code: str) -> None:
    known = [Category(**columns) for columns in catalogue.shipped()]
    assert service.suggest(known, text)[0].code == code


async def test_a_catalogue_is_installed_once_and_keeps_what_was_changed(
    session: AsyncSession, town: Town
) -> None:
    by = system(town.community.id)
    noise = await session.scalar(select(Category).where(Category.code == "noise"))
    assert noise
    await catalogue.change(session, noise, {"name": "噪声"}, by=by)
    await catalogue.install_catalogue(session, town.community.id, by=by)
    codes = list(await session.scalars(select(Category.code)))
    assert sorted(codes) == sorted(each["code"] for each in catalogue.shipped())
    assert noise.name == "噪声"
    kinds = list(await session.scalars(select(Fact.kind).order_by(Fact.id)))
    assert kinds == ["service_catalogue.installed", "service_category.changed"]


async def test_only_who_manages_the_whole_community_changes_the_catalogue(
    acting: As, people: People
) -> None:
    for who in (people.resident, people.worker, people.leader):
        assert (await acting(who).post("/service-categories", NEW)).status_code == 403
        answer = await acting(who).patch("/service-categories/noise", {"name": "x"})
        assert answer.status_code == 403


def test_a_manager_of_one_area_does_not_manage_the_catalogue(town: Town) -> None:
    manager = Actor(town.community.id, "person", None, (Held(Role.MANAGER, "/A1/"),))
    assert not CATALOGUE.allows(manager, at="/")


async def test_a_manager_adds_and_changes_a_category(
    acting: As, people: People, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    made = await manager.post("/service-categories", NEW)
    assert made.status_code == 201, made.text
    twice = await manager.post("/service-categories", NEW)
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/category-exists")

    path = "/service-categories/bees"
    changed = await manager.patch(path, {"resolve_limit": "5h", "name": "马蜂"})
    assert (changed.status_code, changed.json()["resolve_limit"]) == (200, "5h")
    stale = {"If-Match": made.headers["ETag"]}
    assert (await manager.patch(path, {"name": "蜂"}, headers=stale)).status_code == 412
    absurd = await manager.patch(path, {"public": True, "confidential": True})
    assert absurd.json()["type"] == "/problems/public-confidential"
    fact = await session.scalar(select(Fact).where(Fact.kind == "service_category.changed"))
    assert fact
    assert (fact.payload["was"], fact.payload["now"]) == (
        {"resolve_limit": "10h"},
        {"resolve_limit": "5h"},
    )


async def test_what_makes_no_sense_is_refused(acting: As, people: People) -> None:
    manager = acting(people.manager)
    one = {"code": "a", "label": "甲", "type": "text"}
    for wrong in (
        {"code": "两个字"},
        {"answer_limit": "0h"},
        {"speciality": "plumbing"},
        {"questions": [one, one]},
        {"questions": [one | {"type": "single"}]},
        {"questions": [one | {"options": [{"code": "x", "label": "x"}]}]},
        {"keywords": [""]},
    ):
        answer = await manager.post("/service-categories", NEW | wrong)
        assert answer.status_code == 422, wrong
    for nothing in ({"code": "x"}, {"name": None}, {"questions": [one, one]}):
        answer = await manager.patch("/service-categories/noise", nothing)
        assert answer.status_code == 422, nothing


async def test_residents_see_the_categories_in_use_page_by_page(acting: As, people: People) -> None:
    manager, resident = acting(people.manager), acting(people.resident)
    await manager.patch("/service-categories/noise", {"active": False})
    codes: list[str] = []
    after: str | None = ""
    while after is not None:
        query = f"?limit=20&after={after}" if after else "?limit=20"
        page = (await resident.get(f"/service-categories{query}")).json()
        codes += [category["code"] for category in page["items"]]
        after = page["next"]
    offered = [each["code"] for each in catalogue.shipped() if not each["internal"]]
    assert codes == [code for code in offered if code != "noise"]
    assert (await resident.get("/service-categories/noise")).status_code == 404
    assert (await manager.get("/service-categories/noise")).json()["active"] is False
    leak = (await resident.get("/service-categories/water_leak")).json()
    assert leak["questions"][0]["options"][0] == {"code": "kitchen", "label": "厨房"}
