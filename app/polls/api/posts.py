"""What is said on a topic: in threads, and read first by who moderates."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, TooManyRequests, problems
from app.core.web import Route, Session
from app.people.access import Actor, Me
from app.polls.api.topics import Held
from app.polls.models import TopicPost
from app.polls.permissions import MODERATE
from app.polls.problems import NotLivingHere, TopicStep
from app.polls.topics import discussing, queries
from app.polls.topics.naming import masked
from app.polls.topics.schemas import ModerationIn, PostIn, PostOut

router = APIRouter(prefix="/api/v1/topics", tags=["topics"], route_class=Route)
queue = APIRouter(prefix="/api/v1/topic-posts", tags=["topics"], route_class=Route)


def shown(post: TopicPost, me: Actor, *, moderates: bool) -> PostOut:
    """A post as this caller reads it: whose it is, for moderators alone."""
    names = PostOut.model_fields.keys() - {"author", "mine", "person_id"}
    columns: dict[str, Any] = {name: getattr(post, name) for name in names}
    mine = me.kind == "person" and post.person_id == me.id
    return PostOut(
        **columns,
        author=masked(post.person.name) if post.person and not post.official else None,
        person_id=post.person_id if moderates else None,
        mine=mine,
    )


@router.get("/{topic_id}/posts", response_model=Page[PostOut], responses=problems(NotFound))
async def list_posts(session: Session, me: Me, topic: Held, cursor: Asked) -> dict[str, object]:
    """What was said, thread after thread and each from its beginning; one's own waiting posts too.

    Who moderates there sees what waits and what is hidden as well.
    """
    page = await paged(
        session,
        queries.posts_visible_to(me, topic),
        cursor,
        by=(TopicPost.thread_id, TopicPost.id),
        newest_first=False,
    )
    moderates = MODERATE.allows(me, at=topic.place.path)
    return page | {"items": [shown(each, me, moderates=moderates) for each in page["items"]]}  # type: ignore[attr-defined]


@router.post(
    "/{topic_id}/posts",
    status_code=201,
    responses=problems(*(NotFound, Forbidden, NotLivingHere, TopicStep, Invalid, TooManyRequests)),
)
async def add_post(session: Session, me: Me, topic: Held, asked: PostIn) -> PostOut:
    """Say something on a topic, or in answer to a post; it may wait to be read first."""
    said = await discussing.post(session, topic, **asked.model_dump(), by=me)
    await session.refresh(said, ["person"])
    return shown(said, me, moderates=MODERATE.allows(me, at=topic.place.path))


@router.post(
    "/{topic_id}/posts/{topic_post_id}/moderation",
    responses=problems(NotFound, Forbidden, Invalid),
)
async def moderate_post(
    session: Session, me: Me, topic: Held, topic_post_id: UUID, asked: ModerationIn
) -> PostOut:
    """Show a post, or hide it and say why."""
    said = await discussing.moderate(
        session, topic, topic_post_id, shown=asked.shown, reason=asked.reason, by=me
    )
    return shown(said, me, moderates=True)


@queue.get("", response_model=Page[PostOut], responses=problems(Forbidden))
async def list_waiting(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The posts of your places that wait to be read before they are shown, oldest first."""
    MODERATE.demand_somewhere(me)
    rows = queries.waiting_for(me)
    page = await paged(session, rows, cursor, by=TopicPost.id, newest_first=False)
    return page | {"items": [shown(each, me, moderates=True) for each in page["items"]]}  # type: ignore[attr-defined]
