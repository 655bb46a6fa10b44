"""What runs by itself: somebody looks after the lanes, whatever became of who was to."""

from app.core.database import Sessions
from app.core.jobs import periodic
from app.core.lanes import wake
from app.notices import claims, pumping
from app.notices.planning import plan

__all__ = ["plan", "sweep"]


@periodic("notices.sweep", cron="* * * * * */15")
async def sweep(sessions: Sessions) -> None:
    """Wake every lane in which something is due: a pump that died has told nobody."""
    async with sessions.begin() as session:
        await wake(session, pumping.deliver, await claims.lanes_due(session))
