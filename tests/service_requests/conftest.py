"""The town of these tests, its people, and what they are told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.notices.channels import channels
from app.people.models import Client, Person, Role, Speciality
from tests.conftest import Client as Http
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Letterbox, Town, a_person, a_town

As = Callable[[Person | Client], Caller]


@dataclass
class People:
    """Who lives and works in the first grid, where not said otherwise."""

    resident: Person
    neighbour: Person
    worker: Person
    elsewhere: Person
    leader: Person
    manager: Person


@pytest.fixture
async def town(session: AsyncSession) -> Town:
    made = await a_town(session)
    await session.commit()
    return made


@pytest.fixture
async def people(session: AsyncSession, town: Town) -> People:
    made = People(
        resident=await a_person(session, town, "李桂兰"),
        neighbour=await a_person(session, town, "赵敏"),
        worker=await a_person(
            session, town, "王强", Role.GRID_WORKER, at="/A1/G1/", speciality=Speciality.PROPERTY
        ),
        elsewhere=await a_person(session, town, "孙磊", Role.GRID_WORKER, at="/A1/G2/"),
        leader=await a_person(session, town, "陈书记", Role.LEADER, at="/A1/"),
        manager=await a_person(session, town, "周主任", Role.MANAGER),
    )
    await session.commit()
    return made


@pytest.fixture
def acting(client: Http, town: Town) -> As:
    """Somebody of the town, at the door of the service."""
    return lambda somebody: Caller(client, town.tokens[somebody.id])


@pytest.fixture
def resident(acting: As, people: People) -> Caller:
    return acting(people.resident)


@pytest.fixture
def plumber(acting: As, people: People) -> Caller:
    """The worker of the grid."""
    return acting(people.worker)


@pytest.fixture
def manager(acting: As, people: People) -> Caller:
    return acting(people.manager)


@pytest.fixture
async def leak(acting: As, people: People, town: Town, worker: Worker) -> dict[str, Any]:
    """A leak that the worker of the grid was given."""
    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    return await acting(people.manager).read(filed)


@pytest.fixture
def letters() -> Iterator[Letterbox]:
    """What everybody is told, instead of by WeChat."""
    channels.load()
    others = list(channels)
    for name, _ in others:
        channels.remove(name)
    box = Letterbox()
    channels.add("letterbox", box)
    yield box
    channels.remove("letterbox")
    for name, channel in others:
        channels.add(name, channel)
