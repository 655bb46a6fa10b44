"""How far a topic has come: its steps with their dates, its polls, and the requests it led to.

Of a request everybody may know what a neighbour may: number, kind, state and days; of a
confidential one only that it is there and how it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import CHINA
from app.core.facts import about
from app.people.access import Actor
from app.polls import queries as polls
from app.polls.events import (
    TopicCarriedOut,
    TopicClosed,
    TopicOpened,
    TopicPutToVote,
    TopicRaised,
    TopicResolved,
    TopicSeconded,
)
from app.polls.models import Poll, PollKind, PollResult, PollState, Topic, TopicRequest
from app.polls.queries import SHOWN
from app.service_requests import words
from app.service_requests.models import DONE, ENDED, Category, ServiceRequest, State

STEPS = {
    "raised": TopicRaised.kind,
    "seconded": TopicSeconded.kind,
    "discussed": TopicOpened.kind,
    "voted": TopicPutToVote.kind,
    "resolved": TopicResolved.kind,
    "carried_out": TopicCarriedOut.kind,
    "closed": TopicClosed.kind,
}
"""The steps of a topic from first to last, and what is recorded when each is taken."""
_OVER = DONE | ENDED


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of a topic, and when it was taken first; None while it is not."""

    step: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """A request of a resolution as a neighbour may know of it."""

    id: UUID
    number: int
    category: str | None
    """None where that would say too much."""
    state: State
    word: str
    filed_on: date
    done_on: date | None

    @property
    def done(self) -> bool:
        """Whether nothing is left to be done."""
        return self.state in _OVER


@dataclass(frozen=True, slots=True)
class Vote:
    """A poll that was held on a topic, with its result once that is published."""

    id: UUID
    number: int
    kind: PollKind
    title: str
    state: PollState
    public: bool
    result: dict[str, Any] | None


async def milestones(session: AsyncSession, topic: Topic) -> list[Milestone]:
    """When each step of a topic was first taken, in the order of the steps."""
    facts = about(topic.community_id, topic.id)
    taken: dict[str, datetime] = {}
    for fact in await session.scalars(facts):
        taken.setdefault(fact.kind, fact.at)
    return [Milestone(step, taken.get(kind)) for step, kind in STEPS.items()]


async def of(session: AsyncSession, topic: Topic) -> list[Progress]:
    """The requests a topic led to, oldest first; of one that was merged, the one it goes on in."""
    asked, going = aliased(ServiceRequest), aliased(ServiceRequest)
    rows = await session.execute(
        select(asked, going, Category)
        .select_from(TopicRequest)
        .join(
            asked,
            and_(
                asked.community_id == TopicRequest.community_id,
                asked.id == TopicRequest.request_id,
            ),
        )
        .join(
            going,
            and_(
                going.community_id == asked.community_id,
                going.id == func.coalesce(asked.merged_into_id, asked.id),
            ),
        )
        .join(
            Category,
            and_(Category.community_id == asked.community_id, Category.id == asked.category_id),
        )
        .where(TopicRequest.community_id == topic.community_id, TopicRequest.topic_id == topic.id)
        .order_by(asked.number)
    )
    return [_progress(filed, now_, category) for filed, now_, category in rows]


def _progress(filed: ServiceRequest, going: ServiceRequest, category: Category) -> Progress:
    secret = filed.confidential or going.confidential or category.confidential or category.internal
    over = (going.completed_at or going.closed_at) if going.state in _OVER else None
    return Progress(
        id=filed.id,
        number=filed.number,
        category=None if secret else category.name,
        state=going.state,
        word=words.label(going.state),
        filed_on=filed.filed_at.astimezone(CHINA).date(),
        done_on=over.astimezone(CHINA).date() if over else None,
    )


async def votes(session: AsyncSession, topic: Topic, me: Actor | None = None) -> Sequence[Vote]:
    """The polls on a topic that this reader may see, oldest first; everybody, without one."""
    seen = polls.visible_to(me) if me else select(Poll).where(Poll.public, Poll.state.in_(SHOWN))
    theirs = seen.where(Poll.community_id == topic.community_id, Poll.topic_id == topic.id)
    found = (await session.scalars(theirs.order_by(Poll.id))).all()
    published = [poll.id for poll in found if poll.state is PollState.PUBLISHED]
    counted = select(PollResult).where(
        PollResult.community_id == topic.community_id, PollResult.poll_id.in_(published)
    )
    results = {each.poll_id: each.result for each in await session.scalars(counted)}
    return [
        Vote(
            id=poll.id,
            number=poll.number,
            kind=poll.kind,
            title=poll.title,
            state=poll.state,
            public=poll.public,
            result=results.get(poll.id),
        )
        for poll in found
    ]
