"""Forgetting answers that were never handed in."""

from app.core.database import Sessions
from app.core.jobs import periodic
from app.polls import saving


@periodic("polls.forget_saved_answers", cron="17 4 * * *")
async def forget_saved_answers(sessions: Sessions) -> None:
    """Once a poll takes no votes, what was saved of it half-way is nobody's any more."""
    async with sessions.begin() as session:
        await saving.forget_all(session)
