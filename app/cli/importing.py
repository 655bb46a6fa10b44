"""`palm import`: lists that others keep."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.adding import Slug
from app.cli.output import AsJson, tell
from app.cli.within import community_of, transaction
from app.people import service as people
from app.people.access import system
from app.people.roster import read_roster
from app.polls.owners import sheet
from app.polls.owners.importing import import_owners

importing = typer.Typer(help="Read in lists that others keep.", no_args_is_help=True)


@importing.command("residents")
def residents(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".xlsx or .csv")],
    *,
    community: Slug,
    dry_run: Annotated[bool, typer.Option(help="Only look for what is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read in who lives where; nothing is written when any row is wrong."""

    async def work(session: AsyncSession) -> dict[str, int]:
        owner = await community_of(session, community)
        rows = read_roster(file.read_bytes())
        done = await people.import_roster(session, rows, by=system(owner.id), dry_run=dry_run)
        return {"rows": len(rows), "people": done.people, "residences": done.residences}

    tell(transaction(work), as_json=as_json)


@importing.command("owners")
def owners(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".xlsx or .csv")],
    *,
    community: Slug,
    dry_run: Annotated[bool, typer.Option(help="Only look for what is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read in whose the homes are, and how large; nothing is written when any row is wrong."""

    async def work(session: AsyncSession) -> dict[str, int]:
        root = await community_of(session, community)
        rows = sheet.read(file.read_bytes())
        done = await import_owners(session, rows, by=system(root.id), dry_run=dry_run)
        return {
            "rows": done.rows,
            "owners": done.owners,
            "people": done.people,
            "deeds": done.deeds,
            "changed": done.changed,
        }

    tell(transaction(work), as_json=as_json)
