"""The service on a socket of its own, for browsers and for programs of others."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.settings import settings
from app.main import create_app

_PATIENCE_SECONDS = 30


@pytest.fixture
async def address(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Where the service is found, which is the address it gives out itself."""
    door = socket.socket(proto=socket.IPPROTO_TCP)
    door.bind(("127.0.0.1", 0))
    here = f"http://127.0.0.1:{door.getsockname()[1]}"
    monkeypatch.setenv("PALM_PUBLIC_URL", here)
    settings.cache_clear()
    web = create_app(engine)
    config = uvicorn.Config(web, lifespan="off", ws="none", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not server.started:  # noqa: ASYNC110 - it says so nowhere else
            await asyncio.sleep(0.01)
    yield here
    server.should_exit = True
    await serving
    await web.state.desk.close()
    await web.state.hooks.close()
    await web.state.booth.close()
