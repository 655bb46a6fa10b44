"""QR codes: an address as a square that a phone reads off paper."""

from io import BytesIO

import segno
from markupsafe import Markup

_ERROR = "m"
"""A seventh of it may be worn away."""
_BORDER = 4
"""Modules left white around it, as ISO/IEC 18004 asks."""
_PIXELS = 16
"""A module in the picture; a metre away it is read off a hand's breadth of paper."""


def _code(address: str) -> segno.QRCode:
    return segno.make(address, error=_ERROR, micro=False)


def svg(address: str) -> Markup:
    """The code as SVG to stand in a page, as large as the page has it."""
    drawn = _code(address).svg_inline(border=_BORDER, omitsize=True, svgclass=None, lineclass=None)
    return Markup(drawn)  # noqa: S704 - squares alone


def png(address: str) -> bytes:
    """The code as a picture, to be put into a poster or sent."""
    out = BytesIO()
    _code(address).save(out, kind="png", border=_BORDER, scale=_PIXELS)
    return out.getvalue()
