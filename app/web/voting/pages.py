"""The look of the pages for voters: plain HTML, one style, one script that nothing depends on."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import Response

from app.core.i18n import _, locale
from app.web.site.pages import HTML
from app.web.voting import words

_FOLDER = Path(__file__).parent
_STYLE = "".join(
    path.read_text()
    for path in (
        _FOLDER.parent / "site" / "static" / "notice.css",
        _FOLDER / "static" / "voting.css",
    )
)
_STYLE_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
SCRIPT = (_FOLDER / "static" / "voting.js").read_bytes()
SCRIPT_PATH = f"/v/assets/{sha256(SCRIPT).hexdigest()[:16]}.js"

CLOSED = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; script-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""This one style, scripts and pictures of ours, and no frame around it."""
PRIVATE = {**CLOSED, "Cache-Control": "private, no-store"}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_, words=words, scores=words.scores, days=words.days)
    return environment


def filled(
    template: str, *, large: bool = False, community: str = "", switch: str = "?", **content: Any
) -> bytes:
    """A page; `switch` is where it stands in the other size of letters."""
    page = _environment().get_template(template)
    return page.render(
        style=Markup(_STYLE),  # noqa: S704 - files of ours
        script=SCRIPT_PATH,
        lang="zh-CN" if locale() == "zh" else "en",
        large=large,
        community=community,
        switch=switch,
        **content,
    ).encode()


def private(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A page for one person alone."""
    return Response(body, status, media_type=HTML, headers={**PRIVATE, **(headers or {})})


def told(
    heading: str,
    *said: str,
    status: int = 200,
    large: bool = False,
    community: str = "",
    title: str = "",
    onward: tuple[str, str] | None = None,
) -> Response:
    """A page of a few sentences; `onward` is where to go from it, and what that is called."""
    body = filled(
        "told.html",
        large=large,
        community=community,
        heading=heading,
        title=title,
        said=[each for each in said if each],
        onward=onward,
        switch="?" if large else "?large=1",
    )
    return private(body, status)
