"""A server to call."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.core import http
from tests.core.http.listener import Listener


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    yield listener
    await http.close()
    server.close()
