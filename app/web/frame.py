"""The frame of every page: one look, one set of headers, letters in two sizes."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import Response

from app.core.i18n import _, locale
from app.web.times import day, moment

HTML = "text/html; charset=utf-8"
_FOLDER = Path(__file__).parent
_TABLE = re.compile("<table>.*?</table>", re.DOTALL)
_REGION = Markup('<div class="scroll" tabindex="0" role="region" aria-label="{}">')


def _closed(style: str, *, scripts: bool) -> dict[str, str]:
    """This one style, pictures of ours, no frame around it, and scripts of ours at most."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    script = "script-src 'self'; " if scripts else ""
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; {script}"
            "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def region(label: str) -> Markup:
    """The beginning of a `div` that is moved sideways, by hand and by keyboard."""
    return _REGION.format(label)


def _prose() -> Callable[[str], Markup]:
    """For one page: HTML made by `markdown.rendered`, each of its tables in a region by number."""
    numbers = count(1)

    def wrapped(table: re.Match[str]) -> str:
        label = _("表格 {number}").format(number=next(numbers))
        return f"{region(label)}{table[0]}</div>"

    def prose(html: str) -> Markup:
        return Markup(_TABLE.sub(wrapped, html))  # noqa: S704 - `rendered` escapes

    return prose


def _asking(place: Mapping[str, object], *, large: bool) -> str:
    """The address of the same page with this of it kept, in large letters or not."""
    asked = {name: value for name, value in place.items() if value}
    return "?" + urlencode(asked | {"large": 1} if large else asked)


class Frame:
    """The frame with one part's own templates, styles and words in it."""

    def __init__(self, folder: Path, *, scripts: bool = False, **known: object) -> None:
        styles = [_FOLDER / "static" / "page.css", *sorted((folder / "static").glob("*.css"))]
        style = "".join(path.read_text() for path in styles)
        self.closed: Mapping[str, str] = _closed(style, scripts=scripts)
        """The headers of a page for everybody."""
        self.private: Mapping[str, str] = self.closed | {"Cache-Control": "private, no-store"}
        """The headers of a page for one person alone, or for now alone."""
        self._templates = Environment(
            loader=FileSystemLoader([folder / "templates", _FOLDER / "templates"]),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        given = Markup(style)  # noqa: S704 - files of ours
        self._templates.globals.update(
            _=_, day=day, moment=moment, region=region, style=given, **known
        )

    def filled(
        self,
        template: str,
        *,
        large: bool = False,
        community: str = "",
        place: Mapping[str, object] | None = None,
        switch: str = "",
        **content: Any,
    ) -> bytes:
        """A page; the other size of letters is at `switch`, or at the same `place` in a list."""
        page = self._templates.get_template(template)
        return page.render(
            lang="zh-CN" if locale() == "zh" else "en",
            prose=_prose(),
            large=large,
            sized="?large=1" if large else "",
            switch=switch or _asking(place or {}, large=not large),
            community=community,
            **content,
        ).encode()

    def alone(self, body: bytes, status: int = 200) -> Response:
        """The answer to one person alone."""
        return Response(body, status, media_type=HTML, headers=self.private)

    def told(
        self,
        heading: str,
        *said: str,
        status: int = 200,
        large: bool = False,
        community: str = "",
        title: str = "",
        onward: tuple[str, str] | None = None,
    ) -> Response:
        """A page of a few sentences; `onward` is where to go from it, and what that is called."""
        body = self.filled(
            "told.html",
            large=large,
            community=community,
            heading=heading,
            title=title,
            said=[each for each in said if each],
            onward=onward,
        )
        return self.alone(body, status)
