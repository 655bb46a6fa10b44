"""The town of the service requests, a bot in it, and a group that it hears."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.groups.models import Bot, Group
from tests.groups.builders import a_bot, a_group
from tests.service_requests.builders import Town
from tests.service_requests.conftest import acting, letters, people, town

__all__ = ["acting", "bot", "group", "letters", "people", "town"]


@pytest.fixture
async def bot(session: AsyncSession, town: Town) -> Bot:
    """A bot of the community."""
    made = await a_bot(session, town)
    await session.commit()
    return made


@pytest.fixture
async def group(session: AsyncSession, town: Town, bot: Bot) -> Group:
    """The neighbours of a building, heard by the bot."""
    made = await a_group(session, town, bot)
    await session.commit()
    return made
