"""The town of the topics: its people live where they say, and staff are told by letter."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person
from tests.conftest import Worker
from tests.people.builders import a_residence
from tests.service_requests.builders import Town, a_person
from tests.service_requests.conftest import As, People, acting, letters, town
from tests.service_requests.conftest import people as _people

__all__ = ["acting", "letters", "town"]

people = _people
Topics = Callable[..., Awaitable[dict[str, Any]]]
Neighbours = Callable[[int], Awaitable[list[Person]]]


@pytest.fixture(autouse=True)
async def homes(session: AsyncSession, town: Town, people: People) -> None:
    """Resident and neighbour live in the third building of the first grid."""
    await a_residence(session, people.resident, town.home)
    await a_residence(session, people.neighbour, town.places["/A1/G1/3/2/601/"])
    await session.commit()


@pytest.fixture
async def far(session: AsyncSession, town: Town, homes: None) -> Person:
    """Somebody of the other grid."""
    person = await a_person(session, town, "钱七")
    await a_residence(session, person, town.places["/A1/G2/9/1/101/"])
    await session.commit()
    return person


@pytest.fixture
def neighbours(session: AsyncSession, town: Town, homes: None) -> Neighbours:
    """So many more people who live in the first grid."""

    async def add(count: int) -> list[Person]:
        made = []
        for number in range(count):
            person = await a_person(session, town, f"邻{number}")
            await a_residence(session, person, town.home)
            made.append(person)
        await session.commit()
        return made

    return add


@pytest.fixture
def topic(acting: As, people: People, town: Town, homes: None) -> Topics:
    """Raises a topic of the first grid, as its resident if nobody else is named."""

    async def add(by: Person | None = None, **differently: Any) -> dict[str, Any]:
        asked = {
            "place_id": str(town.places["/A1/G1/"].id),
            "title": "楼下装充电桩",
            "body": "电动车没有地方充电",
        } | differently
        answer = await acting(by or people.resident).post("/topics", asked)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return add


@pytest.fixture
def discussed(acting: As, people: People, topic: Topics) -> Topics:
    """The same, taken up by the manager."""

    async def add(**differently: Any) -> dict[str, Any]:
        made = await topic(**differently)
        answer = await acting(people.manager).post(f"/topics/{made['id']}/discussion")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return add


@pytest.fixture
def resolved(acting: As, people: People, discussed: Topics) -> Topics:
    """The same, with a resolution."""

    async def add(**differently: Any) -> dict[str, Any]:
        made = await discussed(**differently)
        path = f"/topics/{made['id']}/resolution"
        answer = await acting(people.manager).post(path, {"text": "在**车棚**装六个"})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return add


@pytest.fixture
async def told(worker: Worker, letters: Any) -> Callable[[Person], Awaitable[list[str]]]:
    """What somebody was told, once all work is done."""

    async def titles(person: Person) -> list[str]:
        await worker.catch_up()
        found: list[str] = letters.to(person)
        return found

    return titles
