"""The programs of the handbook, run as they stand, against the real door and the real sender."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import http
from app.core.settings import settings
from app.groups.models import GroupMessage
from app.groups.platforms import Address, Words
from tests.chat.builders import Street
from tests.chat.conftest import street
from tests.chat.groups.builders import a_bot, a_group
from tests.groups.platforms.calls import KEYS, platform
from tests.serving import address

__all__ = ["address", "street"]

HANDBOOK = Path(__file__).parents[3] / "docs" / "bots.md"
SECRET = KEYS["signed"]["secret"]
SECONDS = 30


def program(number: int, folder: Path) -> Path:
    found = re.findall(r"```python\n(.*?)```", HANDBOOK.read_text(), re.DOTALL)
    written = folder / f"bot{number}.py"
    written.write_text(found[number])
    return written


@pytest.fixture
async def hook(address: str, session: AsyncSession, street: Street) -> str:
    """The door of a bot that speaks in the form `signed`, on a real socket."""
    bot = await a_bot(session, street, "lobby", "signed")
    bot.keys = json.dumps({"secret": SECRET})
    await a_group(session, street, bot, external_id="building-3")
    return f"{address}/hooks/lobby"


def test_the_bot_that_speaks_has_about_twenty_lines(tmp_path: Path) -> None:
    lines = program(0, tmp_path).read_text().splitlines()

    assert len([line for line in lines if line.strip()]) <= 20


async def test_the_bot_that_speaks_is_heard_and_answered(
    hook: str, session: AsyncSession, tmp_path: Path
) -> None:
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program(0, tmp_path)),
        hook,
        SECRET,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(SECONDS):
        out, err = await bot.communicate("帮助\n".encode())

    assert bot.returncode == 0, err.decode()
    assert "报修" in out.decode()
    kept = (await session.scalars(select(GroupMessage))).one()
    assert (kept.sender_id, kept.sender_name, kept.text) == ("u-20001", "王秀英", "帮助")
    assert kept.reply == out.decode().strip()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("PALM_OUTBOUND_ALLOW", "127.0.0.0/8")
    monkeypatch.setenv("PALM_OUTBOUND_PORTS", str(port))
    settings.cache_clear()
    yield port
    settings.cache_clear()


async def up(port: int) -> None:
    """Wait until somebody listens there."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def test_the_bot_that_listens_believes_us_and_says_each_message_once(
    port: int, tmp_path: Path
) -> None:
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program(1, tmp_path)),
        str(port),
        SECRET,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        await up(port)
        to = Address(group_id="building-3", api=f"http://127.0.0.1:{port}/", keys=KEYS["signed"])
        words = Words(text="周六停水", dedupe="d-1")

        first = await platform("signed").send(to, words)
        second = await platform("signed").send(to, words)
        await platform("signed").send(to, Words(text="周日来水", dedupe="d-2"))

        assert first == second
    finally:
        await http.close()
        bot.terminate()
        out, _ = await bot.communicate()
    assert out.decode().splitlines() == ["building-3 周六停水", "building-3 周日来水"]
