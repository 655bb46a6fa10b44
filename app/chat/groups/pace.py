"""How much is said and done in a group: a bot that chatters is thrown out of it."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import _
from app.core.limits import take
from app.core.problems import TooManyRequests

WORDS = 12
"""Answers at once in one group, and as many again in a minute, evenly."""
WISHES = 10
"""What one sender may ask for at once, and as many again in a minute."""
_MINUTE = 60.0


async def _allowed(session: AsyncSession, key: str, burst: int) -> bool:
    try:
        await take(session, key, burst=burst, per_seconds=_MINUTE)
    except TooManyRequests:
        return False
    return True


async def may_ask(session: AsyncSession, sender: str) -> bool:
    """Whether something may be done for this sender now; `sender` names them everywhere."""
    return await _allowed(session, f"wishes of {sender}", WISHES)


async def fitting(session: AsyncSession, text: str, *, group: str) -> str:
    """What to say in this group: the text, then once that there was too much of it, then nothing.

    What was done stays done; only the words are left off.
    """
    if not text or await _allowed(session, f"words in {group}", WORDS):
        return text
    if await _allowed(session, f"hush in {group}", 1):
        return _("说得太多了，我先安静一会儿。该办的照办，只是不再一一回复。")
    return ""
