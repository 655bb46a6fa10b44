"""An outside that addresses given by staff may lead to."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.core import http
from app.core.settings import settings
from tests.groups.platforms.outside import Outside


@pytest.fixture
async def outside(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outside]:
    outside = Outside()
    server = await asyncio.start_server(outside.serve, "127.0.0.1", 0)
    outside.port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("PALM_OUTBOUND_ALLOW", "127.0.0.0/8")
    monkeypatch.setenv("PALM_OUTBOUND_PORTS", str(outside.port))
    settings.cache_clear()
    yield outside
    await http.close()
    server.close()
