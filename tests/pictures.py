"""A picture to upload."""

from io import BytesIO
from typing import Any

from PIL import Image


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (200, 100), **options: Any) -> bytes:
    """White, with a red square in the top left corner."""
    picture = Image.new("RGB", size, "white")
    picture.paste((255, 0, 0), (0, 0, 50, 50))
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
