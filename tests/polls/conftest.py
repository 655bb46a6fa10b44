"""A community with two areas and a home in each, and callers of its service."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person, Role
from tests.people.builders import Caller, a_worker
from tests.people.conftest import As, Town, acting, elsewhere, town

__all__ = ["acting", "elsewhere", "town"]


@pytest.fixture
async def clerks(session: AsyncSession, town: Town) -> list[Person]:
    """Three who may enter votes on paper."""
    return [await a_worker(session, town.root, Role.STAFF) for _ in range(3)]


@pytest.fixture
async def first(acting: As, clerks: list[Person]) -> Caller:
    return await acting(clerks[0])


@pytest.fixture
async def second(acting: As, clerks: list[Person]) -> Caller:
    return await acting(clerks[1])
