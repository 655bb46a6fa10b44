"""Asking where a matter stays, within limits."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import shift
from app.core.database import Sessions
from app.core.facts import Fact, record
from app.core.problems import Problem
from app.people.access import Actor, system
from app.people.events import PeopleMerged
from app.service_requests import policies, workflow
from app.service_requests.models import Follower, ServiceRequest, Urge
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.timing import a_kind, a_matter

HURRY, WATCH = "居民催单，请尽快处理。", "居民催单，请督促办理。"
A_DAY = timedelta(days=1)


@pytest.fixture
async def follower(
    acting: As, people: People, town: Town, leak: dict[str, Any], session: AsyncSession
) -> Caller:
    """The neighbour, who has the same matter."""
    session.add(
        Follower(
            community_id=town.community.id,
            request_id=UUID(leak["id"]),
            person_id=people.neighbour.id,
        )
    )
    await session.commit()
    return acting(people.neighbour)


async def limits(session: AsyncSession, town: Town, *, most: int = 3, gap: int = 1440) -> None:
    policy = await policies.of(session, town.community.id)
    policy.urge_most, policy.urge_gap_minutes = most, gap
    await session.commit()


async def test_the_worker_is_told_and_who_is_above_them_the_second_time(
    resident: Caller, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    urged = await resident.take(leak, "urge", text="水漫到楼下了")
    await worker.catch_up()
    assert (urged["state"], urged["urges"]) == ("assigned", 1)
    assert letters.to(people.worker)[-1] == HURRY
    assert letters.last_to(people.worker)["说明"] == "水漫到楼下了"
    assert WATCH not in letters.to(people.leader)

    shift(A_DAY)
    await resident.take(leak, "urge")
    await worker.catch_up()
    assert letters.to(people.worker).count(HURRY) == 2
    assert letters.to(people.leader).count(WATCH) == 1
    seen = [entry["text"] for entry in await resident.timeline(leak)]
    assert seen[-2:] == ["居民催单 水漫到楼下了", "居民催单"]


async def test_where_nobody_has_it_yet_those_above_are_told_at_once(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    await a_kind(acting(people.manager), dispatch="hand")
    resident = acting(people.resident)
    matter = await a_matter(resident, town)
    await worker.catch_up()
    await resident.take(matter, "urge")
    await worker.catch_up()
    assert letters.to(people.leader)[-1] == WATCH
    assert HURRY not in letters.to(people.worker)


async def test_one_urges_as_often_as_the_policy_says(
    resident: Caller, leak: dict[str, Any], session: AsyncSession, town: Town
) -> None:
    await limits(session, town, most=2, gap=60)
    assert (await resident.step(leak, "urge")).status_code == 200
    shift(timedelta(minutes=59))
    soon = await resident.step(leak, "urge")
    assert (soon.status_code, soon.json()["type"]) == (429, "/problems/urged-too-often")
    shift(timedelta(minutes=61))
    assert (await resident.step(leak, "urge")).status_code == 200
    shift(timedelta(days=30))
    assert (await resident.step(leak, "urge")).status_code == 429
    assert (await resident.read(leak))["urges"] == 2


async def test_each_who_waits_for_it_counts_for_themselves(
    resident: Caller,
    follower: Caller,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
    session: AsyncSession,
) -> None:
    path = f"/service-requests/followed/{leak['number']}/urges"
    await resident.take(leak, "urge")
    urged = await follower.post(path, {"text": "我家天花板也湿了"})
    await worker.catch_up()

    assert (urged.status_code, urged.json()["number"]) == (201, leak["number"])
    assert letters.to(people.leader).count(WATCH) == 1
    assert (await follower.post(path, {})).json()["type"] == "/problems/urged-too-often"
    urges = await session.scalars(select(Urge).order_by(Urge.id))
    counted = [(urge.person_id, urge.nth) for urge in urges]
    assert counted == [(people.resident.id, 1), (people.neighbour.id, 1)]


async def test_what_a_neighbour_says_is_for_staff(
    resident: Caller, follower: Caller, acting: As, people: People, leak: dict[str, Any]
) -> None:
    path = f"/service-requests/followed/{leak['number']}/urges"
    assert (await follower.post(path, {"text": "我家也湿了"})).status_code == 201
    shown = (await resident.timeline(leak))[-1]
    assert (shown["text"], shown["by"]) == ("居民催单", {"name": None, "role": "居民"})
    shown = (await acting(people.worker).timeline(leak))[-1]
    assert (shown["text"], shown["by"]["name"]) == ("居民催单 我家也湿了", "赵敏")


async def test_who_does_not_wait_for_it_does_not_urge(
    acting: As, people: People, leak: dict[str, Any]
) -> None:
    for who, status in (("neighbour", 404), ("worker", 403), ("manager", 403)):
        assert (await acting(getattr(people, who)).step(leak, "urge")).status_code == status, who
    stranger = acting(people.neighbour)
    path = f"/service-requests/followed/{leak['number']}/urges"
    assert (await stranger.post(path, {})).status_code == 404
    assert (await stranger.post("/service-requests/followed/999/urges", {})).status_code == 404
    assert (await stranger.post("/service-requests/followed/0/urges", {})).status_code == 422


async def test_what_is_done_is_not_urged(
    resident: Caller, follower: Caller, acting: As, people: People, leak: dict[str, Any]
) -> None:
    await acting(people.worker).take(leak, "complete", note="好了")
    assert (await resident.step(leak, "urge")).json()["type"] == "/problems/step-not-offered"
    path = f"/service-requests/followed/{leak['number']}/urges"
    assert (await follower.post(path, {})).json()["type"] == "/problems/step-not-offered"


async def test_what_waits_may_be_urged(
    resident: Caller, acting: As, people: People, leak: dict[str, Any]
) -> None:
    await acting(people.worker).take(leak, "suspend", reason="等配件")
    assert (await resident.take(leak, "urge"))["urges"] == 1


async def test_who_reported_anonymously_urges_anonymously(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    letters: Letterbox,
) -> None:
    resident = acting(people.resident)
    asked = {"category": "falling_objects", "summary": "有人扔花盆", "anonymous": True}
    filed = await resident.ask(place_id=str(town.home.id), **asked)
    await worker.catch_up()
    await resident.take(filed, "urge", text="又扔了")
    await worker.catch_up()
    urged = select(Fact).where(Fact.kind == "service_request.urged")
    fact = (await session.scalars(urged)).one()
    assert (fact.actor_kind, fact.actor_id) == ("anonymous", None)
    assert "李桂兰" not in str(letters.last_to(people.worker))


async def test_whose_anonymous_report_was_merged_stays_unknown_too(
    follower: Caller, acting: As, people: People, leak: dict[str, Any], session: AsyncSession
) -> None:
    await session.execute(update(Follower).values(hidden=True))
    await session.commit()
    path = f"/service-requests/followed/{leak['number']}/urges"
    assert (await follower.post(path, {})).status_code == 201
    assert "赵敏" not in str(await acting(people.manager).timeline(leak))


async def test_when_two_prove_to_be_one_person_their_urges_are_counted_together(
    resident: Caller,
    follower: Caller,
    people: People,
    town: Town,
    leak: dict[str, Any],
    worker: Worker,
    *,
    session: AsyncSession,
) -> None:
    await limits(session, town, most=2, gap=1)
    await resident.take(leak, "urge")
    path = f"/service-requests/followed/{leak['number']}/urges"
    assert (await follower.post(path, {})).status_code == 201

    merged = PeopleMerged(kept_id=people.resident.id, gone_id=people.neighbour.id)
    await record(session, merged, by=system(town.community.id))
    await session.commit()
    await worker.catch_up()

    urges = await session.scalars(select(Urge).order_by(Urge.nth))
    assert [(each.person_id, each.nth) for each in urges] == [
        (people.resident.id, 1),
        (people.resident.id, 2),
    ]
    shift(A_DAY)
    assert (await resident.step(leak, "urge")).status_code == 429


async def test_of_eight_at_once_one_counts(
    people: People, town: Town, leak: dict[str, Any], sessions: Sessions
) -> None:
    """On connections of their own, each of which saw none before it began."""
    by = Actor(town.community.id, "person", people.resident.id)
    key = (town.community.id, UUID(leak["id"]))
    ready, seen = asyncio.Event(), []

    async def urge() -> str:
        try:
            async with sessions.begin() as session:
                request = await session.get_one(ServiceRequest, key)
                seen.append(request.id)
                if len(seen) == 8:
                    ready.set()
                await ready.wait()
                await workflow.take(session, request, "urge", {}, by=by)
        except Problem as problem:
            return problem.type()
        return "done"

    answers = Counter(await asyncio.gather(*(urge() for _ in range(8))))

    assert answers == {"done": 1, "/problems/urged-too-often": 7}
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Urge)) == 1
        urged = select(func.count()).where(Fact.kind == "service_request.urged")
        assert await session.scalar(urged) == 1


async def test_the_database_itself_refuses_a_second_first_urge(
    people: People, town: Town, leak: dict[str, Any], sessions: Sessions
) -> None:
    row = {
        "community": town.community.id,
        "request": UUID(leak["id"]),
        "person": people.resident.id,
    }
    insert = text(
        "INSERT INTO request_urges (community_id, id, request_id, person_id, nth, at)"
        " VALUES (:community, gen_random_uuid(), :request, :person, 1, now())"
        " ON CONFLICT (community_id, request_id, person_id, nth) DO NOTHING RETURNING nth"
    )
    async with sessions.begin() as session:
        assert (await session.scalars(insert, row)).all() == [1]
        assert (await session.scalars(insert, row)).all() == []
