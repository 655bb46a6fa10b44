"""Who had a part in a topic is told how it goes on."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA, now
from app.core.facts import Event, reacts_to
from app.core.i18n import N_
from app.people.events import PeopleMerged
from app.polls.events import (
    PostModerated,
    TopicCarriedOut,
    TopicClosed,
    TopicOpened,
    TopicPosted,
    TopicPutToVote,
    TopicRaised,
    TopicRefused,
    TopicResolved,
)
from app.polls.models import PostState, Topic, TopicPost, TopicState
from app.polls.service import policies
from app.polls.topics import merging, telling


async def _topic(session: AsyncSession, community_id: UUID, topic_id: UUID) -> Topic:
    return await session.get_one(Topic, (community_id, topic_id))


@reacts_to(TopicRaised)
async def tell_the_desk(session: AsyncSession, event: TopicRaised, community_id: UUID) -> None:
    """Tell staff of the place that there is a topic, unless one of them opened it already."""
    topic = await _topic(session, community_id, event.topic_id)
    if topic.state is TopicState.RAISED:
        sentence = N_("有新的议题待附议或受理")
        await telling.tell_desk(session, topic, sentence=sentence, once=event.kind)


async def _tell_all(
    session: AsyncSession,
    event: Event,
    topic: Topic,
    sentence: str,
    note: str | None = None,
) -> None:
    await telling.tell_concerned(session, topic, sentence=sentence, once=event.kind, note=note)


@reacts_to(TopicOpened)
async def tell_that_it_is_discussed(
    session: AsyncSession, event: TopicOpened, community_id: UUID
) -> None:
    """Tell who raised and seconded it that it is talked over, and the others of staff there."""
    topic = await _topic(session, community_id, event.topic_id)
    await _tell_all(session, event, topic, N_("您参与的议题开始讨论"))
    waits = topic.published_at is None and (await policies.of(session, community_id)).moderated
    sentence = N_("有议题开始讨论，请看过后公开") if waits else N_("有议题开始讨论")
    await telling.tell_desk(session, topic, sentence=sentence, once=event.kind)


@reacts_to(TopicRefused)
async def tell_that_it_is_refused(
    session: AsyncSession, event: TopicRefused, community_id: UUID
) -> None:
    """Tell who had a part in it why it is not discussed."""
    topic = await _topic(session, community_id, event.topic_id)
    await _tell_all(session, event, topic, N_("您参与的议题未被采纳"), topic.reason)


@reacts_to(TopicPutToVote)
async def tell_that_it_is_voted_on(
    session: AsyncSession, event: TopicPutToVote, community_id: UUID
) -> None:
    """Tell who had a part in it that there will be a vote."""
    topic = await _topic(session, community_id, event.topic_id)
    await _tell_all(session, event, topic, N_("您参与的议题将付诸表决"))


@reacts_to(TopicResolved)
async def tell_what_was_resolved(
    session: AsyncSession, event: TopicResolved, community_id: UUID
) -> None:
    """Tell who had a part in it what is to be done."""
    topic = await _topic(session, community_id, event.topic_id)
    await _tell_all(session, event, topic, N_("您参与的议题已有决议"), topic.resolution)


@reacts_to(TopicCarriedOut)
async def tell_that_it_is_carried_out(
    session: AsyncSession, event: TopicCarriedOut, community_id: UUID
) -> None:
    """Tell who had a part in it that work has begun, at the first request alone."""
    topic = await _topic(session, community_id, event.topic_id)
    await _tell_all(session, event, topic, N_("您参与的议题开始落实"))


@reacts_to(TopicClosed)
async def tell_what_came_of_it(
    session: AsyncSession, event: TopicClosed, community_id: UUID
) -> None:
    """Tell who had a part in it what came of it."""
    topic = await _topic(session, community_id, event.topic_id)
    await _tell_all(session, event, topic, N_("您参与的议题已办结"), topic.account)


@reacts_to(TopicPosted)
async def tell_of_an_answer(session: AsyncSession, event: TopicPosted, community_id: UUID) -> None:
    """Tell of the committee's answer who had a part in it; staff that posts wait, once a day."""
    topic = await _topic(session, community_id, event.topic_id)
    post = await session.get_one(TopicPost, (community_id, event.post_id))
    once = f"{event.kind}:{post.id}"
    if post.official:
        sentence = N_("您参与的议题有官方答复")
        await telling.tell_concerned(session, topic, sentence=sentence, once=once, note=post.text)
    elif post.state is PostState.WAITING:
        sentence, day = N_("有议题发言待审核"), now().astimezone(CHINA).date()
        await telling.tell_desk(session, topic, sentence=sentence, once=f"topics.waiting:{day}")


@reacts_to(PostModerated)
async def tell_who_spoke(session: AsyncSession, event: PostModerated, community_id: UUID) -> None:
    """Tell who said something that it is hidden, and why."""
    post = await session.get_one(TopicPost, (community_id, event.post_id))
    if event.shown or post.person_id is None:
        return
    topic = await _topic(session, community_id, event.topic_id)
    await telling.tell(
        session,
        topic,
        post.person_id,
        sentence=N_("您在议题中的发言没有公开"),
        once=f"{event.kind}:{post.id}",
        note=post.reason,
    )


@reacts_to(PeopleMerged)
async def hand_topics_over(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """Let what one entry of the register did with topics be the other's."""
    await merging.hand_over(session, community_id, event.gone_id, event.kept_id)
