"""The topics and councils of a community as everybody reads them."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.clock import now
from app.core.pages import Cursor, paged
from app.core.problems import NotFound, problems
from app.core.web import Route, Session
from app.places.models import Community
from app.polls.councils import queries as councils
from app.polls.models import Council, Sitting, Topic, TopicPost
from app.polls.topics import queries
from app.web.site import reading as site
from app.web.site.conditional import answer
from app.web.site.pages import HTML
from app.web.topics import pages, personal
from app.web.topics.reading import content, html, said

router = APIRouter(route_class=Route, tags=["site"])
router.include_router(personal.router)
_POSTS_AT_ONCE = 50
_LARGEST_NUMBER = 2**31 - 1


async def community(session: Session, slug: str) -> Community:
    """The community of this name in the address."""
    return await site.community_of(session, slug)


There = Annotated[Community, Depends(community)]


class Asked(Cursor):
    """Which page is asked for, and whether in large letters."""

    large: bool = False


def _answer(http: Request, body: bytes) -> Response:
    return answer(http, body, media_type=HTML, changed_at=now(), headers=pages.CLOSED)


@router.get("/c/{slug}/topics", response_class=Response, responses=problems(NotFound))
async def list_topics(
    session: Session, there: There, http: Request, asked: Annotated[Asked, Query()]
) -> Response:
    """What is talked over, the newest first, and the councils that sit."""
    page = await paged(session, queries.public(there.id), asked, by=Topic.id)
    topics: list[Topic] = page["items"]  # type: ignore[assignment]
    body = pages.filled(
        "topics.html",
        large=asked.large,
        community=there.name,
        after=asked.after or "",
        at=f"/c/{there.slug}",
        topics=topics,
        seconds=await queries.seconds(session, topics),
        councils=[] if asked.after else await _councils(session, there),
        more=page["next"],
    )
    return _answer(http, body)


async def _councils(session: AsyncSession, there: Community) -> list[Council]:
    rows = councils.of_community(there.id).where(Council.ended_at.is_(None))
    return list(await session.scalars(rows.order_by(Council.id)))


@router.get("/c/{slug}/topics/{number}", response_class=Response, responses=problems(NotFound))
async def topic_page(
    session: Session,
    there: There,
    number: str,
    http: Request,
    asked: Annotated[Asked, Query()],
) -> Response:
    """A topic with its steps, results, requests, and what was said, thread after thread."""
    wanted = int(number) if number.isascii() and number.isdecimal() else 0
    known = 0 < wanted <= _LARGEST_NUMBER
    this = queries.public(there.id).where(Topic.number == wanted)
    topic = await session.scalar(this) if known else None
    if topic is None:
        return pages.not_there(there.name, large=asked.large)
    asked.limit = _POSTS_AT_ONCE
    page = await paged(
        session,
        queries.shown_posts(topic),
        asked,
        by=(TopicPost.thread_id, TopicPost.id),
        newest_first=False,
    )
    body = pages.filled(
        "topic.html",
        large=asked.large,
        community=there.name,
        after=asked.after or "",
        at=f"/c/{there.slug}",
        **await content(session, topic),
        posts=await said(session, page["items"]),  # type: ignore[arg-type]
        more=page["next"],
        mine=None,
    )
    return _answer(http, body)


@router.get(
    "/c/{slug}/councils/{council_id}", response_class=Response, responses=problems(NotFound)
)
async def council_page(
    session: Session,
    there: There,
    council_id: UUID,
    http: Request,
    asked: Annotated[Asked, Query()],
) -> Response:
    """A regular meeting: when it sits, what on, and its minutes."""
    this = councils.of_community(there.id).where(Council.id == council_id)
    council = await session.scalar(this)
    if council is None:
        return pages.not_there(there.name, large=asked.large)
    rows = councils.sittings_of(council)
    page = await paged(session, rows, asked, by=(Sitting.starts_at, Sitting.id))
    sittings: list[Sitting] = page["items"]  # type: ignore[assignment]
    agendas = await councils.agendas(session, there.id, [each.id for each in sittings])
    named = {item.topic_id for items in agendas.values() for item in items}
    body = pages.filled(
        "council.html",
        large=asked.large,
        community=there.name,
        after=asked.after or "",
        at=f"/c/{there.slug}",
        council=council,
        sittings=[(each, agendas[each.id], html(each.minutes)) for each in sittings],
        numbers=await _numbers(session, there, named),
        more=page["next"],
    )
    return _answer(http, body)


async def _numbers(
    session: AsyncSession, there: Community, topic_ids: Iterable[UUID | None]
) -> dict[UUID | None, int]:
    """The numbers of those topics that everybody may read, by id."""
    rows = (
        queries.public(there.id)
        .where(Topic.id.in_([each for each in topic_ids if each]))
        .with_only_columns(Topic.id, Topic.number)
    )
    return {row[0]: row[1] for row in await session.execute(rows)}
