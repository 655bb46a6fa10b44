"""Raising a topic, seconding it, taking it up, and refusing it."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.limits import take
from app.groups.masking import masked
from app.people.access import Actor
from app.people.queries import is_known_within
from app.places.models import ROOT, Place
from app.polls.events import TopicOpened, TopicPublished, TopicRaised, TopicRefused, TopicSeconded
from app.polls.models import Topic, TopicNumber, TopicState, TopicSupport
from app.polls.permissions import DISCUSS, TOPICS
from app.polls.problems import NotLivingHere, OwnTopic, TopicStep
from app.polls.service import policies

_PER_DAY = 5
_DAY = 24 * 3600


async def raise_topic(
    session: AsyncSession, place: Place, *, title: str, body: str, by: Actor
) -> Topic:
    """Put something forward to be talked over; numbers of people in it are masked.

    Staff who take topics on there open it at once. Raises `NotLivingHere` for who is not known to
    live in the community, and `TooManyRequests` for a resident's sixth topic in a day.
    """
    await demand_part(session, ROOT, by=by)
    if not by.is_staff:
        await take(session, f"topics raised by {by.id}", burst=_PER_DAY, per_seconds=_DAY)
    topic = Topic(
        community_id=by.community_id,
        id=new_id(),
        place_id=place.id,
        title=masked(title),
        body=masked(body),
        raised_by_id=by.id if by.kind == "person" else None,
        number=await _next_number(session, by.community_id),
    )
    session.add(topic)
    set_committed_value(topic, "place", place)
    await session.flush()
    await record(session, TopicRaised(topic_id=topic.id), by=by)
    if TOPICS.allows(by, at=place.path):
        await _open(session, topic, by=by)
    return topic


async def demand_part(session: AsyncSession, path: str, *, by: Actor) -> None:
    """Refuse who neither works for the community nor is known to live at this path."""
    DISCUSS.demand(by, at=path)
    if not by.is_staff and not await is_known_within(session, by, path):
        raise NotLivingHere


async def _next_number(session: AsyncSession, community_id: UUID) -> int:
    counter = insert(TopicNumber).values(community_id=community_id, last=1)
    counted = counter.on_conflict_do_update(
        index_elements=[TopicNumber.community_id], set_={"last": TopicNumber.last + 1}
    )
    return (await session.scalars(counted.returning(TopicNumber.last))).one()


async def second(session: AsyncSession, topic: Topic, *, by: Actor) -> int:
    """Say that one wants it talked over, too; returns how many do. Once more changes nothing.

    The topic is held alone by the caller: whoever makes the number full opens it, and nobody else.
    Raises `OwnTopic`, `NotLivingHere`, and `TopicStep` when it is past being discussed.
    """
    if by.kind != "person" or by.id is None or topic.raised_by_id == by.id:
        raise OwnTopic
    await demand_part(session, topic.place.path, by=by)
    if topic.state not in (TopicState.RAISED, TopicState.DISCUSSED):
        raise TopicStep
    support = insert(TopicSupport).values(
        community_id=topic.community_id, topic_id=topic.id, person_id=by.id
    )
    made = support.on_conflict_do_nothing().returning(TopicSupport.person_id)
    fresh = await session.scalar(made) is not None
    count = await _supports(session, topic)
    if fresh:
        await record(session, TopicSeconded(topic_id=topic.id), by=by)
        policy = await policies.of(session, topic.community_id)
        if topic.state is TopicState.RAISED and count >= policy.seconds_needed:
            await _open(session, topic, by=by)
    return count


async def _supports(session: AsyncSession, topic: Topic) -> int:
    rows = select(func.count()).where(
        TopicSupport.community_id == topic.community_id, TopicSupport.topic_id == topic.id
    )
    return await session.scalar(rows) or 0


async def take_up(session: AsyncSession, topic: Topic, *, by: Actor) -> Topic:
    """Have a topic discussed though too few have seconded it; `TopicStep` if it is already."""
    TOPICS.demand(by, at=topic.place.path)
    if topic.state is not TopicState.RAISED:
        raise TopicStep
    await _open(session, topic, by=by)
    return topic


async def publish(session: AsyncSession, topic: Topic, *, by: Actor) -> Topic:
    """Let a topic that was opened by its seconds stand on the public pages, too.

    `TopicStep` for one that is not discussed, or stands there already.
    """
    TOPICS.demand(by, at=topic.place.path)
    if topic.state is not TopicState.DISCUSSED or topic.published_at is not None:
        raise TopicStep
    stand(topic)
    await session.flush()
    await record(session, TopicPublished(topic_id=topic.id), by=by)
    return topic


def stand(topic: Topic) -> None:
    """Let it stand on the public pages from now on, if it does not: somebody of staff has read it.

    What is written to everybody is read first where the policy says so (跟帖评论规定 2022), and
    what somebody puts forward is no less that than what others say to it.
    """
    topic.published_at = topic.published_at or now()


async def _open(session: AsyncSession, topic: Topic, *, by: Actor) -> None:
    topic.state = TopicState.DISCUSSED
    if TOPICS.allows(by, at=topic.place.path):
        stand(topic)
    await session.flush()
    await record(session, TopicOpened(topic_id=topic.id), by=by)


async def refuse(session: AsyncSession, topic: Topic, *, reason: str, by: Actor) -> Topic:
    """Say why a topic is not discussed, or not any further; `TopicStep` once it was voted on."""
    TOPICS.demand(by, at=topic.place.path)
    if topic.state not in (TopicState.RAISED, TopicState.DISCUSSED):
        raise TopicStep
    topic.state, topic.reason = TopicState.REFUSED, reason
    await session.flush()
    await record(session, TopicRefused(topic_id=topic.id), by=by)
    return topic
