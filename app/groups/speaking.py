"""Saying something in a group, through whatever the group has for that."""

from uuid import UUID

from sqlalchemy import and_, select

from app.core.database import Sessions
from app.core.sending import Refused
from app.groups.keys import address_of
from app.groups.models import Bot, Group, GroupState
from app.groups.platforms import Words, platforms


async def say(sessions: Sessions, group_id: UUID, words: Words) -> str | None:
    """Say it in a group that is open, and return the platform's id of it where it tells one.

    Raises `Refused` or `Failed`. No connection to the database is held while the platform answers.
    """
    its_bot = and_(Bot.community_id == Group.community_id, Bot.id == Group.bot_id)
    async with sessions() as session:
        found = await session.execute(
            select(Group, Bot).outerjoin(Bot, its_bot).where(Group.id == group_id)
        )
        group, bot = found.one_or_none() or (None, None)
    if group is None or group.state is not GroupState.OPEN:
        raise Refused("no_such_group")  # noqa: EM101 - a code, not a sentence
    platform = platforms.get(group.platform)
    if platform is None:
        raise Refused("no_such_platform")  # noqa: EM101 - a code, not a sentence
    return await platform.send(address_of(group, bot), words)
