"""A topic and a council for the matrix of permissions."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.people.access import Actor, system
from app.people.models import Person
from app.places.models import Place
from app.polls.councils import founding, sitting
from app.polls.topics import discussing, raising


async def a_topic_of(session: AsyncSession, grid: Place, resident: Person) -> dict[str, str]:
    """A topic that the resident raised, what they said on it, and the council of their grid."""
    own, by = Actor(grid.community_id, "person", resident.id), system(grid.community_id)
    topic = await raising.raise_topic(session, grid, title="装充电桩", body="没处充电", by=own)
    await raising.take_up(session, topic, by=by)
    post = await discussing.post(session, topic, text="我先说", by=own)
    council = await founding.found(session, grid, name="议事会", every_days=30, by=by)
    starts_at = now() - timedelta(days=1)
    called = await sitting.call(session, council, starts_at=starts_at, by=by)
    return {
        "topic_id": str(topic.id),
        "topic_post_id": str(post.id),
        "council_id": str(council.id),
        "sitting_id": str(called.id),
    }
