"""Merging while others work on the same requests: whoever comes second sees what the first did."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.facts import Fact
from app.people import access
from app.people.models import Person
from app.service_requests import merging, queries
from app.service_requests.models import ENDED, Clock, Follower, Remark, ServiceRequest
from tests.locks import somebody_waits
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People
from tests.service_requests.neighbours import a_lamp, a_neighbour

ROUNDS = 4


@pytest.fixture
async def sun(session: AsyncSession, town: Town, people: People) -> Person:
    return await a_neighbour(session, town, "孙大妈")


async def lamps(acting: As, people: People, town: Town, count: int) -> list[dict[str, Any]]:
    return [await a_lamp(acting(people.resident), town) for _ in range(count)]


async def course(session: AsyncSession, request: dict[str, Any]) -> list[str]:
    """What happened to a request, in the order in which it did."""
    rows = select(Fact.kind).where(Fact.subject_id == UUID(request["id"])).order_by(Fact.id)
    return [kind.removeprefix("service_request.") for kind in await session.scalars(rows)]


def statuses(answers: list[httpx.Response]) -> set[int]:
    return {answer.status_code for answer in answers}


async def test_of_two_who_merge_the_same_requests_into_each_other_one_wins(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    both = (acting(people.manager), acting(people.leader))
    for _ in range(ROUNDS):
        one, other = await lamps(acting, people, town, 2)
        ways = ((both[0], one, other), (both[1], other, one))
        answers = await asyncio.gather(
            *(
                who.post(f"/service-requests/{goes['id']}/merge", {"into_id": stays["id"]})
                for who, goes, stays in ways
                for _ in range(2)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 3
        rows = select(ServiceRequest.state).where(
            ServiceRequest.id.in_([UUID(one["id"]), UUID(other["id"])])
        )
        assert set(await session.scalars(rows)) == {"merged", "submitted"}


async def test_a_ring_of_merges_is_a_tree_in_the_end(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    ring = await lamps(acting, people, town, 5)
    manager = acting(people.manager)
    answers = await asyncio.gather(
        *(
            manager.post(f"/service-requests/{goes['id']}/merge", {"into_id": stays["id"]})
            for goes, stays in zip(ring, [*ring[1:], ring[0]], strict=True)
        )
    )
    assert statuses(answers) <= {200, 409}
    won = sum(answer.status_code == 200 for answer in answers)
    rows = (await session.scalars(select(ServiceRequest))).all()
    final = {row.id for row in rows if row.merged_into_id is None}
    assert len(final) == 5 - won >= 1
    assert all(row.merged_into_id in final for row in rows if row.merged_into_id)


async def test_a_community_merges_one_after_the_other(
    acting: As, people: People, town: Town, sessions: Sessions
) -> None:
    """Else what hangs together would grow while one waits for a part of it."""
    first, second, third, fourth = await lamps(acting, people, town, 4)
    async with sessions.begin() as session:
        request = await queries.whole(session, town.community.id, UUID(first["id"]))
        await merging.hold(session, request, UUID(second["id"]))
        into = {"into_id": fourth["id"]}
        path = f"/service-requests/{third['id']}/merge"
        other = asyncio.create_task(acting(people.manager).post(path, into))
        await somebody_waits(sessions)
    assert (await other).status_code == 200


async def test_no_step_is_taken_on_what_is_merged_and_no_word_is_lost(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager, leader, resident = (
        acting(people.manager),
        acting(people.leader),
        acting(people.resident),
    )
    for n in range(ROUNDS):
        goes, stays = await lamps(acting, people, town, 2)
        path = f"/service-requests/{goes['id']}"
        said = f"还是不亮{n}"
        merged, accepted, amended = await asyncio.gather(
            manager.post(f"{path}/merge", {"into_id": stays["id"]}),
            leader.post(f"{path}/steps/accept", {}),
            resident.post(f"{path}/remarks", {"text": said}),
        )
        assert merged.status_code == 200, merged.text
        happened = await course(session, goes)
        assert happened[-1] == "merged"
        assert (accepted.status_code == 200) == ("accepted" in happened), accepted.text
        assert (amended.status_code == 201) == ("amended" in happened), amended.text
        assert statuses([accepted, amended]) <= {200, 201, 409}
        request = await session.get_one(
            ServiceRequest, (town.community.id, UUID(goes["id"])), populate_existing=True
        )
        assert request.state == "merged"
        assert (request.accepted_at is not None) == ("accepted" in happened)
        kept = await session.scalars(select(Remark.id).where(Remark.text == said))
        assert len(kept.all()) == happened.count("amended")
        running = select(Clock).where(Clock.request_id == request.id, Clock.stopped_at.is_(None))
        assert (await session.scalars(running)).all() == []


async def test_nothing_is_merged_into_what_is_over(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager, leader = acting(people.manager), acting(people.leader)
    rejection = {"reason": "归供电局", "channel": "95598"}
    for _ in range(ROUNDS):
        goes, stays = await lamps(acting, people, town, 2)
        merged, rejected = await asyncio.gather(
            manager.post(f"/service-requests/{goes['id']}/merge", {"into_id": stays["id"]}),
            leader.post(f"/service-requests/{stays['id']}/steps/reject", rejection),
        )
        assert rejected.status_code == 200, rejected.text
        assert merged.status_code in (200, 409), merged.text
        happened = await course(session, stays)
        assert happened[-1] == "rejected", happened
        assert (merged.status_code == 200) == ("joined" in happened)


async def test_who_follows_what_is_just_being_merged_follows_nothing_that_is_over(
    acting: As, people: People, town: Town, sun: Person, sessions: Sessions
) -> None:
    goes, stays = await lamps(acting, people, town, 2)
    async with sessions.begin() as session:
        by = await access.person(session, town.community.id, people.manager.id)
        request = await queries.whole(session, town.community.id, UUID(goes["id"]))
        await merging.hold(session, request, UUID(stays["id"]))
        number = {"number": goes["number"]}
        tap = asyncio.create_task(acting(sun).post("/service-requests/followed", number))
        await somebody_waits(sessions)
        await merging.merge(session, request, into_id=UUID(stays["id"]), by=by)
    assert (await tap).status_code == 404
    async with sessions() as session:
        rows = select(Follower.request_id).where(Follower.person_id == sun.id)
        assert (await session.scalars(rows)).all() == []


async def test_only_what_goes_on_is_ever_merged_into(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    """All at once: into each other, into one, and over."""
    requests = await lamps(acting, people, town, 4)
    manager, leader = acting(people.manager), acting(people.leader)
    calls = [
        manager.post(f"/service-requests/{goes['id']}/merge", {"into_id": stays["id"]})
        for goes in requests
        for stays in requests[:2]
        if goes is not stays
    ]
    rejection = {"reason": "归供电局", "channel": "95598"}
    calls += [
        leader.post(f"/service-requests/{each['id']}/steps/reject", rejection)
        for each in requests[:2]
    ]
    answers = await asyncio.gather(*calls)
    assert statuses(answers) <= {200, 409}
    rows = {row.id: row for row in await session.scalars(select(ServiceRequest))}
    for row in rows.values():
        if row.merged_into_id:
            assert rows[row.merged_into_id].merged_into_id is None
        happened = await course(session, {"id": str(row.id)})
        over = [index for index, kind in enumerate(happened) if kind in ("merged", "rejected")]
        assert "joined" not in happened[over[0] :] if over else row.state not in ENDED
