"""The endpoints of the register of owners."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response, UploadFile

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, TooLarge, problems
from app.core.sheets import XLSX
from app.core.sheets.reading import SheetUnreadable, taken_in
from app.core.web import Route, Session, etag, matches
from app.people.access import Me
from app.people.problems import TooManyRows
from app.polls.models import Owner
from app.polls.owners import importing, queries, register, sheet
from app.polls.owners.schemas import OwnerChange, OwnerIn, OwnerOut, OwnersAsked, OwnersImported
from app.polls.permissions import OWNERS
from app.polls.problems import OwnerExists, OwnerHeadingsMissing, OwnersWrong

router = APIRouter(prefix="/api/v1/owners", tags=["owners"], route_class=Route)


class Workbook(Response):
    """A workbook to keep."""

    media_type = XLSX


async def held(session: Session, me: Me, owner_id: UUID, http: Request) -> Owner:
    """The owner of this id, if the caller may see them, theirs alone until we are done."""
    seen = queries.owners_visible_to(me).where(Owner.id == owner_id)
    owner = await existing(session, seen.with_for_update(of=Owner))
    matches(http, owner.version)
    return owner


Held = Annotated[Owner, Depends(held)]


async def keeping(me: Me) -> None:
    """Whether the caller keeps the register of owners anywhere."""
    OWNERS.demand_somewhere(me)


@router.get("", response_model=Page[OwnerOut], responses=problems(Forbidden))
async def list_owners(
    session: Session, me: Me, asked: Annotated[OwnersAsked, Query()]
) -> dict[str, object]:
    """The owners of homes within your places, newest first."""
    OWNERS.demand_somewhere(me)
    found = queries.owners_visible_to(me)
    if asked.kind:
        found = found.where(Owner.kind == asked.kind)
    if asked.name:
        found = found.where(Owner.name == asked.name)
    if asked.known is not None:
        found = found.where(Owner.person_id.is_not(None) == asked.known)
    return await paged(session, found, asked, by=Owner.id)


@router.post(
    "",
    status_code=201,
    response_model=OwnerOut,
    responses=problems(Forbidden, Invalid, OwnerExists),
)
async def add_owner(session: Session, me: Me, asked: OwnerIn, response: Response) -> Owner:
    """Put somebody on the register of owners."""
    owner = await register.add(session, **asked.model_dump(), by=me)
    response.headers["ETag"] = etag(owner.version)
    return owner


@router.get(
    "/template.xlsx",
    response_class=Workbook,
    responses=problems(Forbidden),
    dependencies=[Depends(keeping)],
)
async def read_template() -> Response:
    """A list of owners to fill in, with the headings that an import reads and two examples."""
    named = {"Content-Disposition": 'attachment; filename="owners.xlsx"'}
    return Workbook(await asyncio.to_thread(sheet.template), headers=named)


@router.post(
    "/imports",
    response_model=OwnersImported,
    responses=problems(
        Forbidden, TooLarge, SheetUnreadable, OwnerHeadingsMissing, TooManyRows, OwnersWrong
    ),
)
async def import_owners(
    session: Session, me: Me, file: UploadFile, *, dry_run: Annotated[bool, Form()] = False
) -> importing.Imported:
    """Read in a .csv or .xlsx of at most 5 MB and 20,000 rows with the columns of the template.

    All of it is written or nothing: when a row is wrong, `errors` names its number and column, as
    in `7.area`. With `dry_run` nothing is written. The same list again changes nothing. Somebody
    without a number is another owner in every home, until the register says otherwise.
    """
    OWNERS.demand_somewhere(me)
    rows = await taken_in(file, sheet.read)
    return await importing.import_owners(session, rows, by=me, dry_run=dry_run)


@router.get("/{owner_id}", response_model=OwnerOut, responses=problems(NotFound))
async def read_owner(owner: Held, response: Response) -> Owner:
    """An owner."""
    response.headers["ETag"] = etag(owner.version)
    return owner


@router.patch(
    "/{owner_id}",
    response_model=OwnerOut,
    responses=problems(NotFound, Changed, Invalid, OwnerExists),
)
async def change_owner(
    session: Session, me: Me, owner: Held, asked: OwnerChange, response: Response
) -> Owner:
    """Call an owner otherwise, or say who they are."""
    changed = await register.change(session, owner, asked.named(), by=me)
    response.headers["ETag"] = etag(changed.version)
    return changed
