"""Every five minutes: reminding who has not voted in polls that close soon."""

from app.core.database import Sessions
from app.core.jobs import periodic
from app.polls.telling import reminding


@periodic("polls.remind", cron="*/5 * * * *")
async def remind(sessions: Sessions) -> None:
    """Remind for every poll whose time has come."""
    await reminding.remind_all_due(sessions)
