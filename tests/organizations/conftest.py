"""The town of the service requests, and an organisation in it."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations.models import Organization
from tests.organizations.builders import an_organization
from tests.service_requests.builders import Town
from tests.service_requests.conftest import acting, letters, people, town

__all__ = ["acting", "letters", "organization", "people", "town"]


@pytest.fixture
async def organization(session: AsyncSession, town: Town) -> Organization:
    """A property company at work in the first area."""
    made = await an_organization(session, town)
    await session.commit()
    return made
