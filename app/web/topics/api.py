"""The topics and councils of a community as everybody reads them."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.clock import now
from app.core.pages import paged
from app.core.problems import NotFound, problems
from app.core.web import Route, Session
from app.places.models import Community
from app.polls.councils import queries as councils
from app.polls.models import Council, Sitting, Topic
from app.polls.topics import queries
from app.web.frame import HTML
from app.web.site.addressed import There, numbered
from app.web.site.conditional import answer
from app.web.topics import pages, personal
from app.web.topics.pages import Asked, frame
from app.web.topics.reading import html

router = APIRouter(route_class=Route, tags=["site"])
router.include_router(personal.router)


def _answer(http: Request, body: bytes) -> Response:
    return answer(http, body, media_type=HTML, changed_at=now(), headers=frame.closed)


@router.get("/c/{slug}/topics", response_class=Response, responses=problems(NotFound))
async def list_topics(
    session: Session, there: There, http: Request, asked: Annotated[Asked, Query()]
) -> Response:
    """What is talked over, the newest first, and the councils that sit."""
    page = await paged(session, queries.public(there.id), asked, by=Topic.id)
    topics: list[Topic] = page["items"]  # type: ignore[assignment]
    body = frame.filled(
        "topics.html",
        large=asked.large,
        community=there.name,
        place={"after": asked.after},
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
    wanted = numbered(number)
    this = queries.public(there.id).where(Topic.number == wanted)
    topic = await session.scalar(this) if wanted else None
    if topic is None:
        return pages.not_there(there.name, large=asked.large)
    posts = queries.shown_posts(topic)
    return _answer(http, await pages.topic_page(session, there, topic, posts, asked))


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
    body = frame.filled(
        "council.html",
        large=asked.large,
        community=there.name,
        place={"after": asked.after},
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
