"""Carrying out what was resolved: requests are made of it, and in the end an account is given."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.problems import Invalid
from app.people.access import Actor
from app.places.models import Place
from app.polls.events import TopicCarriedOut, TopicClosed
from app.polls.models import Topic, TopicRequest, TopicState
from app.polls.permissions import TOPICS
from app.polls.problems import RequestsUndone, TopicStep
from app.polls.topics import progress
from app.service_requests import service as requests
from app.service_requests.models import Category, Channel, ServiceRequest
from app.service_requests.queries import offered_to

_LONGEST = 4000
_CARRYING = frozenset({TopicState.RESOLVED, TopicState.CARRIED_OUT})


async def request(
    session: AsyncSession,
    topic: Topic,
    *,
    category: str,
    place: Place | None = None,
    summary: str | None = None,
    by: Actor,
) -> ServiceRequest:
    """Make a request by which a resolution is carried out, in its own words if none are given.

    It is at the topic's place where no other is named. Raises `TopicStep` before anything is
    resolved, and `Invalid` for a category that is not offered.
    """
    TOPICS.demand(by, at=topic.place.path)
    if topic.state not in _CARRYING:
        raise TopicStep
    found = await session.scalar(offered_to(by).where(Category.code == category))
    if found is None:
        message = "there is no such thing here"
        raise Invalid(errors=[{"path": "body.category", "message": message}])
    filed = await requests.file(
        session,
        category=found,
        place=place or topic.place,
        summary=summary or f"{topic.title}\n{topic.resolution}"[:_LONGEST],
        by=by,
        reporter_id=None,
        channel=Channel.DESK,
    )
    session.add(
        TopicRequest(community_id=topic.community_id, topic_id=topic.id, request_id=filed.id)
    )
    topic.state = TopicState.CARRIED_OUT
    await session.flush()
    event = TopicCarriedOut(topic_id=topic.id, request_id=filed.id)
    await record(session, event, by=by)
    return filed


async def close(session: AsyncSession, topic: Topic, *, account: str, by: Actor) -> Topic:
    """Tell what came of a topic.

    Raises `TopicStep` before anything is resolved, and `RequestsUndone` while work goes on.
    """
    TOPICS.demand(by, at=topic.place.path)
    if topic.state not in _CARRYING:
        raise TopicStep
    if not all(each.done for each in await progress.of(session, topic)):
        raise RequestsUndone
    topic.state, topic.account = TopicState.CLOSED, account
    await session.flush()
    await record(session, TopicClosed(topic_id=topic.id), by=by)
    return topic
