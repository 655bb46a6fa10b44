"""The street, its people's phones, and the group of 3栋, where all that is said can be read."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.sending import Failed
from app.groups.models import Group
from app.groups.platforms import Address, Words, platforms
from tests.chat.builders import Street
from tests.chat.conftest import manager_phone, phone, resident, street
from tests.chat.groups.builders import a_bot, a_group

__all__ = ["manager_phone", "phone", "resident", "street"]


class Loud:
    """A platform that takes everything it is given, or fails as it is told to."""

    needs = ()
    dedupes = False

    def __init__(self) -> None:
        self.said: list[str] = []
        self.failures: list[Failed] = []

    async def send(self, _to: Address, words: Words) -> str | None:
        self.said.append(words.text)
        if self.failures:
            raise self.failures.pop()
        return None


@pytest.fixture
async def group(session: AsyncSession, street: Street) -> Group:
    """The neighbours of 3栋."""
    return await a_group(session, street, await a_bot(session, street))


@pytest.fixture
def loud(group: Group, monkeypatch: pytest.MonkeyPatch) -> Loud:
    """What is said in the groups."""
    assert group.id
    platform = Loud()
    monkeypatch.setattr(platforms, "get", lambda _name: platform)
    return platform
