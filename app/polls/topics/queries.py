"""Reading topics: every list begins at what the caller may see."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from app.core.problems import NotFound
from app.people.access import Actor
from app.people.queries import lives_within
from app.polls.models import PollPolicy, PostState, Topic, TopicPost, TopicState, TopicSupport
from app.polls.permissions import MODERATE, TOPICS

HIDDEN = frozenset({TopicState.RAISED, TopicState.REFUSED})
"""States in which a topic is not there for everybody: not discussed yet, or never."""
PUBLIC = frozenset(TopicState) - HIDDEN


def _seconded_by(me: Actor) -> ColumnElement[bool]:
    support = select(TopicSupport.person_id).where(
        TopicSupport.community_id == Topic.community_id,
        TopicSupport.topic_id == Topic.id,
        TopicSupport.person_id == me.id,
    )
    return support.exists()


def _as_person(me: Actor) -> ColumnElement[bool]:
    """What somebody sees without a post: one's own, what is discussed, what one may second."""
    if me.kind != "person":
        return false()
    near = and_(Topic.state == TopicState.RAISED, lives_within(me))
    return or_(Topic.state.in_(PUBLIC), Topic.raised_by_id == me.id, near, _seconded_by(me))


def visible_to(me: Actor) -> Select[Topic]:
    """The topics of one's places, and what everybody of the community sees; with their places.

    Before it is discussed a topic is seen by whoever raised it and by who lives within its place,
    so that they can second it; one that was refused, by whoever raised or seconded it.
    """
    return (
        select(Topic)
        .join(Topic.place)
        .where(Topic.community_id == me.community_id, or_(TOPICS.places(me), _as_person(me)))
        .options(contains_eager(Topic.place))
    )


def public(community_id: UUID) -> Select[Topic]:
    """The topics on the community's site: where posts are read first, these were read, too."""
    unread = select(PollPolicy.community_id).where(
        PollPolicy.community_id == community_id, PollPolicy.moderated.is_(False)
    )
    stands = or_(Topic.published_at.is_not(None), unread.exists())
    return select(Topic).where(Topic.community_id == community_id, Topic.state.in_(PUBLIC), stands)


async def alone(session: AsyncSession, community_id: UUID, topic_id: UUID) -> Topic:
    """The topic as it is now, nobody else's to change until we are done; `NotFound` if none is.

    Whoever only refers to it, as by seconding it, is not kept waiting by the lock, nor keeps it.
    """
    found = await session.scalar(
        select(Topic)
        .join(Topic.place)
        .where(Topic.community_id == community_id, Topic.id == topic_id)
        .options(contains_eager(Topic.place))
        .with_for_update(key_share=True, of=Topic)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


async def seconds(session: AsyncSession, topics: Sequence[Topic]) -> dict[UUID, int]:
    """How many second each of these topics of one community."""
    if not topics:
        return {}
    ids = [topic.id for topic in topics]
    counted = (
        select(TopicSupport.topic_id, func.count())
        .where(TopicSupport.community_id == topics[0].community_id, TopicSupport.topic_id.in_(ids))
        .group_by(TopicSupport.topic_id)
    )
    rows = await session.execute(counted)
    return dict.fromkeys(ids, 0) | {row[0]: row[1] for row in rows}


async def has_seconded(session: AsyncSession, topic: Topic, me: Actor) -> bool:
    """Whether this person seconds the topic."""
    if me.kind != "person" or me.id is None:
        return False
    return await session.get(TopicSupport, (topic.community_id, topic.id, me.id)) is not None


def posts_of(topic: Topic) -> Select[TopicPost]:
    """What was said on a topic, with whoever said it."""
    return (
        select(TopicPost)
        .where(TopicPost.community_id == topic.community_id, TopicPost.topic_id == topic.id)
        .options(joinedload(TopicPost.person))
    )


def shown_posts(topic: Topic) -> Select[TopicPost]:
    """What everybody may read of it."""
    return posts_of(topic).where(TopicPost.state == PostState.SHOWN)


def posts_visible_to(me: Actor, topic: Topic) -> Select[TopicPost]:
    """What is shown, one's own, and for who moderates there all of it."""
    if MODERATE.allows(me, at=topic.place.path):
        return posts_of(topic)
    own = TopicPost.person_id == me.id if me.kind == "person" else false()
    return posts_of(topic).where(or_(TopicPost.state == PostState.SHOWN, own))


def waiting_for(me: Actor) -> Select[TopicPost]:
    """The posts that wait to be read first by this moderator."""
    return (
        select(TopicPost)
        .join(
            Topic,
            (Topic.community_id == TopicPost.community_id) & (Topic.id == TopicPost.topic_id),
        )
        .join(Topic.place)
        .where(
            TopicPost.community_id == me.community_id,
            TopicPost.state == PostState.WAITING,
            MODERATE.places(me),
        )
        .options(joinedload(TopicPost.person))
    )
