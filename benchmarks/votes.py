"""The booth beside `pgbench` writing the same rows, and the time that a count takes.

Both write to one embedded server, in turns. What `pgbench` does for a vote is one prepared
`INSERT … ON CONFLICT` into the table of ballots, and a second time all that a vote writes; what the
booth does besides: it takes a call over HTTP, checks its signature and the form, asks the roll, the
state and the time, keeps a fact or signs a receipt, and answers after the commit. Aim: a quarter of
`pgbench` for each process, and a count of 100,000 ballots under a second.
"""

import asyncio
import itertools
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import text

from app import worker
from app.core import database, migrations, postgres
from app.core.postgres.owner import program
from app.core.settings import settings
from app.polls.booth import PATH
from app.polls.counting import result_of
from app.polls.forms import Form, Method
from app.polls.links import VotingLink, token_of
from app.polls.models import Poll, Secrecy
from benchmarks.electors import Electors, a_poll, asked, cast_all, settle
from benchmarks.load import Measured, fire, print_row
from benchmarks.processes import free_port, served

VOTES = int(os.environ.get("BENCH_VOTES", "8000"))
"""Votes in one round."""
ROUNDS = 3
CONNECTIONS = 64
CLIENTS = (1, 4, 16, 64)
PROCESSES = (1, 2)
SIZES = (1_000, 10_000, 100_000)
OPTIONS = 10
"""Of the ranked poll: 3,628,800 orders, so that hardly two of its ballots are the same."""

ONE_OF_FOUR = asked(Method.SINGLE, 4)

_NAMED = """'{community_id}', '{poll_id}', CAST(md5('{poll_id}' || :place) AS uuid)"""
_BALLOT = """
INSERT INTO poll_ballots (community_id, poll_id, entry_id, choice, channel, cast_at, times)
VALUES (_NAMED_, '{{"q1":"O1"}}', 'rest', clock_timestamp(), 1)
ON CONFLICT (community_id, poll_id, entry_id) DO UPDATE SET choice = excluded.choice
"""
_FACT = """
INSERT INTO facts (community_id, id, at, kind, subject_id, actor_kind, actor_id, payload)
SELECT community_id, gen_random_uuid(), now(), 'polls.ballot_cast', poll_id, 'person', NULL,
       jsonb_build_object('poll_id', poll_id, 'entry_id', entry_id, 'channel', 'rest')
  FROM kept
"""
_PARTICIPATION = """
INSERT INTO poll_participations (community_id, poll_id, entry_id)
VALUES (_NAMED_) ON CONFLICT (community_id, poll_id, entry_id) DO NOTHING
"""
_INTAKE = """
INSERT INTO poll_intake (community_id, poll_id, leaf, nonce, choice)
SELECT community_id, poll_id, sha256(uuid_send(gen_random_uuid())),
       CAST(gen_random_uuid() AS text), '{{"q1":"O1"}}'
  FROM took
"""
SCRIPTS = (
    ("the ballot alone", Secrecy.RECORDED, f"{_BALLOT};"),
    ("ballot and fact", Secrecy.RECORDED, f"WITH kept AS ({_BALLOT} RETURNING *) {_FACT};"),
    ("participation alone", Secrecy.SECRET, f"{_PARTICIPATION};"),
    (
        "participation, intake",
        Secrecy.SECRET,
        f"WITH took AS ({_PARTICIPATION} RETURNING *) {_INTAKE};",
    ),
)
_RATE = re.compile(r"tps = ([0-9.]+) ")


@dataclass
class Bench:
    """One server, its people, and polls as they are needed."""

    url: str
    folder: Path
    electors: Electors
    numbers: Iterator[int]

    async def poll(
        self, secrecy: Secrecy, form: Form, many: int, choices: Sequence[str] = ()
    ) -> UUID:
        """A new poll, open to so many, with these ballots in it."""
        engine = database.connect(self.url, pool_size=2)
        async with database.sessions_of(engine).begin() as session:
            await session.execute(text("SET LOCAL statement_timeout = 0"))
            number = next(self.numbers)
            poll_id = await a_poll(session, self.electors, number, form, secrecy=secrecy, many=many)
            if choices:
                await cast_all(session, poll_id, choices)
        await engine.dispose()
        return poll_id

    async def written(self, secrecy: Secrecy, script: str, clients: int) -> float:
        """Votes a second that `pgbench` writes by so many clients."""
        poll_id = await self.poll(secrecy, ONE_OF_FOUR, VOTES)
        each = VOTES // clients
        file = self.folder / "vote.sql"
        named = script.replace("_NAMED_", _NAMED)
        named = named.format(community_id=self.electors.community_id, poll_id=poll_id)
        file.write_text(
            f"\\set done :done + 1\n\\set place :client_id * {each} + :done\n"
            + " ".join(named.split())
        )
        words = ("-n", "-M", "prepared", "-D", "done=0", "-c", str(clients), "-t", str(each))
        said = subprocess.run(  # noqa: ASYNC221 - a program of ours; nothing else is to run
            [program("pgbench"), *words, "-f", str(file), database.plain(self.url)],
            check=True,
            capture_output=True,
            text=True,
        )
        found = _RATE.search(said.stdout)
        if found is None or f"processed: {each * clients}/" not in said.stdout:
            raise RuntimeError(said.stdout)
        return float(found[1])

    async def sent(self, secrecy: Secrecy, port: int) -> Measured:
        """A round of votes through the booth, each of another person."""
        poll_id = await self.poll(secrecy, ONE_OF_FOUR, VOTES)
        links = [
            VotingLink(self.electors.community_id, poll_id, person)
            for person in self.electors.people[:VOTES]
        ]
        requests = [_request(token_of(link), n) for n, link in enumerate(links)]
        measured = await fire(port, [requests[at::CONNECTIONS] for at in range(CONNECTIONS)])
        if measured.statuses != {201: VOTES}:
            message = f"answered {measured.statuses}: {measured.bodies[0]!r}"
            raise RuntimeError(message)
        return measured


def _request(token: str, number: int) -> bytes:
    choice = {"choice": {"q1": f"O{number % 4}"}, "nonce": f"{number:032x}"}
    body = json.dumps(choice).encode()
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def _baselines(bench: Bench) -> dict[str, float]:
    """The best of the clients for each script."""
    best: dict[str, float] = {}
    print_row("pgbench, votes/s", *(f"{clients} clients" for clients in CLIENTS))
    for name, secrecy, script in SCRIPTS:
        rates = [await bench.written(secrecy, script, clients) for clients in CLIENTS]
        best[name] = max(rates)
        print_row(name, *(f"{rate:,.0f}/s" for rate in rates))
    return best


async def _booth(bench: Bench, ports: dict[int, int], best: dict[str, float]) -> None:
    print_row("booth", "votes", "× insert", "× the same", "a process", "p50", "p99")
    for secrecy in Secrecy:
        alone, whole = [name for name, kind, _ in SCRIPTS if kind is secrecy]
        for processes, port in ports.items():
            await bench.sent(secrecy, port)
            rounds = [await bench.sent(secrecy, port) for _ in range(ROUNDS)]
            rate = statistics.median(one.per_second for one in rounds)
            print_row(
                f"{secrecy.value}, {processes} process{'es' * (processes > 1)}",
                f"{rate:,.0f}/s",
                f"{rate / best[alone]:.2f}",
                f"{rate / best[whole]:.2f}",
                f"{rate / best[alone] / processes:.2f}",
                f"{statistics.median(one.percentile(0.5) for one in rounds):.1f} ms",
                f"{statistics.median(one.percentile(0.99) for one in rounds):.1f} ms",
            )


def _choices(method: Method, many: int) -> list[str]:
    """Ballots of which hardly two are the same, or of which there are four kinds."""
    if method is Method.SINGLE:
        return [f'{{"q1":"O{n % 4}"}}' for n in range(many)]
    draw = Random(278)  # noqa: S311 - the same at every run
    orders = (draw.sample(range(OPTIONS), OPTIONS) for _ in range(many))
    return [
        json.dumps({"q1": [f"O{each}" for each in order]}, separators=(",", ":"))
        for order in orders
    ]


async def _counted(bench: Bench, poll_id: UUID) -> float:
    """Seconds that a count takes, the median of five."""
    engine = database.connect(bench.url, pool_size=2)
    times = []
    async with database.sessions_of(engine)() as session:
        poll = await session.get_one(Poll, (bench.electors.community_id, poll_id))
        for _ in range(5):
            started = time.perf_counter()
            await result_of(session, poll)
            times.append(time.perf_counter() - started)
    await engine.dispose()
    return statistics.median(times)


async def _counts(bench: Bench) -> None:
    print_row("count", *(f"{size:,} ballots" for size in SIZES))
    kinds = (
        ("single, four choices", Method.SINGLE, ONE_OF_FOUR),
        ("ranked, all different", Method.RANKED, asked(Method.RANKED, OPTIONS)),
    )
    for name, method, form in kinds:
        cells = []
        for size in SIZES:
            poll_id = await bench.poll(Secrecy.RECORDED, form, size, _choices(method, size))
            cells.append(f"{await _counted(bench, poll_id) * 1000:.0f} ms")
        print_row(name, *cells)


async def _settled(url: str) -> Electors:
    engine = database.connect(url, pool_size=2)
    async with database.sessions_of(engine).begin() as session:
        electors = await settle(session, max(VOTES, *SIZES))
    await engine.dispose()
    return electors


async def _all(bench: Bench, ports: dict[int, int]) -> None:
    best = await _baselines(bench)
    await _booth(bench, ports, best)
    await _counts(bench)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        os.environ["PALM_DATA_DIR"] = folder
        settings.cache_clear()
        worker.load()
        url = postgres.start(Path(folder))
        running.callback(postgres.stop, Path(folder))
        migrations.upgrade(url)
        bench = Bench(url, Path(folder), asyncio.run(_settled(url)), itertools.count(1))
        ports = {processes: free_port() for processes in PROCESSES}
        for processes, port in ports.items():
            environment = {
                "PALM_DATABASE_URL": url,
                "PALM_LOG_LEVEL": "warning",
                "PALM_PORT": str(port),
            }
            words = ("app.cli", "serve", "--processes", str(processes))
            running.enter_context(served(*words, port=port, environment=environment))
        asyncio.run(_all(bench, ports))
