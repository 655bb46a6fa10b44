"""Photos: what is taken, what is kept, and that file and row never part."""

import asyncio
import os
import time
import zlib
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import files
from app.core.database import Sessions
from app.core.files import File, NotAPhoto, TooManyPixels, decode, store, store_photo
from app.core.ids import new_id
from app.core.problems import NotFound, Problem, TooLarge, Unavailable
from app.places.models import Community
from tests.conftest import Worker

GPS = 0x8825
ORIENTATION = 0x0112
TOP_LEFT = (20, 20)
"""Clear of the edges, where JPEG blurs."""


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (200, 100), **options: Any) -> bytes:
    """White, with a red square in the top left corner."""
    picture = Image.new("RGB", size, "white")
    picture.paste((255, 0, 0), (0, 0, 50, 50))
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def colour(body: bytes, at: tuple[int, int]) -> tuple[int, ...]:
    """Red, green and blue of one pixel, 0 to 255."""
    pixel = Image.open(BytesIO(body)).getpixel(at)
    assert isinstance(pixel, tuple)
    return tuple(round(part) for part in pixel)


def a_png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, in a hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return len(data).to_bytes(4) + checked + zlib.crc32(checked).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def some_frames(kind: str, count: int) -> bytes:
    frames = [Image.new("RGB", (8, 8), (n * 3, 0, 0)) for n in range(count)]
    out = BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.fixture
async def community(session: AsyncSession) -> Community:
    community = Community(slug="yiyi", name="伊伊小区", town="ZJ镇")
    session.add(community)
    await session.commit()
    return community


def on_disk(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "files").rglob("*") if path.is_file())


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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
async def test_every_usual_kind_becomes_a_jpeg_that_looks_the_same(kind: str) -> None:
    photo = await files.decode_photo(a_picture(kind))

    picture = Image.open(BytesIO(photo.body))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (200, 100))
    red, green, blue = colour(photo.body, TOP_LEFT)
    assert red > 240
    assert max(green, blue) < 20


async def test_a_photo_may_come_as_a_file(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(a_picture())

    assert (await files.decode_photo(upload)).width == 200


async def test_a_large_photo_is_made_smaller_and_has_a_thumbnail() -> None:
    photo = await files.decode_photo(a_picture(size=(4000, 1000)))

    assert (photo.width, photo.height) == (2560, 640)
    assert Image.open(BytesIO(photo.body)).size == (2560, 640)
    assert Image.open(BytesIO(photo.thumbnail)).size == (480, 120)


async def test_what_the_camera_noted_is_gone_and_the_photo_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010E] = "canary-description"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (31.0, 12.0, 30.0)
    taken = a_picture(
        exif=exif,
        comment=b"canary-comment",
        icc_profile=b"canary-icc" * 20,
        xmp=b"<x:xmpmeta>canary-xmp</x:xmpmeta>",
    )
    assert GPS in Image.open(BytesIO(taken)).getexif()
    assert taken.count(b"canary") > 20

    photo = await files.decode_photo(taken)

    for body in (photo.body, photo.thumbnail):
        kept = Image.open(BytesIO(body))
        assert not kept.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & kept.info.keys()
        assert b"canary" not in body
    assert (photo.width, photo.height) == (100, 200)
    assert colour(photo.body, (100 - TOP_LEFT[0], TOP_LEFT[1]))[1] < 20


async def test_a_photo_whose_notes_are_damaged_is_still_a_photo() -> None:
    photo = await files.decode_photo(a_picture(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))

    assert photo.width == 200


async def test_what_is_hidden_behind_a_photo_is_gone() -> None:
    photo = await files.decode_photo(a_picture() + b"PK\x03\x04 canary <script>alert(1)</script>")

    assert b"canary" not in photo.body
    assert b"<script>" not in photo.body


async def test_what_was_transparent_is_white() -> None:
    clear = BytesIO()
    Image.new("RGBA", (60, 60), (0, 0, 0, 0)).save(clear, "PNG")

    photo = await files.decode_photo(clear.getvalue())

    assert colour(photo.body, (30, 30)) == (255, 255, 255)


NOT_PHOTOS = {
    "nothing": b"",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04" + bytes(100),
    "jpeg and html": b"\xff\xd8\xff\xe0\x00\x10JFIF<script>alert(1)</script>",
    "gif and html": b"GIF89a/*<html><script>alert(1)</script>*/",
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "bmp": a_picture("BMP"),
    "tiff": a_picture("TIFF"),
    "half a jpeg": a_picture(size=(300, 300))[:-300],
    "png of nothing": b"\x89PNG\r\n\x1a\n" + bytes(100),
}


@pytest.mark.parametrize("name", NOT_PHOTOS)
async def test_what_is_not_a_photo_is_refused(name: str) -> None:
    with pytest.raises(NotAPhoto) as refused:
        await files.decode_photo(NOT_PHOTOS[name])

    assert refused.value.status == 422


@pytest.mark.parametrize(
    "data",
    [
        a_png_of(50_000, 50_000),
        a_png_of(8000, 5001),
        some_frames("GIF", 65),
        some_frames("PNG", 65),
    ],
)
async def test_a_bomb_is_refused_before_it_is_decoded(data: bytes) -> None:
    with pytest.raises(TooManyPixels) as refused:
        await files.decode_photo(data)

    assert refused.value.status == 422


def test_nothing_of_a_bomb_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object) -> None:
        pytest.fail("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)

    with pytest.raises(decode.TooManyPixelsError):
        decode.decoded(a_png_of(50_000, 50_000))


async def test_forty_megapixels_are_read() -> None:
    out = BytesIO()
    Image.new("1", (8000, 5000)).save(out, "PNG")

    photo = await files.decode_photo(out.getvalue())

    assert (photo.width, photo.height) == (2560, 1600)


async def test_more_than_ten_megabytes_are_refused_unread(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    with upload.open("wb") as file:
        file.write(a_picture())
        file.truncate(1 << 40)

    with pytest.raises(TooLarge):
        await files.decode_photo(upload)
    with pytest.raises(TooLarge):
        await files.decode_photo(a_picture().ljust(files.MOST_BYTES + 1, b"\0"))
    assert (await files.decode_photo(a_picture().ljust(files.MOST_BYTES, b"\0"))).width == 200


@pytest.mark.parametrize(
    "program",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import time; time.sleep(60)",
        "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
        "raise SystemExit(1)",
    ],
)
async def test_a_child_that_dies_or_hangs_costs_one_photo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    child = tmp_path / "child.py"
    child.write_text(program)
    monkeypatch.setattr(decode, "__file__", str(child))
    monkeypatch.setattr(store, "_SECONDS", 2 if "while" in program else 0.5)

    began = time.monotonic()
    with pytest.raises(NotAPhoto):
        await files.decode_photo(a_picture())

    assert time.monotonic() - began < 5


async def test_the_child_has_given_up_its_rights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child = tmp_path / "child.py"
    child.write_text(
        f"import sys; sys.path.insert(0, {str(Path(decode.__file__).parent)!r})\n"
        "import decode, json, resource\n"
        "def decoded(data):\n"
        "    limits = [resource.getrlimit(limit) for limit in decode._LIMITS]\n"
        "    assert limits == [(value, value) for value in decode._LIMITS.values()], limits\n"
        "    bytearray(2 << 30)\n"
        "decode.decoded = decoded\n"
        "sys.exit(decode.main())\n"
    )
    monkeypatch.setattr(decode, "__file__", str(child))

    with pytest.raises(TooManyPixels):
        await files.decode_photo(a_picture())


async def test_the_loop_goes_on_while_a_photo_is_decoded() -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.005)

    turning = asyncio.create_task(turn())
    await files.decode_photo(a_picture(size=(3000, 2000)))
    turning.cancel()

    assert turns > 5


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


def lie_for_two_hours(data_dir: Path) -> None:
    long_ago = time.time() - 7200
    for path in (data_dir / "files").rglob("*"):
        os.utime(path, (long_ago, long_ago))


async def run_sweep(worker: Worker) -> None:
    await files.sweep.defer_async(timestamp=0)
    await worker.catch_up()


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


@pytest.fixture
async def file(session: AsyncSession, community: Community) -> File:
    return await store_photo(session, a_picture(), community_id=community.id, by=None)


async def test_a_photo_is_served_so_that_it_is_only_a_picture(file: File) -> None:
    transport = httpx.ASGITransport(files.respond(file, thumbnail=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://palm.test") as browser:
        answer = await browser.get("/")

    assert answer.content == files.open_file(file, thumbnail=True).read_bytes()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file.id}.jpg"'
    assert answer.headers["Cache-Control"].startswith("private")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_photo_that_was_lost_is_not_found(file: File) -> None:
    files.open_file(file).unlink()

    with pytest.raises(NotFound):
        files.open_file(file)
    assert isinstance(NotFound(), Problem)


async def test_a_photo_of_no_community_is_refused_by_the_database(sessions: Sessions) -> None:
    photo = await files.decode_photo(a_picture())
    async with sessions() as session:
        with pytest.raises(Exception, match="files_community_id_fkey"):
            await store_photo(session, photo, community_id=new_id(), by=None)
