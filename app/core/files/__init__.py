"""Photos of residents: decoded elsewhere, kept without what the camera noted, never half there.

`await store_photo(session, data, community_id=…, by=…)` writes the file and then its row, so a row
always has its file; what a rollback leaves is swept away. To forget a photo, delete its row.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.responses import FileResponse

from app.core.clock import now
from app.core.database import Sessions, Table, Tenant
from app.core.files import store
from app.core.files.store import MOST_BYTES, NotAPhoto, Photo, TooManyPixels
from app.core.ids import new_id
from app.core.jobs import periodic
from app.core.log import log
from app.core.problems import NotFound

__all__ = [
    "MOST_BYTES",
    "File",
    "NotAPhoto",
    "Photo",
    "TooManyPixels",
    "decode_photo",
    "open_file",
    "respond",
    "store_photo",
    "sweep",
    "threads",
]

_UNCLAIMED = timedelta(hours=1)
_AT_ONCE = 1000
threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="files")
"""A large photo takes some 600 MB while it is decoded; two at a time."""


class File(Tenant, Table):
    """A photo or a document we keep. What it belongs to is said by the tables that refer to it.

    A document has neither width nor height.
    """

    __tablename__ = "files"

    sha256: Mapped[bytes]
    media_type: Mapped[str]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    uploaded_by: Mapped[UUID | None]


async def decode_photo(data: bytes | Path) -> Photo:
    """The pixels of a JPEG, PNG, GIF or WebP of at most 10 MB, 40 megapixels and 64 frames.

    Raises `TooLarge` (413), `NotAPhoto` or `TooManyPixels` (422). It takes up to seconds: where a
    transaction is open already, decode before it and pass the `Photo` to `store_photo`.
    """
    return await asyncio.get_running_loop().run_in_executor(threads, store.opened, data)


async def store_photo(
    session: AsyncSession, data: bytes | Path | Photo, *, community_id: UUID, by: UUID | None
) -> File:
    """Keep a photo, upright and at most 2560 pixels wide or high; errors as `decode_photo`."""
    photo = data if isinstance(data, Photo) else await decode_photo(data)
    file = File(
        community_id=community_id,
        id=new_id(),
        sha256=photo.digest,
        media_type="image/jpeg",
        size=len(photo.body),
        width=photo.width,
        height=photo.height,
        uploaded_by=by,
    )
    write = partial(store.write, photo, community_id=community_id, file_id=file.id)
    await asyncio.get_running_loop().run_in_executor(threads, write)
    session.add(file)
    await session.flush()
    return file


def open_file(file: File, *, thumbnail: bool = False) -> Path:
    """Where the photo lies, or its thumbnail of at most 480 pixels; `NotFound` if it was lost."""
    path = store.path_of(file.community_id, file.id, thumbnail=thumbnail)
    if not path.is_file():
        log.error("file_lost", file_id=file.id)
        raise NotFound
    return path


def respond(file: File, *, thumbnail: bool = False) -> FileResponse:
    """Serve a photo to somebody who may see it: never guessed at, never run, never shared."""
    return FileResponse(
        open_file(file, thumbnail=thumbnail),
        media_type=file.media_type,
        filename=f"{file.id}.jpg",
        content_disposition_type="attachment",
        headers={
            "Cache-Control": "private, max-age=86400, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


@periodic("core.files.sweep", cron="23 * * * *")
async def sweep(sessions: Sessions) -> None:
    """Delete what has lain for an hour and belongs to no row: rollbacks, crashes, deleted rows."""
    before = (now() - _UNCLAIMED).timestamp()
    loop = asyncio.get_running_loop()
    paths = await loop.run_in_executor(threads, lambda: list(store.older(before)))
    for start in range(0, len(paths), _AT_ONCE):
        await _delete_unclaimed(sessions, paths[start : start + _AT_ONCE])


async def _delete_unclaimed(sessions: Sessions, paths: list[Path]) -> None:
    owners = {path: store.owner_of(path) for path in paths}
    key = tuple_(File.community_id, File.id)
    async with sessions() as session:
        wanted = [owner for owner in owners.values() if owner]
        found = await session.execute(select(File.community_id, File.id).where(key.in_(wanted)))
    claimed = {(community_id, file_id) for community_id, file_id in found}
    unclaimed = [path for path, owner in owners.items() if owner not in claimed]
    for path in unclaimed:
        path.unlink(missing_ok=True)
    if unclaimed:
        log.info("files_swept", count=len(unclaimed))
