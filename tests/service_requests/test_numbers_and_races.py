import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.access import system
from app.service_requests import workflow
from app.service_requests.models import ServiceRequest
from tests.conftest import Worker
from tests.service_requests.builders import Town, a_person, a_town
from tests.service_requests.conftest import As, People


async def test_fifty_at_once_get_fifty_numbers_without_a_gap(
    acting: As, people: People, town: Town
) -> None:
    resident = acting(people.resident)
    asked = {"place_id": str(town.home.id), "summary": "停电了"}
    filed = await asyncio.gather(*(resident.ask(**asked) for _ in range(50)))
    assert sorted(request["number"] for request in filed) == list(range(1001, 1051))


async def test_each_community_counts_for_itself(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    other = await a_town(session, "sunset")
    someone = await a_person(session, other, "何人")
    town.tokens |= other.tokens
    await session.commit()
    here = await acting(people.resident).ask(place_id=str(town.home.id), summary="停电了")
    there = await acting(someone).ask(place_id=str(other.home.id), summary="停电了")
    assert here["number"] == there["number"] == 1001


async def test_a_refused_request_uses_up_no_number(acting: As, people: People, town: Town) -> None:
    resident = acting(people.resident)
    asked = {"place_id": str(town.home.id), "summary": "漏水", "anonymous": True}
    refused = await resident.post("/service-requests", {"category": "water_leak", **asked})
    assert refused.json()["type"] == "/problems/anonymity-not-offered"
    filed = await resident.ask(place_id=str(town.home.id), summary="停电了")
    assert filed["number"] == 1001


async def test_of_two_who_take_the_same_step_one_wins(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="漏水")
    both = (acting(people.worker), acting(people.manager))

    answers = await asyncio.gather(*(each.step(leak, "accept") for each in both))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert lost.json()["type"] == "/problems/step-not-offered"
    accepted = select(Fact).where(Fact.kind == "service_request.accepted")
    assert len((await session.scalars(accepted)).all()) == 1


async def test_nine_ratings_at_once_are_one(
    acting: As, people: People, town: Town, worker: Worker
) -> None:
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="漏水")
    await worker.catch_up()
    await acting(people.worker).take(leak, "complete", note="好了")
    resident = acting(people.resident)

    answers = await asyncio.gather(
        *(resident.step(leak, "rate", score=n % 5 + 1) for n in range(10))
    )

    assert [answer.status_code for answer in answers].count(200) == 1
    lost = {answer.json()["type"] for answer in answers if answer.status_code != 200}
    assert lost == {"/problems/already-rated"}


async def test_who_read_an_older_version_is_told_so(
    acting: As, people: People, town: Town, worker: Worker
) -> None:
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="漏水")
    manager = acting(people.manager)
    path = f"/service-requests/{leak['id']}"
    read = (await manager.get(path)).headers["ETag"]
    await worker.catch_up()
    fresh = (await manager.get(path)).headers["ETag"]
    reject = {"reason": "不归我们", "channel": "12345"}

    late = await manager.post(f"{path}/steps/reject", reject, headers={"If-Match": read})
    in_time = await manager.post(f"{path}/steps/reject", reject, headers={"If-Match": fresh})

    assert (late.status_code, late.json()["type"]) == (412, "/problems/changed")
    assert in_time.status_code == 200
    assert in_time.headers["ETag"] not in (read, fresh)


async def test_of_two_who_read_the_same_version_one_wins(
    acting: As, people: People, town: Town, worker: Worker
) -> None:
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="漏水")
    await worker.catch_up()
    managers = (acting(people.manager), acting(people.leader))
    path = f"/service-requests/{leak['id']}"
    read = {"If-Match": (await managers[0].get(path)).headers["ETag"]}
    to = (people.manager, people.leader)

    answers = await asyncio.gather(
        *(
            who.post(f"{path}/steps/assign", {"worker_id": str(whom.id)}, headers=read)
            for who, whom in zip(managers, to, strict=True)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_step_that_fails_half_way_leaves_nothing_behind(
    acting: As, people: People, town: Town, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for a caller that goes on after the error, in the same transaction."""
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="漏水")

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(workflow, "record", broken)
    key = (town.community.id, UUID(leak["id"]))
    request = await session.get_one(ServiceRequest, key)
    with pytest.raises(RuntimeError):
        await workflow.take(session, request, "accept", {}, by=system(town.community.id))
    await session.commit()

    after = await session.get_one(ServiceRequest, key, populate_existing=True)
    assert (after.state, after.accepted_at, after.version) == ("submitted", None, 1)
