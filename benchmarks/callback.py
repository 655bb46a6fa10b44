"""The callback beside a bare Starlette route that parses the same message and says the same.

Both run as one process with uvicorn on the same machine, in turns, under the same generator; the
ratio is what counts, the machine being shared. What our side does besides: every message is
deduplicated and logged in the database before it is answered.
"""

import asyncio
import json
import os
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from app import worker
from app.core import database, migrations, postgres
from app.core.settings import settings
from app.wechat.edge import Mode
from benchmarks.load import Measured, fire, print_row
from benchmarks.processes import Served, free_port, served
from benchmarks.sender import Sender
from benchmarks.town import Town, build

CONNECTIONS = 32
ROUNDS = 3
READS = 4000
PEOPLE_A_ROUND = 96
ANSWER = "1001 漏水与水管：厨房水管漏水\n已派单，网格员 张三 正在处理，预计11月25日12:00前办结。"


@dataclass
class Result:
    """Some rounds of one kind of message."""

    rounds: list[Measured]
    cpu_seconds: float = 0.0
    messages: int = 0

    @property
    def per_second(self) -> float:
        """The median of the rounds."""
        return statistics.median(one.per_second for one in self.rounds)

    def cells(self, beside: "Result | None") -> list[str]:
        """What a row says of it."""
        ratio = f"{self.per_second / beside.per_second:.2f}" if beside else ""
        return [
            f"{self.per_second:,.0f}/s",
            ratio,
            f"{statistics.median(one.percentile(0.5) for one in self.rounds):.1f} ms",
            f"{statistics.median(one.percentile(0.99) for one in self.rounds):.1f} ms",
            f"{self.cpu_seconds / self.messages * 1e6:.0f} µs",
        ]


def _shares(requests: Sequence[bytes]) -> list[list[bytes]]:
    return [list(requests[index::CONNECTIONS]) for index in range(CONNECTIONS)]


async def _measure(result: Result, server: Served, shares: Sequence[Sequence[bytes]]) -> None:
    before = server.cpu_seconds
    measured = await fire(server.port, shares)
    unexpected = {status for status in measured.statuses if status != 200}
    if unexpected:
        message = f"answered {measured.statuses}"
        raise RuntimeError(message)
    result.rounds.append(measured)
    result.cpu_seconds += server.cpu_seconds - before
    result.messages += len(measured.latencies)


def _reads(sender: Sender, town: Town, count: int) -> list[list[bytes]]:
    return _shares(
        [sender.request(town.openids[n % len(town.openids)], "进度") for n in range(count)]
    )


def _reports(sender: Sender, town: Town, round_: int) -> list[list[bytes]]:
    """Each person reports in one line and confirms; a connection keeps to its people."""
    people = town.openids[round_ * PEOPLE_A_ROUND : (round_ + 1) * PEOPLE_A_ROUND]
    shares: list[list[bytes]] = [[] for _ in range(CONNECTIONS)]
    for n, openid in enumerate(people):
        shares[n % CONNECTIONS] += [
            sender.request(openid, "报修 厨房水管漏水"),
            sender.request(openid, "1"),
        ]
    return shares


async def _mode(town: Town, mode: Mode, palm: Served, bare: Served) -> None:
    sender = Sender(town.accounts[mode])
    kinds = ("bare", "reads", "again", "reports", "reports again")
    results = {kind: Result([]) for kind in kinds}
    await fire(bare.port, _reads(sender, town, 500))
    await fire(palm.port, _reads(sender, town, 500))
    for round_ in range(ROUNDS):
        reads = _reads(sender, town, READS)
        await _measure(results["bare"], bare, reads)
        await _measure(results["reads"], palm, reads)
        await _measure(results["again"], palm, reads)
        reports = _reports(sender, town, round_ + (ROUNDS if mode is Mode.SAFE else 0))
        await _measure(results["reports"], palm, reports)
        await _measure(results["reports again"], palm, reports)
    for kind, result in results.items():
        beside = results["bare"] if kind != "bare" else None
        print_row(f"{mode.value}, {kind}", *result.cells(beside))


async def _prepare(url: str) -> Town:
    engine: AsyncEngine = database.connect(url)
    async with database.sessions_of(engine).begin() as session:
        town = await build(session)
    await engine.dispose()
    return town


async def _all(town: Town, palm: Served, bares: dict[Mode, Served]) -> None:
    print_row("callback", "messages", "× bare", "p50", "p99", "CPU each")
    for mode in (Mode.PLAIN, Mode.SAFE):
        await _mode(town, mode, palm, bares[mode])
    print_row("memory of the process", f"{palm.megabytes:.0f} MB")


def _bare_environment(town: Town, mode: Mode) -> dict[str, str]:
    keys = asdict(town.accounts[mode].keys)
    return {"BARE_KEYS": json.dumps(keys), "BARE_ANSWER": ANSWER}


def _bare_words(port: int) -> list[str]:
    return ["uvicorn", "benchmarks.bare:app", "--port", str(port), "--log-level", "warning"]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PALM_DATA_DIR"] = folder
        settings.cache_clear()
        worker.load()
        url = postgres.start(Path(folder))
        try:
            migrations.upgrade(url)
            town = asyncio.run(_prepare(url))
            ports = [free_port() for _ in range(3)]
            environment = {"PALM_DATABASE_URL": url, "PALM_LOG_LEVEL": "warning"}
            with (
                served(
                    "app.cli",
                    "serve",
                    port=ports[0],
                    environment={**environment, "PALM_PORT": str(ports[0])},
                ) as palm,
                served(
                    *_bare_words(ports[1]),
                    port=ports[1],
                    environment=_bare_environment(town, Mode.PLAIN),
                ) as plain,
                served(
                    *_bare_words(ports[2]),
                    port=ports[2],
                    environment=_bare_environment(town, Mode.SAFE),
                ) as safe,
            ):
                asyncio.run(_all(town, palm, {Mode.PLAIN: plain, Mode.SAFE: safe}))
        finally:
            postgres.stop(Path(folder))
