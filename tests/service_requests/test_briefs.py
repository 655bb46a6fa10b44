from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.people.access import person
from app.service_requests import queries
from app.service_requests.models import State
from tests.conftest import Worker
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


async def test_the_latest_of_many_people_are_read_at_once(
    acting: As, people: People, town: Town, worker: Worker, engine: AsyncEngine
) -> None:
    resident, home = acting(people.resident), str(town.home.id)
    for n in range(6):
        await resident.ask(place_id=home, summary=f"水管漏水 {n}")
    await acting(people.neighbour).ask(place_id=home, summary="停电")
    await worker.catch_up()
    here = town.community.id
    keys = [
        (here, people.neighbour.id),
        (here, uuid4()),
        (here, people.resident.id),
        (uuid4(), people.resident.id),
        (here, people.neighbour.id),
    ]

    async with engine.connect() as connection:
        found = await queries.latest_of(connection, keys)
        nothing = await queries.latest_of(connection, [])

    assert [[brief.number for brief in each] for each in found] == [
        [1007],
        [],
        [1006, 1005, 1004, 1003, 1002],
        [],
        [1007],
    ]
    brief = found[0][0]
    assert (brief.category, brief.summary, brief.worker) == ("停电与电路", "停电", "王强")
    assert (brief.state, brief.score) == (State.ASSIGNED, None)
    assert (brief.due_at - brief.filed_at).total_seconds() == 24 * 3600
    assert nothing == []


async def test_a_number_is_found_by_who_may_see_the_request(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    await acting(people.resident).ask(place_id=str(town.home.id), summary="停电")
    for who, sees in ((people.resident, True), (people.neighbour, False), (people.worker, True)):
        me = await person(session, town.community.id, who.id)
        request = await session.scalar(queries.of_number(me, 1001))
        assert bool(request) is sees
