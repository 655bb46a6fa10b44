import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.people.models import Person, Role, Speciality
from app.service_requests.events import RequestFiled
from app.service_requests.models import Dispatch, ServiceRequest
from app.service_requests.reactions.routes import route
from tests.conftest import Worker
from tests.locks import somebody_waits
from tests.organizations.builders import a_member, an_organization
from tests.service_requests.builders import Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.dispatching import a_way


@pytest.fixture
async def both(session: AsyncSession, town: Town, people: People) -> list[Person]:
    """The worker of the grid and a colleague, who take turns with leaks."""
    colleague = await a_person(
        session, town, "钱伟", Role.GRID_WORKER, at="/A1/G1/", speciality=Speciality.PROPERTY
    )
    await a_way(session, town, Dispatch.TURNS)
    return [people.worker, colleague]


async def ask(acting: As, people: People, town: Town) -> dict[str, Any]:
    return await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")


async def asked(acting: As, people: People, town: Town, worker: Worker) -> str:
    """The name of whoever a new leak went to."""
    leak = await ask(acting, people, town)
    await worker.catch_up()
    name: str = (await acting(people.manager).read(leak))["assignee"]["name"]
    return name


async def test_they_take_turns_and_who_never_had_one_comes_first(
    acting: As, people: People, town: Town, worker: Worker, both: list[Person]
) -> None:
    names = [await asked(acting, people, town, worker) for _ in range(4)]
    assert names[:2] in (["王强", "钱伟"], ["钱伟", "王强"])
    assert names[2:] == names[:2]


async def test_turns_do_not_ask_who_has_the_least_to_do(
    acting: As, people: People, town: Town, worker: Worker, both: list[Person], *, session: Any
) -> None:
    first = await asked(acting, people, town, worker)
    second = await asked(acting, people, town, worker)
    long_ago = update(ServiceRequest).where(ServiceRequest.number == 1002)
    await session.execute(long_ago.values(assigned_at=now() - timedelta(days=9)))
    await session.commit()
    assert await asked(acting, people, town, worker) == second
    assert await asked(acting, people, town, worker) == first


async def test_the_people_of_an_organisation_take_turns_and_its_head_only_without_them(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession
) -> None:
    firm = await an_organization(session, town)
    await a_member(session, town, firm, "吴经理", head=True)
    await a_way(session, town, Dispatch.TURNS, by=firm)
    assert await asked(acting, people, town, worker) == "吴经理"
    for name in ("吴师傅", "郑师傅"):
        await a_member(session, town, firm, name)
    await session.commit()
    names = [await asked(acting, people, town, worker) for _ in range(4)]
    assert set(names[:2]) == {"吴师傅", "郑师傅"}
    assert names[2:] == names[:2]


async def test_two_at_once_do_not_get_the_same_one(
    acting: As, people: People, town: Town, both: list[Person], sessions: Sessions
) -> None:
    leaks = [await ask(acting, people, town) for _ in range(2)]
    events = [RequestFiled(request_id=UUID(leak["id"])) for leak in leaks]

    async def route_second() -> None:
        async with sessions.begin() as session:
            await route(session, events[1], town.community.id)

    async with sessions.begin() as session:
        await route(session, events[0], town.community.id)
        second = asyncio.create_task(route_second())
        await somebody_waits(sessions)
    await second

    manager = acting(people.manager)
    names = [(await manager.read(leak))["assignee"]["name"] for leak in leaks]
    assert sorted(names) == sorted(person.name or "" for person in both)
