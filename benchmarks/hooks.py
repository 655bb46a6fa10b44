"""The hooks beside a bare Starlette route that verifies and reads the same call.

Both run as one process with uvicorn on the same machine, in turns, under the same generator; the
ratio is what counts, the machine being shared. What our side does besides: every message is
deduplicated, masked, made searchable and kept with its speaker before it is answered; a command
is answered from a transaction of its own. Aim: 2,000 messages a minute into one process.
"""

import asyncio
import hmac
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import worker
from app.cli.seed.community import Seeded, seed
from app.cli.seed.names import Invented
from app.core import database, migrations, postgres
from app.core.ids import new_id
from app.core.settings import settings
from app.groups.models import Bot, Group, GroupKind, GroupMessage, GroupState
from app.places.models import Place
from benchmarks.load import Measured, fire, print_row
from benchmarks.processes import Served, free_port, served

CONNECTIONS = 32
ROUNDS = 3
TALK = 4000
COMMANDS = 320
GROUPS = 40
SENDERS = 500
SECRET = "longjing"  # noqa: S105 - it keeps nothing
SELF = "10000"
SAID = "大家好，3栋2单元的电梯这周几点检修？有人知道吗，电话 138 1234 5678"
GOOD = {200, 204}

_ids = itertools.count(1)


def _report(group: int, sender: int, *words: Mapping[str, object]) -> bytes:
    """A whole HTTP request with a report of OneBot 11, signed."""
    report = {
        "time": int(time.time()),
        "self_id": int(SELF),
        "post_type": "message",
        "message_type": "group",
        "message_id": next(_ids),
        "group_id": group,
        "user_id": sender,
        "message": list(words),
        "sender": {"user_id": sender, "nickname": f"邻居{sender}"},
    }
    body = json.dumps(report, ensure_ascii=False).encode()
    signature = hmac.new(SECRET.encode(), body, "sha1").hexdigest()
    return (
        f"POST /hooks/{SELF} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Self-ID: {SELF}\r\nX-Signature: sha1={signature}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _text(said: str) -> dict[str, object]:
    return {"type": "text", "data": {"text": said}}


def _talk(count: int) -> list[bytes]:
    return [
        _report(90_000 + n % GROUPS, 20_000 + n % SENDERS, _text(f"{SAID}{n}"))
        for n in range(count)
    ]


def _commands(count: int, round_: int) -> list[bytes]:
    """Each of another sender: nobody may ask for everything."""
    at: Mapping[str, object] = {"type": "at", "data": {"qq": SELF}}
    return [
        _report(90_000 + n % GROUPS, 30_000 + round_ * count + n, at, _text(" 今日通知"))
        for n in range(count)
    ]


def _shares(requests: Sequence[bytes]) -> list[list[bytes]]:
    return [list(requests[index::CONNECTIONS]) for index in range(CONNECTIONS)]


class _Rounds:
    """Some rounds of one kind of message."""

    def __init__(self) -> None:
        self.measured: list[Measured] = []
        self.cpu_seconds = 0.0

    async def run(self, server: Served, requests: Sequence[bytes]) -> None:
        """Fire one round at a server."""
        before = server.cpu_seconds
        measured = await fire(server.port, _shares(requests))
        if set(measured.statuses) - GOOD:
            message = f"answered {measured.statuses}"
            raise RuntimeError(message)
        self.measured.append(measured)
        self.cpu_seconds += server.cpu_seconds - before

    @property
    def per_second(self) -> float:
        """The median of the rounds."""
        return statistics.median(one.per_second for one in self.measured)

    def cells(self, beside: "_Rounds | None") -> list[str]:
        """What a row says of them."""
        messages = sum(len(one.latencies) for one in self.measured)
        return [
            f"{self.per_second:,.0f}/s",
            f"{self.per_second / beside.per_second:.2f}" if beside else "",
            f"{statistics.median(one.percentile(0.5) for one in self.measured):.1f} ms",
            f"{statistics.median(one.percentile(0.99) for one in self.measured):.1f} ms",
            f"{self.cpu_seconds / messages * 1e6:.0f} µs",
        ]


async def _all(palm: Served, bare: Served, url: str) -> None:
    print_row("hooks", "messages", "× bare", "p50", "p99", "CPU each")
    kinds = {kind: _Rounds() for kind in ("bare", "talk", "talk again", "commands")}
    await fire(bare.port, _shares(_talk(500)))
    await fire(palm.port, _shares(_talk(500)))
    sent = 500
    for round_ in range(ROUNDS):
        talk, commands = _talk(TALK), _commands(COMMANDS, round_)
        await kinds["bare"].run(bare, talk)
        await kinds["talk"].run(palm, talk)
        await kinds["talk again"].run(palm, talk)
        await kinds["commands"].run(palm, commands)
        sent += len(talk) + len(commands)
    for kind, rounds in kinds.items():
        print_row(f"OneBot 11, {kind}", *rounds.cells(kinds["bare"] if kind != "bare" else None))
    print_row("kept of what was sent", f"{await _kept(url):,}", f"{sent:,}")
    print_row("memory of the process", f"{palm.megabytes:.0f} MB")


async def _kept(url: str) -> int:
    engine = database.connect(url)
    async with database.sessions_of(engine)() as session:
        kept = await session.scalar(select(func.count(GroupMessage.id))) or 0
    await engine.dispose()
    return kept


async def _build(session: AsyncSession) -> None:
    """A community with a bot that is in many groups."""
    seeded: Seeded = await seed(session, Invented(20))
    community_id = seeded.community.id
    root = await session.scalar(select(Place.id).where(Place.path == "/"))
    owner, _home = seeded.residents[0]
    bot = Bot(
        community_id=community_id,
        id=new_id(),
        slug=SELF,
        name="小掌",
        platform="onebot11",
        keys=json.dumps({"secret": SECRET, "token": SECRET}),
        self_id=SELF,
    )
    session.add(bot)
    await session.flush()
    session.add_all(
        [_group(community_id, bot, root, owner.id, str(90_000 + n)) for n in range(GROUPS)]
    )


def _group(
    community_id: UUID, bot: Bot, place_id: UUID | None, owner_id: UUID, external_id: str
) -> Group:
    return Group(
        community_id=community_id,
        id=new_id(),
        kind=GroupKind.BUILDING,
        name=external_id,
        place_id=place_id,
        state=GroupState.OPEN,
        owner_id=owner_id,
        platform="onebot11",
        bot_id=bot.id,
        external_id=external_id,
    )


async def _prepare(url: str) -> None:
    engine = database.connect(url)
    async with database.sessions_of(engine).begin() as session:
        await _build(session)
    await engine.dispose()


@contextmanager
def _bare(port: int) -> Iterator[Served]:
    keys = {"secret": SECRET, "token": SECRET, "self_id": SELF}
    environment = {"BARE_HOOK": json.dumps({"platform": "onebot11", "keys": keys})}
    words = ("uvicorn", "benchmarks.bare_hook:app", "--port", str(port), "--log-level", "warning")
    with served(*words, port=port, environment=environment) as server:
        yield server


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PALM_DATA_DIR"] = folder
        settings.cache_clear()
        worker.load()
        url = postgres.start(Path(folder))
        try:
            migrations.upgrade(url)
            asyncio.run(_prepare(url))
            port = free_port()
            environment = {
                "PALM_DATABASE_URL": url,
                "PALM_LOG_LEVEL": "warning",
                "PALM_PORT": str(port),
            }
            with (
                served("app.cli", "serve", port=port, environment=environment) as palm,
                _bare(free_port()) as bare,
            ):
                asyncio.run(_all(palm, bare, url))
        finally:
            postgres.stop(Path(folder))
