"""Votes are kept many at a time, past `record`; who asked for such facts is told of them here."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.core.jobs import job
from app.polls.events import BallotCast
from app.webhooks.telling import tell_other_software


@job("polls.tell_of_ballots")
async def tell_of_ballots(session: AsyncSession, *, community_id: str, fact_ids: list[str]) -> None:
    """Tell other software of recorded votes, as of every other fact; a moment later."""
    facts = await session.scalars(
        select(Fact)
        .where(Fact.community_id == UUID(community_id), Fact.id.in_(map(UUID, fact_ids)))
        .order_by(Fact.id)
    )
    for fact in facts.all():
        columns = {
            "community_id": fact.community_id,
            "id": fact.id,
            "at": fact.at,
            "kind": fact.kind,
            "actor_kind": fact.actor_kind,
            "payload": fact.payload,
        }
        event = BallotCast.model_validate(fact.payload)
        await tell_other_software(session, columns, event)
