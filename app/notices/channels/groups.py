"""The chat groups: said once in each, in the words and within the limits of its platform."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, cast, func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.groups.models import Group
from app.groups.platforms import Platform, Words, platforms
from app.groups.speaking import say
from app.notices.audiences import Audience, groups_of
from app.notices.channels import Content, Limits, Refused, Where, channels
from app.notices.models import Delivery, Notice


class _Group:
    """One group, at the pace of its platform."""

    def __init__(self, sessions: Sessions, group_id: UUID, platform: Platform) -> None:
        takes = platform.limits
        self.limits = Limits(
            text_bytes=takes.text_bytes, per_minute=takes.per_minute, per_second=takes.per_second
        )
        self.dedupes = platform.dedupes
        self._sessions = sessions
        self._group_id = group_id

    async def send(self, delivery: Delivery, content: Content) -> str | None:
        """Say it; the platform's file cuts it, and chooses between Markdown and text."""
        lines = [f"{label}：{value}" for label, value in content.lines]
        words = Words(
            title=content.title,
            text=content.text or "\n".join(lines) or content.title,
            markdown=content.markdown or None,
            link=content.link,
            dedupe=delivery.id.hex,
        )
        return await say(self._sessions, self._group_id, words)


class Groups:
    """Reaches whoever is in a group, and nobody in person."""

    limits = Limits()
    dedupes = False
    disturbs = True

    async def addresses(
        self, _session: AsyncSession, _community_id: UUID, _person_id: UUID
    ) -> Sequence[Where]:
        """None: one resident's matter is not shown to a group."""
        return ()

    def recipients(self, notice: Notice, audience: Audience) -> Select[Any, Any, Any] | None:
        """The open groups that the audience names."""
        lane = func.concat(literal("group:"), Group.id)
        return select(Group.id, cast(null(), Uuid), lane).where(
            Group.community_id == notice.community_id, Group.id.in_(groups_of(notice, audience))
        )

    @asynccontextmanager
    async def lane(self, sessions: Sessions, lane: str) -> AsyncIterator[_Group]:
        """The group that the lane is named after."""
        group_id = UUID(lane.partition(":")[2])
        async with sessions() as session:
            name = await session.scalar(select(Group.platform).where(Group.id == group_id))
        platform = platforms.get(name or "")
        if platform is None:
            raise Refused(code="no_such_group")
        yield _Group(sessions, group_id, platform)


channels.add("groups", Groups())
