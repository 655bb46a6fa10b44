"""Writing notices: drafts, whom they are for, and the files that go with them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.clock import now
from app.core.facts import record
from app.core.files import File
from app.core.files.documents import store_either
from app.core.ids import new_id
from app.core.problems import Invalid, NotFound
from app.groups.models import Group
from app.notices.audiences import Audience
from app.notices.channels import channels
from app.notices.events import NoticeChanged, NoticeDrafted
from app.notices.models import Notice, NoticeFile, NoticeState
from app.notices.permissions import PUBLISH, WRITE
from app.notices.problems import CorrectionGoesThere, NoticeNotDraft, TooManyFiles
from app.people.access import Actor
from app.places.models import Place, inside

MOST_FILES = 20
_GOES = frozenset({"audience", "channels", "place"})
_NOT_THERE = "there is no such thing here"


async def draft(
    session: AsyncSession,
    place: Place,
    *,
    audience: Audience,
    corrects: Notice | None = None,
    by: Actor,
    **columns: Any,
) -> Notice:
    """Write a notice for a place; `Invalid` names places, groups and channels that are none."""
    (WRITE if corrects is None else PUBLISH).demand(by, at=place.path)
    notice = Notice(
        community_id=by.community_id,
        id=new_id(),
        place_id=place.id,
        audience=audience.model_dump(mode="json"),
        author_id=_person(by),
        corrects_id=corrects and corrects.id,
        **columns,
    )
    set_committed_value(notice, "place", place)
    await _check(session, notice, place, audience)
    session.add(notice)
    await session.flush()
    event = NoticeDrafted(notice_id=notice.id, corrects_id=notice.corrects_id)
    await record(session, event, by=by)
    return notice


def _person(by: Actor) -> UUID | None:
    return by.id if by.kind == "person" else None


async def change(
    session: AsyncSession,
    notice: Notice,
    columns: Mapping[str, Any],
    *,
    place: Place | None = None,
    audience: Audience | None = None,
    by: Actor,
) -> Notice:
    """Let a draft say something else, or to others; who changes it last is who wrote it.

    Otherwise two people could each write half of it and agree to the whole.
    """
    WRITE.demand(by, at=notice.place.path)
    _demand_draft(notice)
    named_ways = {"audience": audience, "place": place, "channels": columns.get("channels")}
    ways = {name for name, value in named_ways.items() if value is not None}
    if ways and notice.corrects_id:
        raise CorrectionGoesThere
    for name, value in columns.items():
        setattr(notice, name, value)
    if place:
        WRITE.demand(by, at=place.path)
        notice.place_id = place.id
        set_committed_value(notice, "place", place)
    if audience:
        notice.audience = audience.model_dump(mode="json")
    if ways:
        await _check(session, notice, notice.place, Audience.model_validate(notice.audience))
    await _changed(session, notice, {*columns, *ways}, by=by)
    return notice


def _demand_draft(notice: Notice) -> None:
    if notice.state is not NoticeState.DRAFT:
        raise NoticeNotDraft


async def _changed(
    session: AsyncSession, notice: Notice, names: Iterable[str], *, by: Actor
) -> None:
    notice.author_id, notice.updated_at = _person(by), now()
    await session.flush()
    await record(session, NoticeChanged(notice_id=notice.id, changed=sorted(names)), by=by)


async def _check(session: AsyncSession, notice: Notice, place: Place, audience: Audience) -> None:
    """Refuse with `Invalid` places and groups that are not within the place, and no channels."""
    here = (Place.community_id == notice.community_id, inside(place.path))
    places = select(Place.id).where(*here)
    groups = (
        select(Group.id).join(Group.place).where(Group.community_id == notice.community_id, *here)
    )
    errors = [
        *await _missing(session, "audience.places", Place.id, places, audience.places),
        *await _missing(session, "audience.groups", Group.id, groups, audience.groups),
        *(
            {"path": f"channels.{index}", "message": "there is no such channel"}
            for index, name in enumerate(notice.channels)
            if not _carries(name, notice, audience)
        ),
    ]
    if errors:
        raise Invalid(errors=errors)


def _carries(name: str, notice: Notice, audience: Audience) -> bool:
    channel = channels.get(name)
    return channel is not None and channel.recipients(notice, audience) is not None


async def _missing(
    session: AsyncSession, path: str, column: Any, known: Select[Any], ids: list[UUID]
) -> list[dict[str, str]]:
    if not ids:
        return []
    found = set(await session.scalars(known.where(column.in_(ids))))
    return [
        {"path": f"{path}.{index}", "message": _NOT_THERE}
        for index, each in enumerate(ids)
        if each not in found
    ]


async def attach(
    session: AsyncSession, notice: Notice, data: bytes, name: str | None, *, by: Actor
) -> NoticeFile:
    """Put a picture or a document with a draft; its bytes say which.

    Raises `TooLarge` (413), `NotADocument`, `DocumentUnsafe`, `TooManyPixels` (422) and
    `TooManyFiles` (409).
    """
    WRITE.demand(by, at=notice.place.path)
    _demand_draft(notice)
    files = select(func.count(), func.max(NoticeFile.position)).where(*_of(notice))
    count, last = (await session.execute(files)).one()
    if count >= MOST_FILES:
        raise TooManyFiles
    file, called = await store_either(session, data, name or "", community_id=by.community_id)
    attached = NoticeFile(
        community_id=notice.community_id,
        id=new_id(),
        notice_id=notice.id,
        position=(last or 0) + 1,
        file_id=file.id,
        name=called,
        media_type=file.media_type,
    )
    session.add(attached)
    await _changed(session, notice, ["files"], by=by)
    return attached


def _of(notice: Notice) -> tuple[Any, ...]:
    return NoticeFile.community_id == notice.community_id, NoticeFile.notice_id == notice.id


async def detach(session: AsyncSession, notice: Notice, file_id: UUID, *, by: Actor) -> None:
    """Take a file from a draft, and forget it."""
    WRITE.demand(by, at=notice.place.path)
    _demand_draft(notice)
    gone = delete(NoticeFile).where(*_of(notice), NoticeFile.file_id == file_id)
    if await session.scalar(gone.returning(NoticeFile.id)) is None:
        raise NotFound
    forgotten = delete(File).where(File.community_id == notice.community_id, File.id == file_id)
    await session.execute(forgotten)
    await _changed(session, notice, ["files"], by=by)
