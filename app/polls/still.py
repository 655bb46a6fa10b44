"""How far a poll has come, and staying so until a transaction ends."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.models import Poll, PollState


async def still(session: AsyncSession, poll: Poll) -> tuple[PollState, bool]:
    """The state of a poll and whether it was ever open, read anew.

    Whoever opens or closes it waits until our transaction ends; who does the same as we does not.
    """
    row = select(Poll.state, Poll.opened_at).where(
        Poll.community_id == poll.community_id, Poll.id == poll.id
    )
    state, opened_at = (await session.execute(row.with_for_update(read=True))).one()
    return state, opened_at is not None
