"""The catalogue as a spreadsheet: taken out, changed there, and read in again."""

from typing import Annotated

from fastapi import APIRouter, Form, Response, UploadFile

from app.core.problems import Forbidden, TooLarge, problems
from app.core.sheets import XLSX
from app.core.sheets.reading import SheetUnreadable, taken_in
from app.core.web import Route, Session
from app.people.access import Me
from app.places.models import ROOT
from app.service_requests import catalogue_import, catalogue_sheet
from app.service_requests.permissions import CATALOGUE
from app.service_requests.problems import (
    CatalogueHeadingsMissing,
    CatalogueTooLong,
    CatalogueWrong,
)
from app.service_requests.schemas.categories import ImportOut

router = APIRouter(
    prefix="/api/v1/service-categories", tags=["service-categories"], route_class=Route
)


class Workbook(Response):
    """A workbook to keep."""

    media_type = XLSX


@router.get("/template.xlsx", response_class=Workbook, responses=problems(Forbidden))
async def read_template(session: Session, me: Me) -> Response:
    """The catalogue as it is, with the headings that an import reads; read in, it changes nothing.

    Questions are not in it: they are changed one category at a time, and an import keeps them.
    """
    CATALOGUE.demand(me, at=ROOT)
    named = {"Content-Disposition": 'attachment; filename="service-categories.xlsx"'}
    return Workbook(await catalogue_sheet.written(session, me.community_id), headers=named)


@router.post(
    "/imports",
    response_model=ImportOut,
    responses=problems(
        Forbidden,
        TooLarge,
        SheetUnreadable,
        CatalogueHeadingsMissing,
        CatalogueTooLong,
        CatalogueWrong,
    ),
)
async def import_catalogue(
    session: Session, me: Me, file: UploadFile, *, dry_run: Annotated[bool, Form()] = False
) -> catalogue_import.Imported:
    """Read in a .csv or .xlsx of at most 5 MB and 1,000 rows with the columns of the template.

    All of it is written or nothing: when a row is wrong, `errors` names its number and column, as
    in `7.resolve_limit`. With `dry_run` nothing is written. A column that is not there is left
    alone, as is a category that has no row.
    """
    CATALOGUE.demand(me, at=ROOT)
    sheet = await taken_in(file, catalogue_sheet.read)
    return await catalogue_import.import_catalogue(session, sheet, by=me, dry_run=dry_run)
