"""A notice to everybody beside a bare loop of the same client to the same receiver.

The worker is the real one, alone in its process; the receiver takes everything at once. What our
side does besides: every delivery is planned, claimed with its attempt, and its outcome noted. The
loop and the worker take turns, the machine being shared; the ratio is what counts.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import httpx
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app import worker
from app.core import database, http, migrations, postgres
from app.core.database import Sessions
from app.core.ids import new_id
from app.core.settings import settings
from app.notices import planning
from app.notices.models import Notice, NoticeKind, NoticeState
from app.places.models import ROOT, Community, Kind, Place
from app.wechat.models import Account
from benchmarks.load import print_row
from benchmarks.processes import Served, free_port, served

WIDTH = 32
LOOP = 10_000
SIZES = (10_000, 100_000)
LONGEST_SECONDS = 900

_PEOPLE = """
WITH made AS (
    INSERT INTO people (community_id, id, created_at)
    SELECT CAST(:community AS uuid), gen_random_uuid(), now()
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer))
    RETURNING id
)
INSERT INTO identities (community_id, id, account_id, openid, person_id, locale, subscribed,
                        created_at)
SELECT CAST(:community AS uuid), gen_random_uuid(), CAST(:account AS uuid),
       'o' || replace(id::text, '-', ''), id, 'zh', true, now()
FROM made
"""


async def _bare(address: str, count: int) -> float:
    """Messages a second of a loop that does nothing but send, as a worker's client would.

    A row of it says what each costs.
    """
    message = {
        "touser": "o" * 28,
        "template_id": "TM1",
        "url": "http://palm.test/n/" + "x" * 86,
        "client_msg_id": "0" * 32,
        "data": {name: {"value": "停水通知"} for name in ("thing1", "time2", "thing3")},
    }
    left = iter(range(count))

    async def one_after_another() -> None:
        for _ in left:
            answer = await http.client().post(
                f"{address}/cgi-bin/message/template/send",
                params={"access_token": "token"},
                json=message,
                extensions=http.call(idempotent=True),
            )
            answer.raise_for_status()

    started, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one_after_another() for _ in range(WIDTH)))
    seconds = time.perf_counter() - started
    cpu = f"{(time.process_time() - used) / count * 1e6:.0f} µs"
    await http.close()
    print_row("bare loop", f"{count / seconds:,.0f}/s", "", "", cpu)
    return count / seconds


async def _town(session: AsyncSession) -> Account:
    community = Community(slug="bench", name="伊伊小区", town="ZJ镇")
    session.add(community)
    await session.flush()
    fields = ["thing1", "thing2", "time3"]
    account = Account(
        community_id=community.id,
        id=new_id(),
        slug="bench",
        name="bench",
        app_id="wxbench",
        app_secret="secret",
        token="token",
        templates={"notice": {"template_id": "TM1", "fields": fields}},
    )
    root = Place(
        community_id=community.id, kind=Kind.COMMUNITY, name="伊伊小区", path=ROOT, code="bench"
    )
    session.add_all([account, root])
    return account


async def _notice(session: AsyncSession, account: Account) -> Notice:
    root = select(Place).where(Place.community_id == account.community_id, Place.path == ROOT)
    place = (await session.scalars(root)).one()
    notice = Notice(
        community_id=account.community_id,
        kind=NoticeKind.EMERGENCY,
        title="停水通知",
        body="明天**上午九时**起停水，请提前储水。",
        place_id=place.id,
        audience={"followers": True},
        channels=["wechat"],
        state=NoticeState.SENDING,
    )
    session.add(notice)
    await session.flush()
    await planning.begin(session, notice)
    return notice


async def _people(sessions: Sessions, account: Account, first: int, last: int) -> None:
    step = 20_000
    for begin in range(first, last, step):
        values = {"first": begin, "last": min(begin + step, last) - 1}
        known = {"community": account.community_id, "account": account.id}
        async with sessions.begin() as session:
            await session.execute(text(_PEOPLE), {**values, **known})
    async with sessions() as session:
        await session.execute(text("ANALYZE"))
        await session.commit()


async def _until(sessions: Sessions, notice_id: UUID | None, counted: str, wanted: int) -> None:
    query = text(f"SELECT count(*) FROM {counted}")  # noqa: S608 - constants of ours
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        async with sessions() as session:
            if await session.scalar(query, {"notice": notice_id}) >= wanted:
                return
        await asyncio.sleep(0.2)
    message = f"{counted} did not come to {wanted}"
    raise RuntimeError(message)


async def _fan_out(
    sessions: Sessions, account: Account, size: int, at: Served, address: str
) -> float:
    """Send one notice to so many, and say how it went; deliveries a second."""
    async with httpx.AsyncClient(base_url=address, trust_env=False) as receiver:
        await receiver.get("/reset")
        before, started = at.cpu_seconds, time.perf_counter()
        async with sessions.begin() as session:
            notice = await _notice(session, account)
        await _until(sessions, notice.id, "notices WHERE id = :notice AND state = 'sent'", 1)
        planned = time.perf_counter() - started
        # The receiver is asked first: counting rows takes the database's time.
        while (figures := (await receiver.get("/figures")).json())["count"] < size:
            if time.perf_counter() - started > LONGEST_SECONDS:
                message = f"{figures['count']} messages for {size} recipients"
                raise RuntimeError(message)
            await asyncio.sleep(0.5)
        sent = "deliveries WHERE notice_id = :notice AND state = 'sent'"
        await _until(sessions, notice.id, sent, size)
    if figures["count"] != size:
        message = f"{figures['count']} messages for {size} recipients"
        raise RuntimeError(message)
    rate = size / figures["seconds"]
    cpu = f"{(at.cpu_seconds - before) / size * 1e6:.0f} µs"
    cells = (f"{rate:,.0f}/s", "", f"{planned:.1f} s", cpu, f"{at.megabytes:.0f} MB")
    print_row(f"notice to {size:,}", *cells)
    return float(rate)


@contextmanager
def _working(environment: dict[str, str]) -> Iterator[Served]:
    """The worker process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "worker"], env={**os.environ, **environment}
    )
    try:
        yield Served(0, process.pid)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)


async def _all(url: str, address: str, environment: dict[str, str]) -> None:
    engine = database.connect(url)
    sessions = database.sessions_of(engine)
    async with sessions.begin() as session:
        account = await _town(session)
    print_row("fan-out", "deliveries", "× bare", "planned in", "CPU each", "memory")
    bare, ours, made = [], [], 0
    await _bare(address, 500)
    with _working(environment) as process:
        await _until(sessions, None, "procrastinate_workers", 1)
        for size in SIZES:
            await _people(sessions, account, made, size)
            made = size
            bare.append(await _bare(address, LOOP))
            ours.append(await _fan_out(sessions, account, size, process, address))
    bare.append(await _bare(address, LOOP))
    for size, rate, before, after in zip(SIZES, ours, bare, bare[1:], strict=False):
        print_row(f"notice to {size:,} beside it", "", f"{rate / ((before + after) / 2):.2f}")
    await engine.dispose()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        os.environ |= {"PALM_DATA_DIR": folder, "PALM_WECHAT_API": address}
        settings.cache_clear()
        worker.load()
        url = postgres.start(Path(folder))
        try:
            migrations.upgrade(url)
            environment = {"PALM_DATABASE_URL": url, "PALM_LOG_LEVEL": "warning"}
            with served("benchmarks.receiver", str(port), port=port, environment={}):
                asyncio.run(_all(url, address, environment))
        finally:
            postgres.stop(Path(folder))
