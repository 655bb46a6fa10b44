"""Staff are told that an account is due when all that was asked for a topic is done."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import N_
from app.polls.models import Topic, TopicRequest, TopicState
from app.polls.topics import progress, telling
from app.service_requests.events import (
    RequestCompleted,
    RequestMerged,
    RequestRejected,
    RequestWasClosed,
    RequestWithdrawn,
)
from app.service_requests.models import ServiceRequest


async def _account_due(session: AsyncSession, community_id: UUID, request_id: UUID) -> None:
    """Tell staff that an account is due once every request of a topic is done."""
    merged = select(ServiceRequest.id).where(
        ServiceRequest.community_id == community_id, ServiceRequest.merged_into_id == request_id
    )
    theirs = (
        select(Topic)
        .join(
            TopicRequest,
            (TopicRequest.community_id == Topic.community_id) & (TopicRequest.topic_id == Topic.id),
        )
        .where(
            Topic.community_id == community_id,
            Topic.state == TopicState.CARRIED_OUT,
            or_(TopicRequest.request_id == request_id, TopicRequest.request_id.in_(merged)),
        )
        .distinct()
    )
    for topic in (await session.scalars(theirs)).all():
        requests = await progress.of(session, topic)
        if all(each.done for each in requests):
            sentence = N_("议题的工单已全部办结，请回告居民")
            once = f"topics.account_due:{len(requests)}"
            await telling.tell_desk(session, topic, sentence=sentence, once=once)


@reacts_to(RequestCompleted)
async def account_for_done(
    session: AsyncSession, event: RequestCompleted, community_id: UUID
) -> None:
    """A request by which something is carried out may have been the last to be done."""
    await _account_due(session, community_id, event.request_id)


@reacts_to(RequestWasClosed)
async def account_for_closed(
    session: AsyncSession, event: RequestWasClosed, community_id: UUID
) -> None:
    """One that is closed without having been completed."""
    await _account_due(session, community_id, event.request_id)


@reacts_to(RequestRejected)
async def account_for_rejected(
    session: AsyncSession, event: RequestRejected, community_id: UUID
) -> None:
    """One that proved to be somebody else's matter."""
    await _account_due(session, community_id, event.request_id)


@reacts_to(RequestWithdrawn)
async def account_for_withdrawn(
    session: AsyncSession, event: RequestWithdrawn, community_id: UUID
) -> None:
    """One that is not wanted any more."""
    await _account_due(session, community_id, event.request_id)


@reacts_to(RequestMerged)
async def account_for_merged(
    session: AsyncSession, event: RequestMerged, community_id: UUID
) -> None:
    """One that goes on in another, which may be done already."""
    await _account_due(session, community_id, event.request_id)
