"""The doors of the site: feeds, pages of notices, and the data that other pages are made of."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from starlette.responses import Response

from app.core.files.documents import download
from app.core.pages import Asked, Page, paged
from app.core.problems import NotFound, problems
from app.core.web import Route, Session
from app.core.wire import Out
from app.notices import queries
from app.notices.models import Notice, NoticeKind
from app.places.models import Community
from app.web.frame import HTML
from app.web.site import atoms, feeds, links, pages, poll_feed, reading
from app.web.site.addressed import There
from app.web.site.conditional import answer
from app.web.site.reading import BOARD, SITE, Shown

router = APIRouter(route_class=Route, tags=["site"])
router.include_router(links.router)
router.include_router(poll_feed.router)
_NEWEST = 50
_ON_THE_BOARD = 20


class AttachedOut(Out):
    """A picture or a document, and where it is fetched."""

    url: str
    name: str
    media_type: str


class PublicNoticeOut(Out):
    """A notice as everybody reads it, in Markdown made HTML and as plain text."""

    id: UUID
    url: str
    kind: NoticeKind
    title: str
    html: str
    text: str
    media_url: str | None
    published_at: datetime
    corrects_url: str | None
    corrected_by_url: str | None
    photos: list[AttachedOut]
    documents: list[AttachedOut]


async def _newest(session: Session, there: Community, channel: str, most: int) -> list[Shown]:
    rows = queries.published_on(there.id, channel)
    newest = rows.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(most)
    return await reading.shown(session, there, (await session.scalars(newest)).all())


async def _changed(session: Session, there: Community, channel: str) -> datetime:
    changed = await session.scalar(queries.touched(there.id, channel))
    return changed or there.created_at


@router.get("/c/{slug}/feed.xml", response_class=Response, responses=problems(NotFound))
async def atom_feed(session: Session, there: There, http: Request) -> Response:
    """The newest notices as Atom (RFC 4287)."""
    changed = await _changed(session, there, SITE)
    body = feeds.atom(there, await _newest(session, there, SITE, _NEWEST), updated=changed)
    return answer(http, body, media_type=atoms.ATOM, changed_at=changed)


@router.get("/c/{slug}/feed.json", response_class=Response, responses=problems(NotFound))
async def json_feed(session: Session, there: There, http: Request) -> Response:
    """The newest notices as JSON Feed 1.1."""
    body = feeds.json_feed(there, await _newest(session, there, SITE, _NEWEST))
    changed = await _changed(session, there, SITE)
    return answer(http, body, media_type=feeds.JSON_FEED, changed_at=changed)


@router.get("/tv/{slug}/feed.json", response_class=Response, responses=problems(NotFound))
async def board_feed(session: Session, there: There, http: Request) -> Response:
    """What the ITV board shows: emergencies first, then the newest."""
    changed = await _changed(session, there, BOARD)
    newest = await _newest(session, there, BOARD, _ON_THE_BOARD)
    body = feeds.board(there, newest, updated=changed)
    return answer(http, body, media_type="application/json", changed_at=changed)


async def _standing(session: Session, there: Community, notice_id: UUID) -> Notice | None:
    """The notice of this id, where it stands for everybody."""
    rows = queries.published_on(there.id, SITE, BOARD)
    return await session.scalar(rows.where(Notice.id == notice_id))


@router.get("/c/{slug}/notices/{notice_id}", response_class=Response, responses=problems(NotFound))
async def notice_page(
    session: Session,
    there: There,
    notice_id: UUID,
    *,
    http: Request,
    large: Annotated[bool, Query()] = False,
) -> Response:
    """A notice as a page, in large letters if wanted; one that was withdrawn is not there."""
    notice = await _standing(session, there, notice_id)
    if notice is None:
        return pages.not_there(there.name, large=large)
    [shown] = await reading.shown(session, there, [notice])
    body = pages.notice_page(there, shown, large=large, public=True)
    closed = pages.frame.closed
    return answer(http, body, media_type=HTML, changed_at=shown.updated_at, headers=closed)


@router.get("/c/{slug}/notices/{notice_id}/files/{file_id}", responses=problems(NotFound))
async def public_file(
    session: Session, there: There, notice_id: UUID, file_id: UUID
) -> FileResponse:
    """A picture or a document of a notice that stands for everybody."""
    notice = await _standing(session, there, notice_id)
    found = notice and await queries.file_of(session, notice, file_id)
    if not found:
        raise NotFound
    return download(*found, shown=True)


@router.get(
    "/api/v1/communities/{slug}/notices",
    response_model=Page[PublicNoticeOut],
    responses=problems(NotFound),
)
async def list_published(session: Session, there: There, cursor: Asked) -> dict[str, object]:
    """What stands on the community's site, the latest first; for pages and other programs."""
    rows = queries.published_on(there.id, SITE)
    page = await paged(session, rows, cursor, by=(Notice.published_at, Notice.id))
    return page | {"items": await reading.shown(session, there, page["items"])}  # type: ignore[arg-type]
