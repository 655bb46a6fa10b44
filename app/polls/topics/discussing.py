"""Talking a topic over: posts in threads, read before they are shown where that is the rule."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import existing
from app.core.facts import record
from app.core.ids import new_id
from app.core.limits import take
from app.core.problems import Invalid
from app.groups.masking import masked
from app.people.access import Actor
from app.places.models import ROOT
from app.polls.events import PostModerated, TopicPosted
from app.polls.models import PostState, Topic, TopicPost, TopicState
from app.polls.permissions import MODERATE
from app.polls.problems import TopicStep
from app.polls.service import policies
from app.polls.topics import queries
from app.polls.topics.raising import demand_part

TALKING = frozenset({TopicState.DISCUSSED, TopicState.VOTED})
"""States in which everybody may speak; until the account is given the committee still may."""
_ANSWERING = TALKING | {TopicState.RESOLVED, TopicState.CARRIED_OUT}
_PER_HOUR = 20
_HOUR = 3600


async def post(
    session: AsyncSession,
    topic: Topic,
    *,
    text: str,
    answers_id: UUID | None = None,
    official: bool = False,
    by: Actor,
) -> TopicPost:
    """Say something on a topic, or in answer to a post; numbers of people in it are masked.

    It waits to be read first where that is the community's rule, unless whoever reads them says
    it. Raises `Forbidden` for an official answer of who may not give one, `NotLivingHere`,
    `TopicStep`, `Invalid` for an answer to what is not shown, and `TooManyRequests`.
    """
    moderates = MODERATE.allows(by, at=topic.place.path)
    if official:
        MODERATE.demand(by, at=topic.place.path)
    if not moderates:
        await demand_part(session, ROOT, by=by)
    if topic.state not in (_ANSWERING if moderates else TALKING):
        raise TopicStep
    if not by.is_staff:
        await take(session, f"posts of {by.id}", burst=_PER_HOUR, per_seconds=_HOUR)
    answered = await _answered(session, topic, answers_id, by) if answers_id else None
    waits = await waits_first(session, topic, moderates=moderates)
    post_id = new_id()
    said = TopicPost(
        community_id=topic.community_id,
        id=post_id,
        topic_id=topic.id,
        answers_id=answers_id,
        thread_id=answered.thread_id if answered else post_id,
        person_id=by.id if by.kind == "person" else None,
        text=masked(text),
        official=official,
        state=PostState.WAITING if waits else PostState.SHOWN,
    )
    session.add(said)
    await session.flush()
    await record(session, TopicPosted(topic_id=topic.id, post_id=said.id), by=by)
    return said


async def waits_first(session: AsyncSession, topic: Topic, *, moderates: bool) -> bool:
    """Whether a post is read before it is shown, of who moderates there or of anybody else."""
    return not moderates and (await policies.of(session, topic.community_id)).moderated


async def _answered(session: AsyncSession, topic: Topic, post_id: UUID, by: Actor) -> TopicPost:
    """The post of this topic that is answered; it has to be shown, or whoever answers reads all."""
    seen = queries.posts_visible_to(by, topic).where(TopicPost.id == post_id)
    found = await session.scalar(seen)
    if found is None or found.state is PostState.HIDDEN:
        message = "there is no such thing here"
        raise Invalid(errors=[{"path": "body.answers_id", "message": message}])
    return found


async def moderate(
    session: AsyncSession,
    topic: Topic,
    post_id: UUID,
    *,
    shown: bool,
    reason: str | None = None,
    by: Actor,
) -> TopicPost:
    """Show a post, or hide it and say why; the same again changes nothing.

    Raises `NotFound` where there is none, and `Invalid` for hiding it without a reason.
    """
    MODERATE.demand(by, at=topic.place.path)
    if not shown and not reason:
        message = "say why it is hidden"
        raise Invalid(errors=[{"path": "body.reason", "message": message}])
    this = select(TopicPost).where(
        TopicPost.community_id == topic.community_id,
        TopicPost.topic_id == topic.id,
        TopicPost.id == post_id,
    )
    said = await existing(session, this.with_for_update(key_share=True))
    state = PostState.SHOWN if shown else PostState.HIDDEN
    if said.state is not state:
        said.state, said.reason = state, None if shown else reason
        said.moderated_by_id = by.id if by.kind == "person" else None
        await session.flush()
        event = PostModerated(topic_id=topic.id, post_id=said.id, shown=shown)
        await record(session, event, by=by)
    await session.refresh(said, ["person"])
    return said
