"""Putting a topic to a vote, and settling what is to be done."""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.people.access import Actor
from app.polls.events import TopicOpened, TopicPutToVote, TopicResolved
from app.polls.models import Poll, PollState, Topic, TopicState
from app.polls.permissions import TOPICS
from app.polls.problems import TopicStep
from app.polls.service import drafting
from app.polls.topics.discussing import TALKING
from app.polls.topics.raising import stand

FALLEN = frozenset({PollState.REFUSED, PollState.CANCELLED})
ENDED = FALLEN | {PollState.PUBLISHED}
"""States of a poll in which nothing of it is still to come."""


async def put_to_vote(session: AsyncSession, topic: Topic, *, by: Actor, **poll: Any) -> Poll:
    """Draft a poll on a topic, at its place; `TopicStep` while another one goes on.

    Raises what the drafting of a poll raises.
    """
    TOPICS.demand(by, at=topic.place.path)
    await _demand_no_poll_going(session, topic)
    poll.setdefault("title", topic.title)
    poll.setdefault("body", topic.body)
    drafted = await drafting.draft(session, topic.place, topic_id=topic.id, **poll, by=by)
    topic.state = TopicState.VOTED
    stand(topic)
    await session.flush()
    await record(session, TopicPutToVote(topic_id=topic.id, poll_id=drafted.id), by=by)
    return drafted


async def _demand_no_poll_going(session: AsyncSession, topic: Topic) -> None:
    """Refuse with `TopicStep` what is not talked over, and what is being voted on."""
    if topic.state not in TALKING or await _has_poll(session, topic, Poll.state.not_in(ENDED)):
        raise TopicStep


async def _has_poll(session: AsyncSession, topic: Topic, which: ColumnElement[bool]) -> bool:
    polls = select(Poll.id).where(
        Poll.community_id == topic.community_id, Poll.topic_id == topic.id, which
    )
    return await session.scalar(polls.limit(1)) is not None


async def talk_on(session: AsyncSession, topic: Topic, *, by: Actor) -> Topic:
    """Let a topic be discussed as before when its vote is not held; nothing where one is or was."""
    held = Poll.state.not_in(FALLEN)
    if topic.state is TopicState.VOTED and not await _has_poll(session, topic, held):
        topic.state = TopicState.DISCUSSED
        await session.flush()
        await record(session, TopicOpened(topic_id=topic.id), by=by)
    return topic


async def resolve(session: AsyncSession, topic: Topic, *, text: str, by: Actor) -> Topic:
    """Say what is to be done, with or without a vote; `TopicStep` while one goes on.

    The published results of its polls stand beside it.
    """
    TOPICS.demand(by, at=topic.place.path)
    await _demand_no_poll_going(session, topic)
    topic.state, topic.resolution = TopicState.RESOLVED, text
    stand(topic)
    await session.flush()
    await record(session, TopicResolved(topic_id=topic.id), by=by)
    return topic
