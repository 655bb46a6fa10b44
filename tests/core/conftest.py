"""A community that files belong to."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.places.models import Community


@pytest.fixture
async def community(session: AsyncSession) -> Community:
    community = Community(slug="yiyi", name="伊伊小区", town="ZJ镇")
    session.add(community)
    await session.commit()
    return community
