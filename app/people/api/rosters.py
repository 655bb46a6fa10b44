"""Lists of residents, read in as a file."""

from typing import Annotated

from fastapi import APIRouter, Form, UploadFile

from app.core.problems import Forbidden, TooLarge, problems
from app.core.sheets.reading import SheetUnreadable, taken_in
from app.core.web import Route, Session
from app.people import service
from app.people.access import Me
from app.people.permissions import IMPORT
from app.people.problems import HeadingsMissing, RosterWrong, TooManyRows
from app.people.roster import read_roster
from app.people.schemas import RosterOut

router = APIRouter(prefix="/api/v1/rosters", tags=["people"], route_class=Route)


@router.post(
    "",
    response_model=RosterOut,
    responses=problems(
        Forbidden, TooLarge, SheetUnreadable, HeadingsMissing, TooManyRows, RosterWrong
    ),
)
async def import_roster(
    session: Session, me: Me, file: UploadFile, *, dry_run: Annotated[bool, Form()] = False
) -> service.Imported:
    """Read in a .csv or .xlsx of at most 5 MB with the columns 楼栋, 单元, 房号, 姓名, 电话, 关系.

    All of it is written or nothing: when a row is wrong, `errors` names its number and column, as
    in `7.phone`. With `dry_run` nothing is written. The same list again changes nothing.
    """
    IMPORT.demand_somewhere(me)
    rows = await taken_in(file, read_roster)
    return await service.import_roster(session, rows, by=me, dry_run=dry_run)
