"""What is not taken for a photo: other things, bombs, and what kills the child that reads it."""

import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.core import files
from app.core.files import NotAPhoto, TooManyPixels, decode, store
from app.core.problems import TooLarge
from tests.pictures import a_picture


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
