"""A town with a street light that is public, and the programs of others that speak to it."""

from dataclasses import dataclass
from typing import Protocol

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Client, Person, Role
from tests.conftest import Client as Http
from tests.open311.city import City, opened
from tests.service_requests.builders import Town, a_client, a_person, a_town
from tests.service_requests.conftest import letters

__all__ = ["letters"]


class As(Protocol):
    """The service as another city's program reaches it, with its key or without one."""

    def __call__(self, program: Client | None = None) -> City: ...


@dataclass
class Programs:
    """A hotline of the whole town, a system that oversees it, one of the first grid."""

    hotline: Client
    overseer: Client
    grid: Client


@pytest.fixture
async def town(session: AsyncSession) -> Town:
    made = await a_town(session)
    await opened(session, made)
    await session.commit()
    return made


@pytest.fixture
async def programs(session: AsyncSession, town: Town) -> Programs:
    made = Programs(
        hotline=await a_client(session, town, Role.STAFF),
        overseer=await a_client(session, town, Role.MANAGER),
        grid=await a_client(session, town, Role.GRID_WORKER, "/A1/G1/"),
    )
    await session.commit()
    return made


@pytest.fixture
def city(client: Http, town: Town) -> As:
    return lambda program=None: City(client, program and town.tokens[program.id])


@pytest.fixture
async def grid_worker(session: AsyncSession, town: Town) -> Person:
    made = await a_person(session, town, "王强", Role.GRID_WORKER, at="/A1/G1/")
    await session.commit()
    return made
