"""What a topic's poll means for it: a result to resolve by, or more to talk over."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import N_
from app.people.access import system
from app.polls.events import PollCancelled, PollPublished, PollRefused
from app.polls.models import Poll, Topic
from app.polls.topics import deciding, queries, telling


@reacts_to(PollPublished)
async def tell_that_it_can_be_resolved(
    session: AsyncSession, event: PollPublished, community_id: UUID
) -> None:
    """Tell staff that there is a result, and that a resolution is due."""
    poll = await session.get_one(Poll, (community_id, event.poll_id))
    if poll.topic_id:
        topic = await session.get_one(Topic, (community_id, poll.topic_id))
        sentence = N_("议题的表决结果已公布，请形成决议")
        await telling.tell_desk(session, topic, sentence=sentence, once=f"{event.kind}:{poll.id}")


async def _talk_on(session: AsyncSession, community_id: UUID, poll_id: UUID) -> None:
    poll = await session.get_one(Poll, (community_id, poll_id))
    if poll.topic_id:
        topic = await queries.alone(session, community_id, poll.topic_id)
        await deciding.talk_on(session, topic, by=system(community_id))


@reacts_to(PollCancelled)
async def talk_on_after_cancelling(
    session: AsyncSession, event: PollCancelled, community_id: UUID
) -> None:
    """A topic whose vote is not held, or not to its end, is discussed as before."""
    await _talk_on(session, community_id, event.poll_id)


@reacts_to(PollRefused)
async def talk_on_after_refusing(
    session: AsyncSession, event: PollRefused, community_id: UUID
) -> None:
    """The same of one that was refused."""
    await _talk_on(session, community_id, event.poll_id)
