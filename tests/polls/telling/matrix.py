"""An open poll for the matrix of permissions."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.places.models import Place
from tests.polls.builders import an_open_poll


async def a_poll_to_remind_of(session: AsyncSession, grid: Place) -> dict[str, str]:
    """Everybody may know of it, and nobody has voted."""
    opened = await an_open_poll(session, grid, voters=1)
    return {"poll_id": str(opened.poll.id)}
