"""今日通知: what was published last for the place of the group, and may be read by everybody."""

from functools import cache

from sqlalchemy import Select, String, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.chat.commands import aloud
from app.chat.groups.spoken import Reply, Spoken
from app.chat.phrases import day, shown
from app.core.i18n import N_, _
from app.notices.markdown import plain
from app.notices.models import PUBLISHED, Delivery, Notice
from app.notices.queries import OPEN
from app.places.models import Place

_SHOWN = 3
_WORDS = 80
"""Characters of the newest one that are read out."""


@aloud(
    "今日通知",
    "通知",
    "最新通知",
    "有什么通知",
    "notice",
    says=N_("最近的通知"),
    order=30,
)
async def notice_of_the_day(session: AsyncSession, spoken: Spoken, _rest: str) -> Reply:
    """The newest in a few words, and the titles of those before it."""
    here = await session.get_one(Place, (spoken.community_id, spoken.group.place_id))
    around = {"community_id": spoken.community_id, "group_id": spoken.group.id, "path": here.path}
    found = (await session.scalars(_latest(), around)).all()
    if not found:
        return Reply(_("这里最近没有通知。"))
    newest = found[0]
    lines = [_line(newest), shown(plain(newest.body), _WORDS)]
    return Reply("\n".join([_("最近的通知："), *lines, *map(_line, found[1:])]))


def _line(notice: Notice) -> str:
    title = shown(notice.title)
    return f"· {title}（{day(notice.published_at)}）" if notice.published_at else f"· {title}"


@cache
def _latest() -> Select[Notice]:
    """The newest of what holds at a path, for everybody there to read, and is not corrected.

    For everybody is what stands on an open channel, and what was said in the group.
    """
    path, later = bindparam("path", type_=String), aliased(Notice)
    said = select(Delivery.id).where(
        Delivery.community_id == Notice.community_id,
        Delivery.notice_id == Notice.id,
        Delivery.address_id == bindparam("group_id"),
    )
    correction = select(later.id).where(
        later.community_id == Notice.community_id,
        later.corrects_id == Notice.id,
        later.state.in_(PUBLISHED),
    )
    return (
        select(Notice)
        .join(Notice.place)
        .where(
            Notice.community_id == bindparam("community_id"),
            Notice.state.in_(PUBLISHED),
            or_(func.starts_with(path, Place.path), func.starts_with(Place.path, path)),
            or_(Notice.channels.overlap(OPEN), said.exists()),
            ~correction.exists(),
        )
        .order_by(Notice.published_at.desc(), Notice.id.desc())
        .limit(_SHOWN)
    )
