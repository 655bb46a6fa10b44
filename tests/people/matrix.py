"""Somebody to be confirmed and a post to be taken back, for the matrix of permissions."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person, Post, Role, Standing
from app.places.models import Place
from tests.people.builders import a_person, a_residence


async def a_newcomer_and_a_post(
    session: AsyncSession, home: Place, resident: Person, worker: Person
) -> dict[str, str]:
    """The person in question is the resident, as staff the worker; each has one thing more."""
    newcomer = await a_person(session, home, "王五")
    claimed = await a_residence(session, newcomer, home, Standing.CLAIMED)
    post = Post(
        community_id=home.community_id, person_id=worker.id, place_id=home.id, role=Role.STAFF
    )
    session.add(post)
    await session.flush()
    return {
        "person_id": str(resident.id),
        "staff_id": str(worker.id),
        "post_id": str(post.id),
        "residence_id": str(claimed.id),
    }
