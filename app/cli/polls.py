"""`palm poll`: counting polls again, without a database and without trusting this service."""

from pathlib import Path
from typing import Annotated

import typer

from app.polls import recount as script

poll = typer.Typer(help="Count polls again.", no_args_is_help=True)


@poll.callback()
def _poll() -> None:
    """Keep the word `recount` even while it is the only command."""


@poll.command()
def recount(
    bundle: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The JSON file of a poll.")
    ],
    head: Annotated[
        list[str] | None, typer.Option(help="A head of the chain that you kept; repeatable.")
    ] = None,
    receipt: Annotated[
        list[str] | None, typer.Option(help="A voter's receipt; repeatable.")
    ] = None,
) -> None:
    """Count a poll again from its bundle and check its chain; 1 when something is not right."""
    words = [str(bundle)]
    words += [f"--head={each}" for each in head or ()]
    words += [f"--receipt={each}" for each in receipt or ()]
    raise typer.Exit(script.main(words))
