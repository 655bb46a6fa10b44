"""`python -m app.sandbox`: the platform as a process of its own."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from app.sandbox.platform import create_platform


def main(
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8001,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    journal: Annotated[Path | None, typer.Option(help="Keep everything in this file.")] = None,
    public_url: Annotated[str | None, typer.Option(help="Begin picture links with this.")] = None,
) -> None:
    """Run a WeChat platform on this machine; its phone page is at /sandbox/."""
    app = create_platform(journal, public_url=public_url)
    # Phones wait for news in open requests, which must not hold up a stop.
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    typer.run(main)
