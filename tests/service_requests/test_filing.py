from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.access import system
from app.people.models import Person, Relation, Residence, Role, Standing
from app.service_requests import service
from app.service_requests.models import Category, Channel, RequestNumber, ServiceRequest
from app.service_requests.problems import CategoryWithdrawn
from tests.service_requests.builders import Caller, Town, a_client, a_person, a_town
from tests.service_requests.conftest import As, People

NOBODY = "019e0000-0000-7000-8000-000000000000"


async def count(session: AsyncSession, table: Any) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_the_words_choose_the_category_when_none_is_given(
    acting: As, people: People, town: Town
) -> None:
    resident = acting(people.resident)
    filed = [
        (await resident.ask(place_id=str(town.home.id), summary=summary))["category"]["code"]
        for summary in ("楼上漏水，水管滴水", "半夜装修噪音扰民", "随便说说")
    ]
    assert filed == ["water_leak", "noise", "other"]


async def test_what_is_filed_is_kept_as_it_was_said(acting: As, people: People, town: Town) -> None:
    asked = {
        "category": "noise",
        "place_id": str(town.home.id),
        "summary": "  楼上\n天天吵 🎸 ",
        "answers": {"source": "neighbour", "since": "2026-11-01"},
        "location": {"latitude": 31.2, "longitude": 121.4, "label": "3栋楼下"},
    }

    filed = await acting(people.resident).ask(**asked)

    assert filed["summary"] == "楼上\n天天吵 🎸"
    assert filed["answers"] == asked["answers"]
    assert filed["location"] == {
        "latitude": 31.2,
        "longitude": 121.4,
        "datum": "gcj02",
        "label": "3栋楼下",
    }
    assert filed["place"]["path"] == "/A1/G1/3/2/502/"
    assert (filed["reporter"]["name"], filed["channel"]) == ("李桂兰", "api")


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"category": "no_such"}, "category"),
    ({"place_id": NOBODY}, "place_id"),
    ({"summary": ""}, "body.summary"),
    ({"summary": "a\x00b"}, "body.summary"),
    ({"summary": "x" * 4001}, "body.summary"),
    ({"photos": [NOBODY]}, "photos.0"),
    ({"state": "closed"}, "body.state"),
    ({"reporter_id": "me"}, "body.reporter_id"),
    ({"reporter_id": NOBODY, "reporter": {"name": "甲", "phone": "13800000000"}}, "body"),
    ({"answers": {"source": "aliens"}}, "answers.source"),
    ({"answers": {"since": "soon"}}, "answers.since"),
    ({"answers": {"colour": "red"}}, "answers.colour"),
    ({"location": {"latitude": 91, "longitude": 0}}, "body.location.latitude"),
    ({"location": {"latitude": "1e400", "longitude": 0}}, "body.location.latitude"),
)


async def test_a_field_that_means_nothing_is_named_and_nothing_is_filed(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    asked = {"category": "noise", "place_id": str(town.home.id), "summary": "吵"}
    for wrong, path in WRONG:
        answer = await acting(people.resident).post("/service-requests", asked | wrong)

        assert answer.status_code == 422, (wrong, answer.text)
        assert path in [error["path"] for error in answer.json()["errors"]], wrong
    assert await count(session, ServiceRequest) == 0
    assert await count(session, RequestNumber) == 0
    assert "service_request.filed" not in list(await session.scalars(select(Fact.kind)))


async def test_a_required_question_must_be_answered_when_the_category_is_chosen(
    acting: As, people: People, town: Town
) -> None:
    question = {"code": "when", "label": "何时", "type": "date", "required": True}
    changed = await acting(people.manager).patch(
        "/service-categories/noise", {"questions": [question]}
    )
    assert changed.status_code == 200
    asked = {"place_id": str(town.home.id), "summary": "吵"}

    chosen = await acting(people.resident).post("/service-requests", {"category": "noise", **asked})
    guessed = await acting(people.resident).post("/service-requests", asked)

    assert chosen.json()["errors"] == [{"path": "answers.when", "message": "is required"}]
    assert guessed.status_code == 201


async def test_a_place_of_another_community_is_unknown(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    other = await a_town(session, "sunset")
    await session.commit()
    answer = await acting(people.resident).post(
        "/service-requests", {"place_id": str(other.home.id), "summary": "漏水"}
    )
    assert answer.status_code == 422


async def test_a_hotline_files_for_whoever_rang_and_knows_them_the_next_time(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    hotline = acting(await a_client(session, town, Role.STAFF))
    await session.commit()
    asked = {"place_id": str(town.home.id), "summary": "停电了"}
    rang = {"name": "钱大爷", "phone": "+86 138-1234-5678"}

    first = await hotline.ask(**asked, reporter=rang)
    again = await hotline.ask(**asked, reporter=rang)
    namesake = await hotline.ask(**asked, reporter=rang | {"name": "钱大妈"})

    assert first["reporter"]["name"] == "钱大爷"
    assert first["reporter"]["phone"] == "138****5678"
    assert again["reporter"]["id"] == first["reporter"]["id"] != namesake["reporter"]["id"]
    kept = await session.get_one(Person, (town.community.id, first["reporter"]["id"]))
    assert kept.phone == "13812345678"
    registered = select(Fact).where(Fact.kind == "person.registered").subquery()
    assert await count(session, registered) == 2


async def test_staff_file_for_a_resident_they_can_see_and_for_no_other(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    lives = Residence(
        community_id=town.community.id,
        person_id=people.resident.id,
        home_id=town.home.id,
        relation=Relation.OWNER,
        standing=Standing.VERIFIED,
    )
    session.add(lives)
    await session.commit()
    asked = {"place_id": str(town.home.id), "summary": "停电了"}
    worker = acting(people.worker)

    seen = await worker.ask(**asked, reporter_id=str(people.resident.id))
    unseen = await worker.post(
        "/service-requests", asked | {"reporter_id": str(people.neighbour.id)}
    )

    assert (seen["reporter"]["id"], seen["channel"]) == (str(people.resident.id), "desk")
    assert unseen.status_code == 422
    assert unseen.json()["errors"][0]["path"] == "reporter_id"


async def test_a_resident_files_for_nobody_else(acting: As, people: People, town: Town) -> None:
    asked = {"place_id": str(town.home.id), "summary": "停电了"}
    resident = acting(people.resident)
    for someone in (
        {"reporter_id": str(people.neighbour.id)},
        {"reporter": {"name": "赵敏", "phone": "13800000000"}},
    ):
        assert (await resident.post("/service-requests", asked | someone)).status_code == 403


async def test_a_program_files_nothing_outside_its_place(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    hotline = acting(await a_client(session, town, Role.STAFF, "/A1/G2/"))
    await session.commit()
    asked = {"place_id": str(town.home.id), "summary": "停电了"}
    assert (await hotline.post("/service-requests", asked)).status_code == 403


async def test_a_withdrawn_category_takes_nothing_more(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    changed = await acting(people.manager).patch("/service-categories/noise", {"active": False})
    assert changed.status_code == 200
    answer = await acting(people.resident).post(
        "/service-requests",
        {"category": "noise", "place_id": str(town.home.id), "summary": "吵"},
    )
    assert answer.status_code == 422
    by = system(town.community.id)
    noise = await session.scalar(select(Category).where(Category.code == "noise"))
    assert noise
    with pytest.raises(CategoryWithdrawn):
        await service.file(
            session,
            category=noise,
            place=town.home,
            summary="吵",
            by=by,
            reporter_id=None,
            channel=Channel.CHAT,
        )


async def test_the_same_key_files_once(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    resident: Caller = acting(people.resident)
    asked = {"place_id": str(town.home.id), "summary": "停电了"}
    key = {"Idempotency-Key": "one"}

    first = await resident.post("/service-requests", asked, headers=key)
    second = await resident.post("/service-requests", asked, headers=key)

    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["ETag"] == first.headers["ETag"]
    assert await count(session, ServiceRequest) == 1


async def test_without_a_catalogue_there_is_nothing_to_file_under(
    session: AsyncSession, acting: As, town: Town
) -> None:
    bare = await a_town(session, "bare", catalogue=False)
    someone = await a_person(session, bare, "何人")
    town.tokens |= bare.tokens
    await session.commit()
    answer = await acting(someone).post(
        "/service-requests", {"place_id": str(bare.home.id), "summary": "停电了"}
    )
    assert answer.status_code == 422
