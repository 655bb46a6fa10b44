"""The group of 3栋 in the street, and its bot on OneBot 11."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.groups.models import Binding, Bot, Group
from app.groups.platforms import platforms
from app.groups.platforms.onebot11 import OneBot11
from tests.chat.builders import Phone, Street
from tests.chat.groups.builders import Chat, Loopback, a_bot, a_group
from tests.conftest import Client


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the platform wait for an answer on a busy machine, too."""
    monkeypatch.setattr(OneBot11, "limits", replace(OneBot11.limits, patience=60.0))


@pytest.fixture
async def bot(session: AsyncSession, street: Street) -> Bot:
    return await a_bot(session, street)


@pytest.fixture
async def group(session: AsyncSession, street: Street, bot: Bot) -> Group:
    return await a_group(session, street, bot)


@pytest.fixture
async def chat(client: Client, group: Group) -> Chat:
    """What is said in the group reaches us by this."""
    return Chat(client)


@pytest.fixture
async def loopback(session: AsyncSession, street: Street) -> AsyncIterator[Loopback]:
    """A platform of the test's own, with a bot `echo` in a group of the same name as the other."""
    platform = Loopback()
    platforms.add("loopback", platform)
    await a_group(session, street, await a_bot(session, street, "echo", "loopback"))
    yield platform
    platforms.remove("loopback")


@pytest.fixture
async def bound(session: AsyncSession, bot: Bot, resident: Phone) -> Phone:
    """李桂兰, who is 王秀英 (20001) in the group."""
    session.add(
        Binding(
            community_id=bot.community_id,
            id=new_id(),
            bot_id=bot.id,
            sender_id="20001",
            person_id=resident.person_id,
        )
    )
    await session.commit()
    return resident
