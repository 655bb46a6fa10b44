"""`palm doctor`: what is wrong, or will be, with this installation."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

import typer
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.output import AsJson, show
from app.core import calendar, database, migrations, postgres
from app.core.clock import CHINA, now
from app.core.crypto import Unreadable, load_keyring
from app.core.settings import settings
from app.wechat.edge import Mode
from app.wechat.models import Account


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `ok`, `warning` or `wrong`, and what to do about it."""

    what: str
    state: str
    advice: str


def _key() -> Finding:
    configured = settings().secret_keys
    try:
        load_keyring(settings().data_dir, configured.get_secret_value() if configured else None)
    except Unreadable as error:
        return Finding("encryption keys", "wrong", type(error).__name__)
    if configured is None:
        return Finding("encryption keys", "ok", "in the data directory: back them up apart from it")
    return Finding("encryption keys", "ok", "from the environment")


def _calendar() -> Finding:
    years = calendar.unknown_ahead(now().astimezone(CHINA).date())
    if not years:
        return Finding("working days", "ok", "")
    unknown = " and ".join(str(year) for year in years)
    advice = f"the official calendar of {unknown} is not known yet: update chinesecalendar"
    return Finding("working days", "warning", f"{advice}, or enter special days")


async def _accounts(session: AsyncSession) -> AsyncIterator[Finding]:
    for account in await session.scalars(select(Account)):
        what = f"account {account.slug}"
        if account.mode is Mode.SAFE:
            yield Finding(what, "ok", "safe mode")
        else:
            yield Finding(
                what,
                "warning",
                f"{account.mode} mode: the signature does not cover the message, so whoever sees"
                " one address can write in a resident's name; choose safe mode (安全模式)",
            )


async def _worker(session: AsyncSession) -> Finding:
    beat = "SELECT max(last_heartbeat) > now() - interval '1 minute' FROM procrastinate_workers"
    if await session.scalar(text(beat)):
        return Finding("worker", "ok", "")
    return Finding("worker", "warning", "none is running: nobody will be told anything")


async def _database(session: AsyncSession) -> AsyncIterator[Finding]:
    found, newest = await migrations.current(session), migrations.newest()
    if found != newest:
        yield Finding("migrations", "wrong", f"at {found or 'none'}, need {newest}: palm migrate")
        return
    yield Finding("migrations", "ok", newest)
    yield await _worker(session)
    async for finding in _accounts(session):
        yield finding


async def findings() -> list[Finding]:
    """Everything that was looked at."""
    found = [_key(), _calendar()]
    try:
        with database.reachable() as url:
            engine = database.connect(url, pool_size=2)
            await database.durable(engine)
            found.append(Finding("database", "ok", "keeps what it acknowledges"))
            async with database.sessions_of(engine)() as session:
                found += [finding async for finding in _database(session)]
            await engine.dispose()
    except postgres.Unfit as error:
        found.append(Finding("database", "wrong", str(error)))
    except Exception as error:  # noqa: BLE001 - the finding is that it does not answer
        found.append(Finding("database", "wrong", f"does not answer: {type(error).__name__}"))
    return found


def doctor(*, as_json: AsJson = False) -> None:
    """Look for what is wrong with this installation; exit status 1 when something is."""
    found = asyncio.run(findings())
    show([asdict(finding) for finding in found], as_json=as_json)
    if any(finding.state == "wrong" for finding in found):
        raise typer.Exit(1)
