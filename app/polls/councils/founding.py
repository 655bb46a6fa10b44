"""Founding a council for a grid, and ending it."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.people.access import Actor
from app.places.models import Place
from app.polls.events import CouncilEnded, CouncilFounded
from app.polls.models import Council
from app.polls.permissions import TOPICS
from app.polls.problems import CouncilOver


async def found(
    session: AsyncSession, place: Place, *, name: str, every_days: int, by: Actor
) -> Council:
    """Let a place have a regular meeting, every so many days."""
    TOPICS.demand(by, at=place.path)
    council = Council(
        community_id=by.community_id,
        id=new_id(),
        place_id=place.id,
        name=name,
        every_days=every_days,
    )
    session.add(council)
    set_committed_value(council, "place", place)
    await session.flush()
    await record(session, CouncilFounded(council_id=council.id), by=by)
    return council


async def end(session: AsyncSession, council: Council, *, by: Actor) -> Council:
    """Hold a regular meeting no more; what was minuted stays. `CouncilOver` the second time."""
    TOPICS.demand(by, at=council.place.path)
    if council.ended_at is not None:
        raise CouncilOver
    council.ended_at = now()
    await session.flush()
    await record(session, CouncilEnded(council_id=council.id), by=by)
    return council
