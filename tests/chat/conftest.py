"""The street of these tests, and the phones of its people."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.database import Sessions
from app.core.plugins import load_each
from app.people.models import Role, Speciality
from tests.chat.builders import Phone, Street, a_phone, a_street

load_each("app", "models", "jobs", "reactions")

Phones = Callable[..., Awaitable[Phone]]


@pytest.fixture
async def street(session: AsyncSession) -> Street:
    return await a_street(session)


@pytest.fixture
def phone(engine: AsyncEngine, sessions: Sessions, street: Street) -> Phones:
    """Make the phone of somebody new."""

    async def make(name: str | None = None, **what: object) -> Phone:
        return await a_phone(engine, sessions, street, name, **what)  # type: ignore[arg-type]

    return make


@pytest.fixture
async def resident(phone: Phones, street: Street) -> Phone:
    """李桂兰, who lives in 3栋2单元502."""
    return await phone("李桂兰", home=street.home)


@pytest.fixture
async def newcomer(phone: Phones) -> Phone:
    """Somebody who only follows the account."""
    return await phone()


@pytest.fixture
async def worker_phone(phone: Phones) -> Phone:
    """王强, the grid worker who sees to what is broken."""
    return await phone("王强", role=Role.GRID_WORKER, at="/G1/", speciality=Speciality.PROPERTY)


@pytest.fixture
async def manager_phone(phone: Phones) -> Phone:
    """周主任, who manages the community."""
    return await phone("周主任", role=Role.MANAGER)
