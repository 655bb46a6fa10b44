"""The worker process: does what was promised for later."""

from contextlib import suppress

from procrastinate import PsycopgConnector

from app.chat.commands import commands
from app.core import http, jobs
from app.core.database import connect, durable, plain, sessions_of
from app.core.plugins import load_all, load_each
from app.core.settings import settings
from app.groups.platforms import platforms
from app.notices.channels import channels
from app.service_requests.steps import steps


def load() -> None:
    """Make everything known that work can be promised for."""
    load_all("app.core")
    load_each("app", "models", "events", "permissions", "problems", "jobs", "reactions", "late")
    load_each("app.chat", "jobs")
    platforms.load()
    channels.load()
    steps.load()
    commands.load()


async def run(url: str, *, wait: bool = True) -> None:
    """Work until told to stop; unfinished work is given ten seconds, and then to others."""
    load()
    engine = connect(url)
    await durable(engine)
    size = settings().worker_concurrency
    connector = PsycopgConnector(conninfo=plain(url), min_size=1, max_size=size + 2)
    with jobs.queue.replace_connector(connector):
        async with jobs.queue.open_async():
            with suppress(KeyboardInterrupt):
                await jobs.queue.run_worker_async(
                    wait=wait,
                    concurrency=size,
                    fetch_job_polling_interval=1.0,
                    shutdown_graceful_timeout=10.0,
                    additional_context={"sessions": sessions_of(engine)},
                )
    await http.close()
    await engine.dispose()
