"""The town of the notices, with a site and a board to publish on."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.notices import outlets
from app.notices.channels import channels
from tests.notices.builders import hushed
from tests.notices.conftest import post
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People, acting, people, town

__all__ = ["acting", "people", "post", "town"]


@pytest.fixture
async def manager(acting: As, people: People, town: Town, session: AsyncSession) -> Caller:
    """Somebody who publishes on the site and the board."""
    channels.load()
    await outlets.open_first(session, town.community.id)
    await hushed(session, town)
    return acting(people.manager)
