"""Lists of residents, read in as a file."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, UploadFile

from app.core.problems import Forbidden, TooLarge, problems
from app.core.web import Route, Session
from app.people import service
from app.people.access import Me
from app.people.permissions import IMPORT
from app.people.problems import HeadingsMissing, RosterUnreadable, RosterWrong, TooManyRows
from app.people.roster import LARGEST, read_roster
from app.people.schemas import RosterOut

router = APIRouter(prefix="/api/v1/rosters", tags=["people"], route_class=Route)


@router.post(
    "",
    response_model=RosterOut,
    responses=problems(
        Forbidden, TooLarge, RosterUnreadable, HeadingsMissing, TooManyRows, RosterWrong
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
    data = await file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise TooLarge
    rows = await asyncio.to_thread(read_roster, data)
    return await service.import_roster(session, rows, by=me, dry_run=dry_run)
