"""An address that a stranger gave is never called where it leads inside."""

import socket
from typing import Any

import pytest
from aiohttp.resolver import ThreadedResolver
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import http
from app.core.settings import settings
from tests.webhooks.conftest import Course, Rings, Subscribes
from tests.webhooks.receiver import Receiver


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
    ],
)
async def test_an_address_that_has_become_inner_is_refused_at_the_connection(
    session: AsyncSession,
    receiver: Receiver,
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    """The row holds it, as if it had been allowed once; its port is, so that the host decides."""
    subscription = await subscribes()
    subscription.url = f"http://{host}:{receiver.port}/hook"
    await session.commit()
    monkeypatch.setenv("PALM_OUTBOUND_ALLOW", "")
    settings.cache_clear()
    await rings()
    await course.run()

    assert receiver.connections == 0
    (message,) = await course.messages()
    assert message.answer == "address_refused"


@pytest.mark.parametrize("also", [[], ["93.184.216.34"]])
async def test_a_name_that_leads_inside_when_it_is_asked_again_sees_no_connection(
    session: AsyncSession,
    receiver: Receiver,
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    also: list[str],
) -> None:
    """It passed when it was given (its form is public); now one of its addresses is ours."""

    async def rebound(*_: Any) -> list[dict[str, Any]]:
        return [
            {
                "hostname": "hub.example",
                "host": address,
                "port": receiver.port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
            for address in [*also, "127.0.0.1"]
        ]

    monkeypatch.setenv("PALM_OUTBOUND_ALLOW", "")
    settings.cache_clear()
    monkeypatch.setattr(ThreadedResolver, "resolve", rebound)
    await subscribes(url=f"http://hub.example:{receiver.port}/hook")
    await rings()
    await course.run()
    assert receiver.connections == 0
    (message,) = await course.messages()
    assert message.answer == "address_refused"

    monkeypatch.setenv("PALM_OUTBOUND_ALLOW", "127.0.0.1/32")
    settings.cache_clear()
    await http.close()
    if not also:
        await course.later(seconds=6)
        assert receiver.connections == 1, "the name does lead here"


async def test_a_redirect_inside_is_not_followed(
    receivers: list[Receiver],
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
) -> None:
    head = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{receivers[1].port}/\r\n"
    receivers[0].usual = f"{head}Content-Length: 0\r\n\r\n".encode()
    await subscribes()
    await rings()
    await course.run()

    assert (receivers[0].connections, receivers[1].connections) == (1, 0)
