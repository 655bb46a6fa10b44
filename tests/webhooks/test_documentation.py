"""The receiver of the documentation is one: it takes what is ours, once, and nothing else."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.core.clock import now
from app.core.settings import settings
from app.core.webhook_signing import keys_of, new_secret, signed
from app.webhooks.models import MessageState
from tests.webhooks.conftest import Course, Rings, Subscribes

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
PATIENCE_SECONDS = 30


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def _running(secret: str, port: int) -> AsyncIterator[asyncio.StreamReader]:
    """The program of the page, listening; what it prints."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        env={**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            break
    assert process.stdout
    yield process.stdout
    process.kill()
    await process.wait()


async def test_the_receiver_of_the_page_takes_a_message(
    subscribes: Subscribes, rings: Rings, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = _free_port()
    monkeypatch.setenv("PALM_OUTBOUND_PORTS", str(port))
    settings.cache_clear()
    subscription = await subscribes(url=f"http://127.0.0.1:{port}/")
    async with _running(subscription.secret, port) as printed:
        bell_id = await rings()
        await course.run()
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = (await printed.readline()).decode()

    assert line.startswith("test_hook.bell.rung")
    assert bell_id in line
    assert [message.state for message in await course.messages()] == [MessageState.DELIVERED]


async def test_the_receiver_of_the_page_refuses_what_is_forged_and_skips_what_it_knows() -> None:
    secret, port, body = new_secret(), _free_port(), b'{"type": "x", "data": {}}'
    async with _running(secret, port) as printed, httpx.AsyncClient(trust_env=False) as caller:

        async def send(by: str, message_id: str, **forged: str) -> int:
            headers = {**signed(keys_of([by]), message_id, now(), body), **forged}
            answer = await caller.post(f"http://127.0.0.1:{port}/", content=body, headers=headers)
            return answer.status_code

        assert await send(new_secret(), "a") == 401
        assert await send(secret, "a", **{"webhook-signature": "v1"}) == 401
        assert await send(secret, "a", **{"webhook-timestamp": "nan"}) == 401
        assert [await send(secret, "a"), await send(secret, "a")] == [204, 204]
        assert await send(secret, "b") == 204
        lines = [await printed.readline() for _ in range(2)]

    assert lines == [b"x {}\n", b"x {}\n"]
