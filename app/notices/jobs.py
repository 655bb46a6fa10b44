"""Carrying deliveries out, one attempt at a time."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.jobs import defer, errand
from app.core.log import log
from app.notices.channels import Failed, Refused, channels
from app.notices.models import Attempt, Delivery, State


async def _begin(
    session: AsyncSession, community_id: UUID, delivery_id: UUID
) -> tuple[Delivery, Attempt] | None:
    """Take hold of a delivery that is still to be made, and write the attempt down."""
    delivery = await session.scalar(
        select(Delivery)
        .where(Delivery.community_id == community_id, Delivery.id == delivery_id)
        .with_for_update()
    )
    if delivery is None or delivery.state is not State.PENDING:
        return None
    attempt = Attempt(community_id=community_id, delivery_id=delivery_id)
    session.add(attempt)
    return delivery, attempt


async def _end(
    session: AsyncSession, delivery: Delivery, attempt: Attempt, *, state: State, answer: str
) -> None:
    delivery.state, delivery.answer, attempt.outcome = state, answer, answer
    if state is State.SENT:
        delivery.sent_at = now()
    session.add_all([delivery, attempt])


@errand("notices.deliver")
async def deliver(sessions: Sessions, *, community_id: str, delivery_id: str) -> None:
    """Send what was promised; a passing failure is tried again under the same dedupe key."""
    async with sessions.begin() as session:
        begun = await _begin(session, UUID(community_id), UUID(delivery_id))
    if begun is None:
        return
    delivery, attempt = begun
    channel = channels.get(delivery.channel)
    failure: Failed | None = None
    try:
        if channel is None:
            raise Refused("no_such_channel")  # noqa: EM101, TRY301 - one place notes every outcome
        delivery.receipt = await channel.send(sessions, delivery)
        state, answer = State.SENT, "sent"
    except Refused as refused:
        state, answer = State.REFUSED, refused.code
        log.warning("delivery_refused", delivery_id=delivery_id, code=refused.code)
    except Failed as failed:
        state, answer, failure = State.PENDING, failed.code, failed
    async with sessions.begin() as session:
        await _end(session, delivery, attempt, state=state, answer=answer)
        if failure and failure.wait:
            again = {"community_id": community_id, "delivery_id": delivery_id}
            await defer(session, deliver, at=now() + failure.wait, **again)
    if failure and not failure.wait:
        raise failure
