"""What is published about the matters of a community, and suggested while a report is written."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import speaking
from app.service_requests import words
from app.service_requests.limits import Limit
from tests.conftest import Client
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People
from tests.service_requests.test_category_versions import an_organization

GUIDE = "/api/v1/communities/yiyi/guide"
SUGGESTIONS = "/service-categories/suggestions"


async def published(client: Client) -> dict[str, dict[str, Any]]:
    """The published kinds of matter by their code."""
    answer = await client.get(GUIDE)
    assert answer.status_code == 200, answer.text
    groups = answer.json()["groups"]
    return {each["code"]: each for group in groups for each in group["categories"]}


async def test_everybody_reads_who_does_what_in_what_time_and_what_to_bring(
    client: Client, acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    company = await an_organization(session, town, "ours")
    company.phone = "023-12345"
    town.community.hotline = "023-45000000"
    session.add(town.community)
    await session.commit()
    await acting(people.manager).patch(
        "/service-categories/noise", {"organization_id": str(company.id)}
    )

    answer = await client.get(GUIDE)
    by_code = await published(client)

    assert "Authorization" not in answer.request.headers
    assert answer.json()["community"] == {
        "name": "伊伊小区",
        "town": "ZJ镇",
        "hotline": "023-45000000",
    }
    names = [group["name"] for group in answer.json()["groups"]]
    assert names[0] == "物业维修"
    assert len(names) == len(set(names)) == 10, "a group stands once, wherever its members are"
    noise = by_code["noise"]
    assert (noise["answered_in"], noise["updated_every"], noise["resolved_in"]) == (
        "2小时",
        "2个工作日",
        "5个工作日",
    )
    assert noise["organization"] == {"name": "ours公司", "phone": "023-12345"}
    assert noise["guide"]["rule"] == "噪声污染防治法第七十条"
    assert "晴隆县" in noise["source"]
    assert by_code["allowance"]["guide"]["bring"][0] == "身份证"
    assert (by_code["policy"]["updated_every"], by_code["policy"]["resolved_in"]) == (
        None,
        "1个工作日",
    )


async def test_only_what_is_offered_is_published_and_what_is_confidential_says_so(
    client: Client, acting: As, people: People
) -> None:
    await acting(people.manager).patch("/service-categories/noise", {"active": False})
    by_code = await published(client)
    assert not {"noise", "care_visit", "task"} & by_code.keys()
    assert {code for code, each in by_code.items() if each["confidential"]} == {
        *("conduct", "counselling", "dispute", "domestic_violence"),
        *("legal_aid", "mediation", "resettlement", "road_dispute"),
    }
    assert by_code["conduct"]["anonymous_allowed"] is True
    whole = (await client.get(GUIDE)).text
    assert not any(word in whole for word in ("speciality", "keywords", '"id"', "community_id"))


async def test_who_knows_the_guide_is_not_sent_it_again_until_it_changes(
    client: Client, acting: As, people: People
) -> None:
    first = await client.get(GUIDE)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert first.headers["Vary"] == "Accept-Language"
    for known in (tag, f'"x", W/{tag}', "*"):
        again = await client.get(GUIDE, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    for unknown in ('"x"', "", tag.strip('"')):
        assert (await client.get(GUIDE, headers={"If-None-Match": unknown})).status_code == 200
    await acting(people.manager).patch("/service-categories/noise", {"keywords": ["吵"]})
    assert (await client.get(GUIDE)).headers["ETag"] == tag, "keywords are not published"
    await acting(people.manager).patch("/service-categories/noise", {"resolve_limit": "3wd"})
    changed = await client.get(GUIDE, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)


async def test_an_unknown_community_has_no_guide(client: Client, town: Town) -> None:
    for slug in ("nowhere", "019e0000-0000-7000-8000-000000000000"):
        assert (await client.get(f"/api/v1/communities/{slug}/guide")).status_code == 404
    assert (await client.get("/api/v1/communities/%00/guide")).status_code == 422


async def test_the_best_five_are_suggested_with_what_to_ask(acting: As, people: People) -> None:
    resident = acting(people.resident)
    answer = await resident.get(SUGGESTIONS, params={"text": "厨房水管漏水了"})
    best = answer.json()["items"][0]
    assert (best["code"], best["name"], best["place_rule"]) == ("water_leak", "漏水与水管", "home")
    assert best["questions"][0]["options"][0] == {"code": "kitchen", "label": "厨房"}
    assert best["guide"]["who"] == "物业维修人员"
    assert (best["answer_limit"], best["resolve_limit"]) == ("2h", "24h")

    much = "漏水 停电 电梯 噪音 垃圾 停车 低保 老人"
    items = (await resident.get(SUGGESTIONS, params={"text": much})).json()["items"]
    assert len(items) == 5
    for nothing in ("", "你好", "\x00", "🎸"):
        answer = await resident.get(SUGGESTIONS, params={"text": nothing})
        assert (answer.status_code, answer.json()) == (200, {"items": []})
    assert (await resident.get(SUGGESTIONS)).status_code == 422
    assert (await resident.get(SUGGESTIONS, params={"text": "x" * 4001})).status_code == 422


async def test_nothing_is_suggested_that_one_may_not_file(acting: As, people: People) -> None:
    manager = acting(people.manager)
    await manager.patch("/service-categories/care_visit", {"keywords": ["探望"]})
    await manager.patch("/service-categories/noise", {"active": False})
    for text in ("探望", "噪音扰民"):
        items = (await manager.get(SUGGESTIONS, params={"text": text})).json()["items"]
        assert not {"care_visit", "noise"} & {each["code"] for each in items}


def test_limits_are_said_in_words() -> None:
    said = {"30m": "30分钟", "1h": "1小时", "7d": "7天", "4wh": "4个工作小时", "1wd": "1个工作日"}
    for text, spoken in said.items():
        assert words.limit(Limit.of(text)) == spoken
    with speaking("en"):
        assert words.limit(Limit.of("5wd")) == "5 working days"
        assert words.limit(Limit.of("1wd")) == "1 working day"


async def test_each_reader_is_told_in_their_language(client: Client, town: Town) -> None:
    chinese, english = [
        await client.get(GUIDE, headers={"Accept-Language": language}) for language in ("zh", "en")
    ]
    assert "5个工作日" in chinese.text
    noise = [
        each
        for group in english.json()["groups"]
        for each in group["categories"]
        if each["code"] == "noise"
    ]
    assert noise[0]["resolved_in"] == "5 working days"
    assert english.headers["Content-Language"] == "en"
    assert english.headers["ETag"] != chinese.headers["ETag"]
