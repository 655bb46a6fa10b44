from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.core.files import File
from app.notices.models import Delivery
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.test_photos import PNG


async def test_nothing_anybody_can_read_says_who_it_was(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    letters: Letterbox,
) -> None:
    resident, manager = acting(people.resident), acting(people.manager)
    photo = (await resident("POST", "/files", files={"file": ("李桂兰.png", PNG)})).json()["id"]
    filed = await resident.ask(
        category="falling_objects",
        place_id=str(town.home.id),
        summary="有人扔花盆",
        anonymous=True,
        photos=[photo],
    )
    await worker.catch_up()
    await resident.post(f"/service-requests/{filed['id']}/remarks", {"text": "又扔了"})
    await acting(people.worker).take(filed, "complete", note="劝导了")
    await worker.catch_up()
    await resident.take(filed, "rate", score=4)
    await worker.catch_up()

    for caller in (resident, manager, acting(people.worker)):
        path = f"/service-requests/{filed['id']}"
        for answer in (
            await caller.get(path),
            await caller.get(f"{path}/timeline"),
            await caller.get("/service-requests"),
        ):
            assert answer.status_code == 200
            assert "李桂兰" not in answer.text
            assert str(people.resident.id) not in answer.text
    assert (await manager.read(filed))["reporter"] is None
    assert {
        (entry["by"]["name"], entry["by"]["role"])
        for entry in await manager.timeline(filed)
        if entry["kind"].endswith(("filed", "amended", "rated"))
    } == {(None, "匿名居民")}

    facts = await session.scalars(select(Fact).where(Fact.subject_id == UUID(filed["id"])))
    assert people.resident.id not in {fact.actor_id for fact in facts}
    assert (await session.scalars(select(File.uploaded_by))).all() == [None]
    about = select(Delivery.about_id).where(Delivery.person_id == people.resident.id)
    assert set(await session.scalars(about)) == {None}
    assert "李桂兰" not in str([letter.lines for letter in letters.letters])
    assert len(letters.to(people.resident)) == 2


async def test_a_member_of_staff_who_reports_anonymously_stays_nobody(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    caller = acting(people.worker)
    asked = {"category": "conduct", "place_id": str(town.home.id), "anonymous": True}
    filed = await caller.ask(**asked, summary="有人态度不好")
    await caller.take(filed, "accept")
    facts = await session.scalars(select(Fact).where(Fact.subject_id == UUID(filed["id"])))
    assert {fact.actor_kind for fact in facts} == {"anonymous"}


async def test_only_where_the_category_allows_it(acting: As, people: People, town: Town) -> None:
    answer = await acting(people.resident).post(
        "/service-requests",
        {
            "category": "water_leak",
            "place_id": str(town.home.id),
            "summary": "漏水",
            "anonymous": True,
        },
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/anonymity-not-offered")
