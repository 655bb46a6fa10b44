"""A community with two areas and a home in each, and callers of its service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Client, Person
from app.places.models import Kind, Place
from tests.conftest import Client as Http
from tests.people.builders import Caller, token_of
from tests.places.builders import a_community, a_home, a_place

As = Callable[[Person | Client], Awaitable[Caller]]


@dataclass(frozen=True)
class Town:
    """`home` is /A1/G1/3/2/502/, `far_home` is /A2/9/1/101/."""

    root: Place
    area: Place
    grid: Place
    home: Place
    far_area: Place
    far_home: Place


async def a_town(session: AsyncSession, slug: str = "") -> Town:
    root = await a_community(session, slug)
    area = await a_place(session, root, Kind.AREA, "A1")
    grid = await a_place(session, area, Kind.GRID, "G1")
    far_area = await a_place(session, root, Kind.AREA, "A2")
    return Town(
        root=root,
        area=area,
        grid=grid,
        home=await a_home(session, grid, "3-2-502"),
        far_area=far_area,
        far_home=await a_home(session, far_area, "9-1-101"),
    )


@pytest.fixture
async def town(session: AsyncSession) -> Town:
    made = await a_town(session, "yiyi")
    await session.commit()
    return made


@pytest.fixture
async def elsewhere(session: AsyncSession) -> Town:
    """Another community, laid out the same."""
    made = await a_town(session, "erer")
    await session.commit()
    return made


@pytest.fixture
def acting(session: AsyncSession, client: Http) -> As:
    """Call as somebody; what the test wrote before is committed."""

    async def call(somebody: Person | Client) -> Caller:
        token = token_of(session, somebody)
        await session.commit()
        return Caller(client, token)

    return call
