"""What people are told about a topic they had a part in, in their own language."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import _, speaking
from app.notices import service as notices
from app.people import queries as people
from app.people.models import Post
from app.places.models import Place
from app.polls.models import PostState, Topic, TopicPost, TopicSupport
from app.polls.permissions import TOPICS
from app.polls.topics.links import topic_link

TOPIC = "topic.progress"
DESK = "topic.attention"
_LONGEST = 100


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


async def concerned(session: AsyncSession, topic: Topic) -> Sequence[UUID]:
    """Who raised a topic, seconds it, or said something on it that is not hidden."""
    seconded = select(TopicSupport.person_id).where(
        TopicSupport.community_id == topic.community_id, TopicSupport.topic_id == topic.id
    )
    spoke = select(TopicPost.person_id).where(
        TopicPost.community_id == topic.community_id,
        TopicPost.topic_id == topic.id,
        TopicPost.person_id.is_not(None),
        TopicPost.state != PostState.HIDDEN,
    )
    both = await session.scalars(union(seconded, spoke))
    return sorted({*both, *([topic.raised_by_id] if topic.raised_by_id else [])})


async def tell(
    session: AsyncSession,
    topic: Topic,
    person_id: UUID,
    *,
    sentence: str,
    once: str,
    note: str | None = None,
    purpose: str = TOPIC,
) -> None:
    """Tell one person how a topic stands, once under this key."""
    with speaking(await people.language_of(session, topic.community_id, person_id)):
        lines = [(_("议题"), f"{topic.number} {_short(topic.title)}")]
        if note:
            lines.append((_("说明"), _short(note)))
        await notices.tell(
            session,
            community_id=topic.community_id,
            person_id=person_id,
            purpose=purpose,
            title=_(sentence),
            lines=lines,
            link=topic_link(topic.community_id, topic.id, person_id),
            about=topic.id,
            once=f"{once}:{topic.id}:{person_id}",
        )


async def tell_concerned(
    session: AsyncSession, topic: Topic, *, sentence: str, once: str, note: str | None = None
) -> None:
    """Tell everybody who had a part in a topic, each once under this key."""
    for person_id in await concerned(session, topic):
        await tell(session, topic, person_id, sentence=sentence, once=once, note=note)


async def desk(session: AsyncSession, community_id: UUID, place_id: UUID) -> Sequence[UUID]:
    """Everybody whose post it is to see to the topics and councils of a place."""
    path = select(Place.path).where(Place.community_id == community_id, Place.id == place_id)
    posts = (
        select(Post.person_id)
        .join(Post.place)
        .where(
            Post.community_id == community_id,
            Post.ended_at.is_(None),
            Post.role.in_(TOPICS.roles),
            func.starts_with(path.scalar_subquery(), Place.path),
        )
        .distinct()
    )
    return (await session.scalars(posts)).all()


async def tell_desk(session: AsyncSession, topic: Topic, *, sentence: str, once: str) -> None:
    """Tell everybody whose post it is to see to a topic, each once under this key."""
    for person_id in await desk(session, topic.community_id, topic.place_id):
        await tell(session, topic, person_id, sentence=sentence, once=once, purpose=DESK)
