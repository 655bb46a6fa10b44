"""What follows for polls when two entries of the register turn out to be one person.

Rolls and ballots stay as they were made; whoever casts a vote is looked up by either entry.
"""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.facts import reacts_to
from app.people.events import PeopleMerged
from app.polls.models import Objection, ObjectionState, Poll, PollSupport


@reacts_to(PeopleMerged)
async def polls_follow(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """What one entry proposed, supports and objects to, the other does, and each once."""
    proposed = update(Poll).where(
        Poll.community_id == community_id, Poll.proposed_by_id == event.gone_id
    )
    await session.execute(proposed.values(proposed_by_id=event.kept_id, version=Poll.version + 1))
    await _supports(session, event, community_id)
    await _objections(session, event, community_id)


async def _supports(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    theirs = PollSupport.community_id == community_id, PollSupport.person_id == event.gone_id
    same = aliased(PollSupport)
    already = select(same.poll_id).where(
        same.community_id == community_id, same.person_id == event.kept_id
    )
    doubled = delete(PollSupport).where(*theirs, PollSupport.poll_id.in_(already))
    await session.execute(doubled.execution_options(synchronize_session=False))
    await session.execute(update(PollSupport).where(*theirs).values(person_id=event.kept_id))


async def _objections(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """One that waits beside another of its kind is left with the entry that went."""
    pending = Objection.state == ObjectionState.PENDING
    same = aliased(Objection)
    already = select(same.id).where(
        same.community_id == community_id,
        same.poll_id == Objection.poll_id,
        same.kind == Objection.kind,
        same.person_id == event.kept_id,
        same.state == ObjectionState.PENDING,
    )
    theirs = update(Objection).where(
        Objection.community_id == community_id,
        Objection.person_id == event.gone_id,
        pending,
        ~already.correlate(Objection).exists(),
    )
    moved = theirs.values(person_id=event.kept_id)
    await session.execute(moved.execution_options(synchronize_session=False))
