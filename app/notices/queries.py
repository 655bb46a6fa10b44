"""Reading notices: staff see those of their places, everybody what is published for them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from app.core.files import File
from app.notices.models import PUBLISHED, Delivery, Notice, NoticeFile, NoticeState
from app.notices.permissions import SEE
from app.people.access import Actor
from app.people.queries import lives_within

OPEN = ("site", "itv", "weibo")
"""Channels that everybody reads."""


def _told(me: Actor) -> ColumnElement[bool]:
    told = select(Delivery.id).where(
        Delivery.community_id == Notice.community_id,
        Delivery.notice_id == Notice.id,
        Delivery.person_id == me.id,
    )
    return told.exists()


def _for(me: Actor) -> ColumnElement[bool]:
    """What one may read of what is published: staff and programs all of it."""
    if me.kind != "person" or SEE.paths(me):
        return true()
    return or_(Notice.channels.overlap(list(OPEN)), lives_within(me), _told(me))


def visible_to(me: Actor) -> Select[Notice]:
    """Whatever stands in the caller's places, and what is published for them, with its place.

    For who lives here that is what everybody reads, what is for where they live, and what they
    were told.
    """
    return (
        select(Notice)
        .join(Notice.place)
        .where(
            Notice.community_id == me.community_id,
            or_(SEE.places(me), Notice.state.in_(PUBLISHED) & _for(me)),
        )
        .options(contains_eager(Notice.place))
    )


def published_on(community_id: UUID, *channels: str) -> Select[Notice]:
    """What stands on one of these channels, that everybody reads."""
    return select(Notice).where(
        Notice.community_id == community_id,
        Notice.state.in_(PUBLISHED),
        Notice.channels.overlap(list(channels)),
    )


def touched(community_id: UUID, channel: str) -> Select[datetime | None]:
    """When a channel that everybody reads last changed: something came, or was withdrawn."""
    return select(func.max(func.coalesce(Notice.withdrawn_at, Notice.published_at))).where(
        Notice.community_id == community_id,
        Notice.published_at.is_not(None),
        Notice.channels.contains([channel]),
    )


async def whole(session: AsyncSession, community_id: UUID, notice_id: UUID) -> Notice | None:
    """A notice with its place, as it stands now."""
    found = select(Notice).where(Notice.community_id == community_id, Notice.id == notice_id)
    return await session.scalar(found.options(joinedload(Notice.place, innerjoin=True)))


def locking(community_id: UUID, notice_id: UUID) -> Select[Notice]:
    """The same, locked: nobody else's to change until the transaction ends."""
    found = select(Notice).where(Notice.community_id == community_id, Notice.id == notice_id)
    return (
        found.options(joinedload(Notice.place, innerjoin=True))
        .with_for_update(of=Notice, key_share=True)
        .execution_options(populate_existing=True)
    )


async def alone(session: AsyncSession, community_id: UUID, notice_id: UUID) -> Notice | None:
    """A notice with its place, nobody else's to change until the transaction ends."""
    return await session.scalar(locking(community_id, notice_id))


async def files_of(
    session: AsyncSession, community_id: UUID, notice_ids: Iterable[UUID]
) -> dict[UUID, list[NoticeFile]]:
    """The pictures and documents of notices, in their order."""
    files = select(NoticeFile).where(
        NoticeFile.community_id == community_id, NoticeFile.notice_id.in_(notice_ids)
    )
    found: dict[UUID, list[NoticeFile]] = defaultdict(list)
    for file in await session.scalars(files.order_by(NoticeFile.position)):
        found[file.notice_id].append(file)
    return found


async def file_of(session: AsyncSession, notice: Notice, file_id: UUID) -> tuple[File, str] | None:
    """A picture or a document of a notice, and the name to save it under."""
    found = await session.execute(
        select(File, NoticeFile.name)
        .join(
            NoticeFile,
            (NoticeFile.community_id == File.community_id) & (NoticeFile.file_id == File.id),
        )
        .where(
            File.community_id == notice.community_id,
            File.id == file_id,
            NoticeFile.notice_id == notice.id,
        )
    )
    row = found.one_or_none()
    return row and (row[0], row[1])


async def corrections_of(
    session: AsyncSession,
    community_id: UUID,
    notice_ids: Iterable[UUID],
    *,
    states: Iterable[NoticeState] = PUBLISHED,
) -> dict[UUID, UUID]:
    """Which notice puts each of these right, the latest where there are several."""
    rows = await session.execute(
        select(Notice.corrects_id, Notice.id)
        .where(
            Notice.community_id == community_id,
            Notice.corrects_id.in_(notice_ids),
            Notice.state.in_(states),
        )
        .order_by(Notice.id)
    )
    return {corrected: correction for corrected, correction in rows if corrected}
