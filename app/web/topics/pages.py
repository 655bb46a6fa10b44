"""The look of the pages of topics and councils: plain HTML that runs nothing."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.i18n import _
from app.core.pages import Cursor, paged
from app.places.models import Community
from app.polls.models import Topic, TopicPost
from app.web.frame import Frame
from app.web.topics import words
from app.web.topics.reading import content, said

_POSTS_AT_ONCE = 50

frame = Frame(Path(__file__).parent, words=words)


class Asked(Cursor):
    """Which page is asked for, and whether in large letters."""

    large: bool = False


@dataclass(frozen=True, slots=True)
class Mine:
    """What the holder of a link may do, what they wrote, and what came of it."""

    action: str
    seconds: bool
    seconded: bool
    speaks: bool
    waits: bool
    """Whether what they say is read first."""
    text: str = ""
    notice: str = ""


async def topic_page(
    session: AsyncSession,
    community: Community,
    topic: Topic,
    posts: Select[TopicPost],
    asked: Asked,
    *,
    mine: Mine | None = None,
) -> bytes:
    """A topic with its steps, results, requests, and what was said, thread after thread."""
    asked.limit = _POSTS_AT_ONCE
    order = (TopicPost.thread_id, TopicPost.id)
    page = await paged(session, posts, asked, by=order, newest_first=False)
    return frame.filled(
        "topic.html",
        large=asked.large,
        community=community.name,
        place={"after": asked.after},
        at=f"/c/{community.slug}",
        **await content(session, topic),
        posts=await said(session, page["items"]),  # type: ignore[arg-type]
        more=page["next"],
        mine=mine,
    )


def not_there(community: str = "", *, large: bool = False) -> Response:
    """The answer where there is nothing to read."""
    heading = _("没有这个议题，或尚未公开")
    return frame.told(heading, status=404, large=large, community=community)
