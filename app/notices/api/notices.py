"""Notices: writing, reading, changing drafts, and the files that go with them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, UploadFile
from fastapi.responses import FileResponse

from app.core.files import TooManyPixels
from app.core.files.documents import DocumentUnsafe, NotADocument, download
from app.core.files.uploads import received
from app.core.pages import Page, paged
from app.core.problems import (
    Changed,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    Unavailable,
    problems,
)
from app.core.web import Route, Session, etag
from app.notices import drafting, queries
from app.notices.api.holding import Held, HeldAlone, shown, shown_all
from app.notices.models import Notice, NoticeFile
from app.notices.problems import CorrectionGoesThere, NoticeNotDraft, TooManyFiles
from app.notices.schemas import (
    NoticeChange,
    NoticeFileOut,
    NoticeFilters,
    NoticeIn,
    NoticeOut,
)
from app.people.access import Actor, Me
from app.places import queries as places
from app.places.models import Place

router = APIRouter(prefix="/api/v1/notices", tags=["notices"], route_class=Route)


async def _place(session: Session, me: Actor, place_id: UUID) -> Place:
    if place := await session.scalar(places.visible_to(me).where(Place.id == place_id)):
        return place
    message = "there is no such thing here"
    raise Invalid(errors=[{"path": "body.place_id", "message": message}])


@router.get("", response_model=Page[NoticeOut])
async def list_notices(
    session: Session, me: Me, asked: Annotated[NoticeFilters, Query()]
) -> dict[str, object]:
    """The notices you may see, the latest first: staff those of their places in every state."""
    rows = queries.visible_to(me)
    if asked.kind:
        rows = rows.where(Notice.kind == asked.kind)
    if asked.state:
        rows = rows.where(Notice.state == asked.state)
    if asked.title:
        rows = rows.where(Notice.title.contains(asked.title, autoescape=True))
    page = await paged(session, rows, asked, by=Notice.id)
    return page | {"items": await shown_all(session, page["items"], me)}  # type: ignore[arg-type]


@router.post("", status_code=201, responses=problems(Forbidden, Invalid))
async def write_notice(session: Session, me: Me, asked: NoticeIn, response: Response) -> NoticeOut:
    """Write a notice; it is a draft until it is sent."""
    place = await _place(session, me, asked.place_id)
    columns = asked.model_dump(exclude={"place_id", "audience"})
    notice = await drafting.draft(session, place, audience=asked.audience, by=me, **columns)
    return await shown(session, notice, me, response)


@router.get("/{notice_id}", responses=problems(NotFound))
async def read_notice(session: Session, me: Me, notice: Held, response: Response) -> NoticeOut:
    """A notice, with its files, what it puts right and what puts it right."""
    return await shown(session, notice, me, response)


@router.patch(
    "/{notice_id}",
    responses=problems(NotFound, Forbidden, NoticeNotDraft, CorrectionGoesThere, Changed, Invalid),
)
async def change_notice(
    session: Session, me: Me, notice: HeldAlone, asked: NoticeChange, response: Response
) -> NoticeOut:
    """Let a draft say something else, or to others; `If-Match` guards against lost changes."""
    place = await _place(session, me, asked.place_id) if asked.place_id else None
    columns = asked.model_dump(exclude_unset=True, exclude={"place_id", "audience"})
    await drafting.change(session, notice, columns, place=place, audience=asked.audience, by=me)
    return await shown(session, notice, me, response)


@router.post(
    "/{notice_id}/files",
    status_code=201,
    response_model=NoticeFileOut,
    responses=problems(
        *(NotFound, Forbidden, NoticeNotDraft, TooManyFiles, Changed, TooLarge),
        *(NotADocument, DocumentUnsafe, TooManyPixels, Unavailable),
    ),
)
async def add_file(
    session: Session, me: Me, notice: HeldAlone, *, file: UploadFile, response: Response
) -> NoticeFile:
    """Put a picture or a document with a draft: of at most 10 MB, PDF, Office or text."""
    async with received(file) as data:
        attached = await drafting.attach(session, notice, data, file.filename, by=me)
    response.headers["ETag"] = etag(notice.version)
    return attached


@router.get(
    "/{notice_id}/files/{attached_id}", response_class=FileResponse, responses=problems(NotFound)
)
async def read_file(session: Session, notice: Held, attached_id: UUID) -> FileResponse:
    """A picture or a document of a notice, to be saved."""
    found = await queries.file_of(session, notice, attached_id)
    if found is None:
        raise NotFound
    return download(*found)


@router.delete(
    "/{notice_id}/files/{attached_id}",
    status_code=204,
    responses=problems(NotFound, Forbidden, NoticeNotDraft, Changed),
)
async def remove_file(session: Session, me: Me, notice: HeldAlone, attached_id: UUID) -> None:
    """Take a file from a draft."""
    await drafting.detach(session, notice, attached_id, by=me)
