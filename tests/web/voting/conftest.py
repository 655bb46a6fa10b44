"""The service on a socket, for browsers that run scripts."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine

from app.main import create_app

_PATIENCE_SECONDS = 30


@pytest.fixture
async def address(engine: AsyncEngine) -> AsyncIterator[str]:
    """Where a browser finds the service."""
    web = create_app(engine)
    door = socket.socket(proto=socket.IPPROTO_TCP)
    door.bind(("127.0.0.1", 0))
    config = uvicorn.Config(web, lifespan="off", ws="none", log_level="critical")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not server.started:  # noqa: ASYNC110 - it says so nowhere else
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    await serving
    await web.state.desk.close()
    await web.state.hooks.close()
