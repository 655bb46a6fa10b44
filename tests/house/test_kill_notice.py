"""Killing the worker in the middle of a notice misses nobody, and explains whoever hears twice."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import database, jobs, migrations, postgres
from app.core.database import Sessions
from app.core.ids import new_id
from app.core.settings import settings
from app.notices import planning
from app.notices.models import Attempt, Delivery, Notice, NoticeKind, NoticeState, State
from app.people.models import Person
from app.places.models import ROOT, Kind, Place
from app.wechat.models import Account
from tests.house.demo import two_ports
from tests.wechat.builders import an_account

pytestmark = pytest.mark.xdist_group("house")

FOLLOWERS = 5000
WITH_MAIL = 150
KILLS = (400, 1500, 3500)
"""After so many messages."""

_FOLLOWERS = """
WITH made AS (
    INSERT INTO people (community_id, id, created_at)
    SELECT CAST(:community AS uuid), gen_random_uuid(), now()
    FROM generate_series(1, CAST(:count AS integer)) RETURNING id
)
INSERT INTO identities
    (community_id, id, account_id, openid, person_id, locale, subscribed, created_at)
SELECT CAST(:community AS uuid), gen_random_uuid(), CAST(:account AS uuid),
       'o' || replace(id::text, '-', ''), id, 'zh', true, now() FROM made
"""
_OLD = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"


class Phones:
    """A WeChat that shows a message once under its id, and a mail server that shows all it gets."""

    def __init__(self) -> None:
        self.asked: Counter[UUID] = Counter()
        self.shown: defaultdict[str, set[UUID]] = defaultdict(set)
        self.mails: Counter[UUID] = Counter()

    async def template(self, request: web.Request) -> web.Response:
        message = await request.json()
        id_ = UUID(message["client_msg_id"])
        await asyncio.sleep(0.01)
        self.asked[id_] += 1
        self.shown[message["touser"]].add(id_)
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": 1})

    async def token(self, _request: web.Request) -> web.Response:
        return web.json_response({"access_token": "token", "expires_in": 7200})

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        head = envelope.content.partition(b"Message-ID: <")[2]
        self.mails[UUID(head[:32].decode())] += 1
        return "250 OK"


@asynccontextmanager
async def listening(phones: Phones) -> AsyncIterator[dict[str, str]]:
    """Where the worker finds them, as its environment."""
    application = web.Application()
    application.router.add_post("/cgi-bin/stable_token", phones.token)
    application.router.add_post("/cgi-bin/message/template/send", phones.template)
    runner = web.AppRunner(application, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    post = Controller(phones, hostname="127.0.0.1", port=two_ports())
    post.start()
    try:
        yield {
            "PALM_WECHAT_API": f"http://127.0.0.1:{runner.addresses[0][1]}",
            "PALM_SMTP_URL": f"smtp://127.0.0.1:{post.port}",
            "PALM_MAIL_FROM": "palm@yiyi.example",
            "PALM_LOG_LEVEL": "error",
        }
    finally:
        post.stop()
        await runner.cleanup()


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[str]:
    """A database that a worker agrees to work on."""
    url = postgres.start(tmp_path / "postgres")
    migrations.upgrade(url)
    try:
        yield url
    finally:
        postgres.stop(tmp_path / "postgres")


@contextmanager
def a_worker(environment: dict[str, str]) -> Iterator[Callable[[], None]]:
    """The worker as a process of its own, and how to kill it."""
    command = [sys.executable, "-m", "app.cli", "worker"]
    process = subprocess.Popen(  # noqa: S603 - our own words
        command, env={**os.environ, **environment}, start_new_session=True
    )

    def kill() -> None:
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    try:
        yield kill
    finally:
        with suppress(ProcessLookupError):
            kill()


async def until(found: Callable[[], Any], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.02)


async def begun(session: AsyncSession) -> Notice:
    """A notice to thousands, of whom some get it by mail as well."""
    fields = ["thing1", "thing2", "time3"]
    templates = {"notice": {"template_id": "TM1", "fields": fields}}
    account: Account = await an_account(session, templates=templates)
    community_id = account.community_id
    known = {"community": community_id, "account": account.id, "count": FOLLOWERS}
    await session.execute(text(_FOLLOWERS), known)
    people = await session.scalars(
        select(Person).where(Person.community_id == community_id).limit(WITH_MAIL)
    )
    for number, person in enumerate(people):
        person.email = f"p{number}@example.com"
    root = Place(community_id=community_id, kind=Kind.COMMUNITY, name="伊", path=ROOT, code="yi")
    session.add(root)
    await session.flush()
    notice = Notice(
        community_id=community_id,
        id=new_id(),
        kind=NoticeKind.EMERGENCY,
        title="停水通知",
        body="明天停水。",
        place_id=root.id,
        audience={"followers": True},
        channels=["email", "wechat"],
        state=NoticeState.SENDING,
    )
    session.add(notice)
    await session.flush()
    await planning.begin(session, notice)
    await session.commit()
    return notice


async def half_a_minute_later(sessions: Sessions) -> None:
    """What the dead worker held is free: its heartbeat and its leases are over."""
    async with sessions.begin() as session:
        await session.execute(text(_OLD))
        await session.execute(text("UPDATE deliveries SET due_at = now() WHERE state = 'pending'"))
        await jobs.defer(session, jobs.rescue, timestamp=0)


async def left(sessions: Sessions, notice: Notice) -> int:
    """How many are planned to be told, or may be, and are not."""
    async with sessions() as session:
        sent = select(func.count()).where(
            Delivery.notice_id == notice.id, Delivery.state == State.SENT
        )
        return FOLLOWERS + WITH_MAIL - (await session.scalar(sent) or 0)


async def test_nobody_is_missed_and_every_double_is_explained(
    durable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = Phones()
    async with listening(phones) as environment:
        for name, value in {**environment, "PALM_DATABASE_URL": durable}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        engine = database.connect(durable, pool_size=4)
        try:
            await _told_with_killings(database.sessions_of(engine), phones)
        finally:
            await engine.dispose()


async def _told_with_killings(sessions: Sessions, phones: Phones) -> None:
    async with sessions() as session:
        notice = await begun(session)
    for count in KILLS:
        with a_worker({}) as kill:
            await until(lambda: phones.asked.total() >= count)  # noqa: B023 - used at once
            kill()
        await half_a_minute_later(sessions)
    with a_worker({}):
        deadline = time.monotonic() + 90
        while await left(sessions, notice):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
    await _explained(sessions, notice, phones)


async def _explained(sessions: Sessions, notice: Notice, phones: Phones) -> None:
    async with sessions() as session:
        made = (
            await session.scalars(select(Delivery).where(Delivery.notice_id == notice.id))
        ).all()
        tries: defaultdict[UUID, list[str | None]] = defaultdict(list)
        for attempt in await session.scalars(select(Attempt)):
            tries[attempt.delivery_id].append(attempt.outcome)
    by_channel = Counter(one.channel for one in made)
    assert by_channel == {"wechat": FOLLOWERS, "email": WITH_MAIL}
    assert {one.id for one in made if one.channel == "wechat"} == set(phones.asked)
    assert {one.id for one in made if one.channel == "email"} == set(phones.mails)

    assert len(phones.shown) == FOLLOWERS
    assert {len(ids) for ids in phones.shown.values()} == {1}, "each saw it once"

    received = phones.asked + phones.mails
    for id_, times in received.items():
        assert len(tries[id_]) >= times, "no call without an attempt"
        assert tries[id_].count("sent") == 1
        assert tries[id_].count(None) >= times - 1, "an attempt that was lost explains a double"
    assert any(None in outcomes for outcomes in tries.values()), "the worker died in the middle"
    twice = sum(times - 1 for times in phones.mails.values())
    assert twice <= len(KILLS), "where nothing dedupes, only the one in flight is repeated"
