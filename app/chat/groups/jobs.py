"""Answering later what could not be answered in the call, and saying it in the group."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.groups.answering import answer
from app.core.database import Sessions
from app.core.jobs import defer, errand, job
from app.core.log import log
from app.core.sending import Refused
from app.groups import speaking
from app.groups.models import GroupMessage
from app.groups.platforms import Words

LATER = "chat.answer_spoken"
"""The work that a message is kept with when its answer has to wait."""


@job(LATER)
async def answer_spoken(
    session: AsyncSession,
    *,
    community_id: str,
    message_id: str,
    asked: bool,
    reply_to: str | None = None,
) -> None:
    """Do what a kept message asks, and promise the answer to its group."""
    message = await session.get(GroupMessage, (UUID(community_id), UUID(message_id)))
    if message is None or message.reply is not None:
        return
    text = await answer(session, message, asked=asked, reply_to=reply_to)
    if text and message.group_id:
        await promise(session, message.community_id, message.group_id, text, dedupe=message_id)


async def promise(
    session: AsyncSession, community_id: UUID, group_id: UUID, text: str, *, dedupe: str
) -> None:
    """Promise to say this in a group, by a message of our own."""
    await defer(
        session,
        speak,
        community_id=str(community_id),
        group_id=str(group_id),
        text=text,
        dedupe=dedupe,
    )


@errand("chat.speak")
async def speak(
    sessions: Sessions, *, community_id: str, group_id: str, text: str, dedupe: str
) -> None:
    """Say something in a group; what its platform will never take is let go."""
    try:
        await speaking.say(sessions, UUID(group_id), Words(text=text, dedupe=dedupe))
    except Refused as refused:
        log.warning("group_refused", community_id=community_id, code=refused.code)
