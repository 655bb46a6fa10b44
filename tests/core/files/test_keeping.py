"""A photo and its row: they are kept together, and never part."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import files
from app.core.database import Sessions
from app.core.files import File, store_photo
from app.core.ids import new_id
from app.core.problems import Unavailable
from app.places.models import Community
from tests.conftest import Worker
from tests.core.files.disk import lie_for_two_hours, on_disk, run_sweep
from tests.pictures import a_picture


async def test_a_photo_is_kept_with_its_row(
    session: AsyncSession, community: Community, data_dir: Path
) -> None:
    by = new_id()
    file = await store_photo(session, a_picture(), community_id=community.id, by=by)
    await session.commit()
    session.expunge_all()

    row = (await session.scalars(select(File))).one()
    body = files.open_file(row).read_bytes()
    assert (row.width, row.height, row.media_type) == (200, 100, "image/jpeg")
    assert (row.sha256, row.size) == (sha256(body).digest(), len(body))
    assert (row.community_id, row.uploaded_by) == (community.id, by)
    assert on_disk(data_dir) == [f"{file.id}.jpg", f"{file.id}.small.jpg"]
    assert files.open_file(row).stat().st_mode & 0o777 == 0o600


async def test_the_same_photo_twice_is_two_files_each_with_its_row(
    session: AsyncSession, community: Community, data_dir: Path
) -> None:
    first = await store_photo(session, a_picture(), community_id=community.id, by=None)
    second = await store_photo(session, a_picture(), community_id=community.id, by=None)
    await session.commit()

    assert first.id != second.id
    assert first.sha256 == second.sha256
    assert len(on_disk(data_dir)) == 4


async def test_a_file_that_cannot_be_written_has_no_row(
    session: AsyncSession, community: Community, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await files.decode_photo(a_picture())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable):
        await store_photo(session, photo, community_id=community.id, by=None)
    monkeypatch.undo()
    await session.commit()

    assert (await session.scalars(select(File))).all() == []
    assert not list(data_dir.rglob("*.jpg"))
    assert not list(data_dir.rglob(".draft-*"))


async def test_both_sizes_are_on_the_disk_before_the_row_is_written(
    session: AsyncSession, community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    photo = await files.decode_photo(a_picture())

    file = await store_photo(session, photo, community_id=community.id, by=None)

    assert [name.startswith(".draft-") for name in flushed[:2]] == [True, True]
    assert flushed[2:] == [file.id.hex[-2:], str(community.id), "files", flushed[-1]]


async def test_what_a_rollback_left_is_swept_and_what_has_a_row_stays(
    session: AsyncSession, community: Community, data_dir: Path, worker: Worker
) -> None:
    where = community.id
    photo = await files.decode_photo(a_picture())
    kept = await store_photo(session, photo, community_id=where, by=None)
    ours = {kept.id}
    directory = files.open_file(kept).parent
    await session.commit()
    await store_photo(session, photo, community_id=where, by=None)
    await session.rollback()
    (directory / f".draft-{'0' * 16}").touch()
    (directory / "somebody-elses.txt").touch()
    lie_for_two_hours(data_dir)
    ours.add((await store_photo(session, photo, community_id=where, by=None)).id)
    await session.rollback()

    await run_sweep(worker)

    left = {f"{one}{size}.jpg" for one in ours for size in ("", ".small")}
    assert set(on_disk(data_dir)) == left | {"somebody-elses.txt"}


async def test_a_photo_whose_row_was_deleted_is_swept(
    session: AsyncSession, community: Community, data_dir: Path, worker: Worker
) -> None:
    await store_photo(session, a_picture(), community_id=community.id, by=None)
    await session.commit()
    await session.execute(delete(File))
    await session.commit()
    lie_for_two_hours(data_dir)

    await run_sweep(worker)

    assert on_disk(data_dir) == []


async def test_a_sweep_of_nothing_is_well(worker: Worker) -> None:
    await run_sweep(worker)


async def test_a_photo_of_no_community_is_refused_by_the_database(sessions: Sessions) -> None:
    photo = await files.decode_photo(a_picture())
    async with sessions() as session:
        with pytest.raises(Exception, match="files_community_id_fkey"):
            await store_photo(session, photo, community_id=new_id(), by=None)
