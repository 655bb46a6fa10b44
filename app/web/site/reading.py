"""What stands on the site and the board, with all that a page or a feed says of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import NotFound
from app.core.settings import settings
from app.notices import queries
from app.notices.links import link_to
from app.notices.markdown import plain, rendered
from app.notices.models import PUBLISHED, Notice, NoticeFile, NoticeKind
from app.places.models import Community

SITE, BOARD = "site", "itv"
_PHOTO = "image/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A picture or a document, and where it is fetched."""

    url: str
    name: str
    media_type: str

    @property
    def path(self) -> str:
        """The same within this site, whichever name it was reached by."""
        return self.url.removeprefix(settings().base_url)

    @property
    def is_photo(self) -> bool:
        """Whether it is shown, and not only offered."""
        return self.media_type.startswith(_PHOTO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A notice as everybody reads it."""

    id: UUID
    url: str
    kind: NoticeKind
    title: str
    html: str
    text: str
    media_url: str | None
    published_at: datetime
    corrects_url: str | None = None
    corrected_by_url: str | None = None
    corrected_at: datetime | None = None
    files: Sequence[Attached] = field(default_factory=tuple)

    @property
    def photos(self) -> list[Attached]:
        """The pictures."""
        return [file for file in self.files if file.is_photo]

    @property
    def documents(self) -> list[Attached]:
        """All but the pictures."""
        return [file for file in self.files if not file.is_photo]

    @property
    def updated_at(self) -> datetime:
        """When its readers should look at it again: it came, or was put right."""
        return self.corrected_at or self.published_at


async def community_of(session: AsyncSession, slug: str) -> Community:
    """The community of this name in an address."""
    if community := await session.scalar(select(Community).where(Community.slug == slug)):
        return community
    raise NotFound


def address(community: Community, *parts: object) -> str:
    """An address on the community's site."""
    return "/".join([settings().base_url, "c", community.slug, *map(str, parts)])


Address: TypeAlias = Callable[[UUID], str]
"""Where a notice is read, by its id."""


async def _standing(
    session: AsyncSession, community_id: UUID, notice_ids: Iterable[UUID]
) -> dict[UUID, datetime | None]:
    """Which of these notices are published still, and since when."""
    rows = await session.execute(
        select(Notice.id, Notice.published_at).where(
            Notice.community_id == community_id,
            Notice.id.in_(notice_ids),
            Notice.state.in_(PUBLISHED),
        )
    )
    return {row[0]: row[1] for row in rows}


async def shown(
    session: AsyncSession, community: Community, notices: Sequence[Notice]
) -> list[Shown]:
    """Published notices as everybody reads them, with their files and their corrections."""
    return await _all(session, notices, lambda each: address(community, "notices", each))


async def shown_to(session: AsyncSession, notice: Notice, person_id: UUID | None) -> Shown:
    """A published notice as one who was sent a link reads it; what it leads to is theirs, too."""
    [one] = await _all(
        session, [notice], lambda each: link_to(notice.community_id, each, person_id)
    )
    return one


async def _all(session: AsyncSession, notices: Sequence[Notice], where: Address) -> list[Shown]:
    if not notices:
        return []
    ids, community_id = [notice.id for notice in notices], notices[0].community_id
    files = await queries.files_of(session, community_id, ids)
    right = await queries.corrections_of(session, community_id, ids)
    wrong = {notice.corrects_id for notice in notices if notice.corrects_id}
    standing = await _standing(session, community_id, {*right.values(), *wrong})
    return [
        _one(notice, files[notice.id], where, right=right.get(notice.id), standing=standing)
        for notice in notices
    ]


def _one(
    notice: Notice,
    files: Sequence[NoticeFile],
    where: Address,
    *,
    right: UUID | None,
    standing: Mapping[UUID, datetime | None],
) -> Shown:
    wrong, url = notice.corrects_id, where(notice.id)
    return Shown(
        id=notice.id,
        url=url,
        kind=notice.kind,
        title=notice.title,
        html=rendered(notice.body),
        text=plain(notice.body),
        media_url=notice.media_url,
        published_at=notice.published_at or notice.created_at,
        corrects_url=where(wrong) if wrong in standing and wrong else None,
        corrected_by_url=where(right) if right else None,
        corrected_at=standing.get(right) if right else None,
        files=[
            Attached(url=f"{url}/files/{file.file_id}", name=file.name, media_type=file.media_type)
            for file in files
        ],
    )
