"""Now and then a batch of secret ballots is sealed, and its head published."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.jobs import periodic
from app.core.log import log
from app.polls.models import Intake, Link, LinkKind, Poll, PollPolicy, PollState, Secrecy
from app.polls.sealing import FEWEST, seal

_USUAL = 10
"""Minutes between two batches, where the community says nothing else."""


def _due() -> Select[UUID, UUID]:
    """Open secret polls in which enough waits, and the last batch is long enough ago."""
    waiting = (
        select(func.count())
        .select_from(Intake)
        .where(Intake.community_id == Poll.community_id, Intake.poll_id == Poll.id)
        .scalar_subquery()
    )
    sealed_at = (
        select(func.max(Link.at))
        .where(
            Link.community_id == Poll.community_id,
            Link.poll_id == Poll.id,
            Link.kind.in_([LinkKind.OPENING, LinkKind.BALLOTS]),
        )
        .scalar_subquery()
    )
    minutes = func.coalesce(PollPolicy.seal_minutes, _USUAL) * timedelta(minutes=1)
    return (
        select(Poll.community_id, Poll.id)
        .outerjoin(PollPolicy, PollPolicy.community_id == Poll.community_id)
        .where(
            Poll.state == PollState.OPEN,
            Poll.secrecy == Secrecy.SECRET,
            sealed_at + minutes <= now(),
            waiting >= 2 * FEWEST,
        )
        .order_by(Poll.community_id, Poll.id)
    )


async def _seal(session: AsyncSession, key: tuple[UUID, UUID]) -> None:
    poll = await session.get_one(Poll, key)
    if await session.scalar(_due().where(Poll.community_id == key[0], Poll.id == key[1])):
        await seal(session, poll)


@periodic("polls.seal", cron="* * * * *")
async def seal_what_is_due(sessions: Sessions) -> None:
    """Seal a batch of every poll that is due; one that cannot be does not keep the others."""
    async with sessions() as session:
        due = [(row[0], row[1]) for row in await session.execute(_due())]
    for key in due:
        try:
            async with sessions.begin() as session:
                await _seal(session, key)
        except Exception as error:  # noqa: BLE001 - the next turn of the clock tries it again
            log.error("sealing_failed", poll_id=key[1], error=type(error).__name__)
