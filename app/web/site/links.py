"""The links people are sent: a page of their own by which we know that they have read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.files.documents import download
from app.core.i18n import _
from app.core.problems import NotFound, problems
from app.core.web import Route, Session
from app.notices import links, queries, reading
from app.notices.links import Link
from app.notices.models import PUBLISHED, Notice, NoticeKind, NoticeState
from app.people.access import Actor
from app.places.models import Community
from app.web.site import pages
from app.web.site.reading import shown_to

router = APIRouter(prefix="/n/{token}", route_class=Route, tags=["site"])
_GONE = 410
_SEE_OTHER = 303


async def _led_to(session: AsyncSession, token: str) -> tuple[Link, Notice] | None:
    """The link of this token and the notice it leads to, once that was sent."""
    link = links.opened(token)
    notice = link and await queries.whole(session, link.community_id, link.notice_id)
    if not link or not notice or notice.published_at is None:
        return None
    return link, notice


def _actor(link: Link, person_id: UUID) -> Actor:
    return Actor(link.community_id, "person", person_id)


def _link_of(link: Link, notice_id: UUID | None) -> str:
    """Where the holder of a link reads another notice."""
    return links.link_to(link.community_id, notice_id, link.person_id) if notice_id else ""


async def _withdrawn(
    session: AsyncSession, community: Community, notice: Notice, link: Link, *, large: bool
) -> Response:
    right = await queries.corrections_of(session, notice.community_id, [notice.id])
    href = _link_of(link, right.get(notice.id))
    return pages.frame.told(
        _("此通知已撤回"),
        _("原因：{reason}").format(reason=notice.reason) if notice.reason else "",
        status=_GONE,
        large=large,
        community=community.name,
        title=notice.title,
        onward=(href, _("此通知已更正，请看更正后的内容")) if href else None,
    )


@router.get("", response_class=Response)
async def read_notice(
    session: Session, token: str, *, large: Annotated[bool, Query()] = False
) -> Response:
    """A notice as one who was sent it reads it; that they did is noted."""
    led = await _led_to(session, token)
    if led is None:
        return pages.not_there(large=large)
    link, notice = led
    community = await session.get_one(Community, notice.community_id)
    if notice.state is NoticeState.WITHDRAWN:
        return await _withdrawn(session, community, notice, link, large=large)
    person_id = await reading.reader_of(session, link)
    if person_id:
        by = _actor(link, person_id)
        await reading.read(session, notice, person_id, way=reading.LINK, by=by)
    studying = await _studying(session, notice, person_id, token)
    shown = await shown_to(session, notice, link.person_id)
    body = pages.notice_page(community, shown, large=large, public=False, studying=studying)
    return pages.frame.alone(body)


async def _studying(
    session: AsyncSession, notice: Notice, person_id: UUID | None, token: str
) -> str:
    """Where a reader says that they have studied a lesson; `done` once they have."""
    if notice.kind is not NoticeKind.LESSON or person_id is None:
        return ""
    if await reading.has_studied(session, notice, person_id):
        return "done"
    return f"/n/{token}/studied"


@router.post("/studied", response_class=Response)
async def note_study(session: Session, token: str) -> Response:
    """Note that whoever was sent the link has gone through the lesson."""
    led = await _led_to(session, token)
    person_id = led and await reading.reader_of(session, led[0])
    if led is None or person_id is None:
        return pages.not_there()
    link, notice = led
    if notice.state in PUBLISHED:
        by = _actor(link, person_id)
        await reading.study(session, notice, person_id, way=reading.LINK, by=by)
    return RedirectResponse(f"/n/{token}", _SEE_OTHER)


@router.get("/files/{file_id}", responses=problems(NotFound))
async def read_file(session: Session, token: str, file_id: UUID) -> FileResponse:
    """A picture or a document of the notice."""
    led = await _led_to(session, token)
    if led is None or led[1].state not in PUBLISHED:
        raise NotFound
    found = await queries.file_of(session, led[1], file_id)
    if found is None:
        raise NotFound
    return download(*found, shown=True)
