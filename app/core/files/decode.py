"""The child process that opens strangers' pictures, with little to break and nothing to take.

Run by path with the picture on standard input; writes a line of JSON, then the photo and the
thumbnail as JPEG. It imports nothing of ours, and gives up its rights before it reads a byte.
"""

import json
import resource
import sys
import warnings
from io import BytesIO

from PIL import GifImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

FORMATS = tuple(
    plugin.format
    for plugin in (
        GifImagePlugin.GifImageFile,
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
    )
)
MOST_PIXELS = 40_000_000
MOST_FRAMES = 64
EDGE = 2560
THUMBNAIL_EDGE = 480
QUALITY = 85
TOO_MANY_PIXELS = 3
NOT_A_PHOTO = 4

_LIMITS = {
    resource.RLIMIT_AS: 1 << 30,
    resource.RLIMIT_CPU: 8,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 16,
}


class TooManyPixelsError(Exception):
    """The picture is larger than we decode."""


def _give_up_rights() -> None:
    for limit, value in _LIMITS.items():
        resource.setrlimit(limit, (value, value))


def _opened(data: bytes) -> Image.Image:
    """The picture with its size and frames checked, and nothing decoded yet."""
    picture = Image.open(BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS:
        raise TooManyPixelsError
    if getattr(picture, "n_frames", 1) > MOST_FRAMES:
        raise TooManyPixelsError
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """Apply the orientation its camera noted; a damaged note is no reason to refuse a photo."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001 - whatever the parser trips over
        return picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return picture.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def decoded(data: bytes) -> tuple[Image.Image, Image.Image]:
    """The photo and its thumbnail: pixels alone, upright, at most 2560 and 480 on the long edge."""
    picture = _opened(data)
    if picture.mode in {"1", "P", "PA"}:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    flat = _on_white(_upright(picture))
    photo = Image.frombytes("RGB", flat.size, flat.tobytes())
    small = photo.copy()
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE), Image.Resampling.LANCZOS)
    return photo, small


def main() -> int:
    """Answer one picture; the exit status says what was wrong with it."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    _give_up_rights()
    try:
        photo, small = decoded(sys.stdin.buffer.read())
        bodies = [_jpeg(photo), _jpeg(small)]
    except (
        TooManyPixelsError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        MemoryError,
    ):
        return TOO_MANY_PIXELS
    except Exception:  # noqa: BLE001 - a decoder may raise anything
        return NOT_A_PHOTO
    shape = {"width": photo.width, "height": photo.height, "sizes": [len(b) for b in bodies]}
    sys.stdout.buffer.write(json.dumps(shape).encode() + b"\n" + b"".join(bodies))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
