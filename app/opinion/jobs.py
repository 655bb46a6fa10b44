"""Every minute: listening to what was said in the groups."""

from sqlalchemy import select

from app.core.database import Sessions
from app.core.jobs import periodic
from app.opinion import listening
from app.opinion.models import Watch


@periodic("opinion.listen", cron="*/1 * * * *")
async def listen(sessions: Sessions) -> None:
    """Go through what was said since, in every community that listens for something."""
    await listen_to_all(sessions)


async def listen_to_all(sessions: Sessions) -> None:
    """Listen until nothing is left, some messages a transaction."""
    async with sessions() as session:
        watched = select(Watch.community_id).where(Watch.ended_at.is_(None)).distinct()
        communities = (await session.scalars(watched)).all()
    for community_id in communities:
        heard = listening.AT_ONCE
        while heard == listening.AT_ONCE:
            async with sessions.begin() as session:
                heard = await listening.listen(session, community_id)
