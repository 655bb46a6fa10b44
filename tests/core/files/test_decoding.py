"""What a photo becomes: upright, of one kind, not too large, and nothing but a picture."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.core import files
from tests.pictures import a_picture

GPS = 0x8825


ORIENTATION = 0x0112


TOP_LEFT = (20, 20)
"""Clear of the edges, where JPEG blurs."""


def colour(body: bytes, at: tuple[int, int]) -> tuple[int, ...]:
    """Red, green and blue of one pixel, 0 to 255."""
    pixel = Image.open(BytesIO(body)).getpixel(at)
    assert isinstance(pixel, tuple)
    return tuple(round(part) for part in pixel)


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


async def test_forty_megapixels_are_read() -> None:
    out = BytesIO()
    Image.new("1", (8000, 5000)).save(out, "PNG")

    photo = await files.decode_photo(out.getvalue())

    assert (photo.width, photo.height) == (2560, 1600)


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
