"""The commands that run the service, and those that look at it."""

import asyncio
import sys
from typing import IO, Annotated

import typer
import uvicorn

from app import worker as working
from app.cli import adding, adding_bots, doctor, importing, polls
from app.cli.demo import demo
from app.cli.output import AsJson, say, show
from app.cli.within import trusted
from app.core import log, migrations
from app.core.settings import settings
from app.people.access import permissions as all_permissions
from app.people.models import Role

cli = typer.Typer(
    help="掌上社区: a residential community on its WeChat account.", no_args_is_help=True
)
cli.add_typer(adding.community, name="community")
cli.add_typer(adding.account, name="account")
cli.add_typer(adding.staff, name="staff")
cli.add_typer(adding.key, name="key")
cli.add_typer(adding_bots.bot, name="bot")
cli.add_typer(adding_bots.group, name="group")
cli.add_typer(importing.importing, name="import")
cli.add_typer(adding.menu, name="menu")
cli.add_typer(polls.poll, name="poll")
cli.command()(demo)
cli.command()(doctor.doctor)


@cli.callback()
def _begin() -> None:
    """Keep the log apart from what a command prints; the processes that serve log on theirs."""
    _log_to(sys.stderr)


def _log_to(stream: IO[str]) -> None:
    log.configure(style=settings().log_format, level=settings().log_level, stream=stream)


@cli.command()
def serve(
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes to share the port.")] = 1,
) -> None:
    """Serve HTTP: the WeChat callback and the REST API."""
    with trusted():
        uvicorn.run(
            "app.main:serve",
            factory=True,
            host=settings().host,
            port=settings().port,
            workers=processes,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )


@cli.command()
def worker() -> None:
    """Do what was promised for later."""
    _log_to(sys.stdout)
    with trusted() as url:
        asyncio.run(working.run(url))


@cli.command()
def migrate() -> None:
    """Bring the database to the shape this release expects."""
    with trusted() as url:
        migrations.upgrade(url)
    say(f"at revision {migrations.newest()}")


@cli.command()
def permissions(*, as_json: AsJson = False) -> None:
    """Print who may do what."""
    working.load()
    show(
        [
            {
                "permission": each.name,
                "roles": ", ".join(role for role in Role if role in each.roles),
                "allows": each.says,
            }
            for each in all_permissions()
        ],
        as_json=as_json,
    )
