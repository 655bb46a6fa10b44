"""Discovery, the services of a community, and what each of them asks."""

import re
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.service_requests.models import Category
from tests.open311.city import said
from tests.open311.conftest import As
from tests.service_requests.builders import Town, a_town

QUESTIONS: list[dict[str, Any]] = [
    {"code": "words", "label": "怎么了", "type": "text", "required": True, "help": "请写详细"},
    {"code": "lamps", "label": "几盏灯", "type": "number", "minimum": 1},
    {"code": "since", "label": "哪天坏的", "type": "date"},
    {
        "code": "where",
        "label": "在哪里",
        "type": "single",
        "options": [{"code": "hall", "label": "楼道"}, {"code": "road", "label": "路上"}],
    },
    {
        "code": "when",
        "label": "何时",
        "type": "multiple",
        "options": [{"code": "day", "label": "白天"}, {"code": "night", "label": "夜里"}],
    },
    {
        "code": "sparks",
        "label": "冒火花吗",
        "type": "yes_no",
        "ends_on": True,
        "advice": "请远离并拨打119。",
    },
]


async def changed(session: AsyncSession, code: str, **columns: Any) -> None:
    await session.execute(update(Category).where(Category.code == code).values(**columns))
    await session.commit()


async def listed(city: As, **query: str) -> dict[str, dict[str, Any]]:
    answer = await city().get("services.json", **query)
    assert answer.status_code == 200, answer.text
    return {service["service_code"]: service for service in answer.json()}


async def test_discovery_names_one_endpoint_that_speaks_both_formats(city: As, town: Town) -> None:
    root = etree.fromstring((await city().get("discovery.xml")).content)
    same = (await city().get("discovery.json")).json()

    assert root.tag == "discovery"
    assert [child.tag for child in root] == list(same)
    (endpoint,) = same["endpoints"]
    assert [child.tag for child in root.find("endpoints/endpoint")] == list(endpoint)  # type: ignore[union-attr]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"].endswith("/open311/v2")
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["type"] == "production"
    assert "jurisdiction_id=yiyi" in same["contact"]


async def test_discovery_tells_when_a_service_changed(
    city: As, town: Town, session: AsyncSession
) -> None:
    before = (await city().get("discovery.json")).json()["changeset"]
    clock.shift(timedelta(hours=1))

    await changed(session, "drain", name="下水道", updated_at=clock.now())

    after = (await city().get("discovery.json")).json()["changeset"]
    assert after > before
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", after)


async def test_a_service_says_what_it_is_and_whether_it_asks_anything(city: As, town: Town) -> None:
    services = await listed(city)

    assert services["water_leak"]["metadata"] is True
    assert services["drain"] == {
        "service_code": "drain",
        "service_name": "下水道堵塞",
        "description": services["drain"]["description"],
        "metadata": False,
        "type": "realtime",
        "keywords": services["drain"]["keywords"],
        "group": "物业维修",
    }
    assert "地漏" in services["drain"]["keywords"].split(",")


async def test_the_requests_of_a_confidential_service_get_a_token_first(
    city: As, town: Town, session: AsyncSession
) -> None:
    assert (await listed(city))["drain"]["type"] == "realtime"

    await changed(session, "drain", confidential=True)

    assert (await listed(city))["drain"]["type"] == "batch"


@pytest.mark.parametrize("column", [{"active": False}, {"internal": True}])
async def test_what_nobody_may_report_is_no_service(
    city: As, town: Town, session: AsyncSession, column: dict[str, bool]
) -> None:
    await changed(session, "drain", **column)

    assert "drain" not in await listed(city)
    answer = await city().get("services/drain.xml")
    assert answer.status_code == 404


async def test_every_kind_of_question_is_an_attribute(
    city: As, town: Town, session: AsyncSession
) -> None:
    await changed(session, "drain", questions=QUESTIONS)

    definition = (await city().get("services/drain.json")).json()

    assert definition["service_code"] == "drain"
    attributes = {each["code"]: each for each in definition["attributes"]}
    datatypes = {code: each["datatype"] for code, each in attributes.items()}
    assert datatypes == {
        "words": "text",
        "lamps": "number",
        "since": "datetime",
        "where": "singlevaluelist",
        "when": "multivaluelist",
        "sparks": "singlevaluelist",
        "sparks.advice": "text",
    }
    assert [each["order"] for each in definition["attributes"]] == [1, 2, 3, 4, 5, 6, 7]
    assert attributes["words"]["required"] is True
    assert attributes["words"]["datatype_description"] == "请写详细"
    assert "values" not in attributes["words"]
    assert attributes["where"]["values"] == [
        {"key": "hall", "name": "楼道"},
        {"key": "road", "name": "路上"},
    ]
    assert [value["key"] for value in attributes["sparks"]["values"]] == ["yes", "no"]


async def test_a_question_that_may_end_the_form_is_followed_by_its_advice(
    city: As, town: Town, session: AsyncSession
) -> None:
    await changed(session, "drain", questions=QUESTIONS)

    root = etree.fromstring((await city().get("services/drain.xml")).content)

    *asked, shown = root.findall("attributes/attribute")
    assert {each.findtext("variable") for each in asked} == {"true"}
    assert shown.findtext("variable") == "false"
    assert shown.findtext("required") == "false"
    assert "请远离并拨打119。" in (shown.findtext("description") or "")


async def test_a_service_that_asks_nothing_has_no_attributes(city: As, town: Town) -> None:
    assert (await city().get("services/drain.json")).json()["attributes"] == []


@pytest.mark.parametrize("path", ["services.xml", "services/drain.xml", "requests.xml"])
async def test_of_several_communities_one_has_to_be_named(
    city: As, town: Town, session: AsyncSession, path: str
) -> None:
    assert (await city().get(path)).status_code == 200
    assert (await city().get(path, jurisdiction_id="")).status_code == 200

    await a_town(session, "erer")
    await session.commit()

    missing = await city().get(path)
    assert missing.status_code == 400
    assert "jurisdiction_id" in said(missing)[0]
    assert (await city().get(path, jurisdiction_id="erer")).status_code == 200
    assert (await city().get(path, jurisdiction_id="nowhere")).status_code == 404


async def test_a_jurisdiction_that_does_not_exist_is_not_found_though_there_is_only_one(
    city: As, town: Town
) -> None:
    answer = await city().get("services.json", jurisdiction_id="nowhere")

    assert answer.status_code == 404
    assert answer.json()[0]["code"] == "404"
