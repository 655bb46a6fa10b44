"""A platform to call, and an account to call it for."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import http
from app.core.settings import settings
from app.wechat.models import Account
from tests.wechat.builders import Platform, a_platform, an_account


@pytest.fixture
async def platform(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    """What `PALM_WECHAT_API` leads to."""
    async with a_platform() as platform:
        monkeypatch.setenv("PALM_WECHAT_API", f"{platform.address}/")
        settings.cache_clear()
        yield platform
        await http.close()


@pytest.fixture
async def account(session: AsyncSession) -> Account:
    return await an_account(session)
