"""How commands speak: to people in lines, to programs in JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]

console = Console(highlight=False)


def say(line: str) -> None:
    """One line for a person."""
    console.print(line, markup=False, soft_wrap=True)


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Rows of one shape, as a table or as a JSON array."""
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))  # noqa: T201 - what was asked for
        return
    table = Table(*(rows[0] if rows else ()))
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)


def tell(thing: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing: a line for each of its members, or a JSON object."""
    if as_json:
        print(json.dumps(thing, ensure_ascii=False, default=str))  # noqa: T201 - what was asked for
        return
    for name, value in thing.items():
        say(f"{name}: {value}")
