"""A group of the first grid's third building, and who listens."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.groups.models import Group
from app.opinion import listening
from app.opinion.jobs import listen_to_all
from tests.groups.builders import a_message
from tests.groups.conftest import acting, bot, group, letters, people, town
from tests.service_requests.conftest import As, People

__all__ = ["acting", "bot", "group", "letters", "people", "town"]


class Talk:
    """What is said in the group, and gone through once it has settled."""

    def __init__(self, session: AsyncSession, sessions: Sessions, group: Group) -> None:
        self.session, self.sessions, self.group = session, sessions, group

    async def say(
        self, *texts: str, ago: timedelta = listening.SETTLED * 2, group: Group | None = None
    ) -> None:
        for text in texts:
            await a_message(self.session, group or self.group, text, at=now() - ago)
        await self.session.commit()

    async def listen(self) -> None:
        await listen_to_all(self.sessions)


@pytest.fixture
def talk(session: AsyncSession, sessions: Sessions, group: Group) -> Talk:
    return Talk(session, sessions, group)


@pytest.fixture
async def watch(acting: As, people: People, town: Any) -> Any:
    """Adds a watch over the whole community, or somewhere else."""

    async def add(written: str, **differently: Any) -> dict[str, Any]:
        asked = {"place_id": str(town.places["/"].id), "written": written} | differently
        answer = await acting(people.manager).post("/opinion/watches", asked)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return add
