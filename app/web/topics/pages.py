"""The look of the pages of topics and councils: plain HTML that runs nothing."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import Response

from app.core.i18n import _, locale
from app.web.site.pages import HTML
from app.web.topics import words

_FOLDER = Path(__file__).parent
_WEB = _FOLDER.parent
_STYLE = "".join(
    path.read_text()
    for path in (
        _WEB / "site" / "static" / "notice.css",
        _WEB / "voting" / "static" / "voting.css",
        _FOLDER / "static" / "topics.css",
    )
)
_STYLE_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()

CLOSED = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No scripts, no pictures, this one style."""
PRIVATE = {**CLOSED, "Cache-Control": "private, no-store"}


@cache
def _environment() -> Environment:
    folders = [_FOLDER / "templates", _WEB / "voting" / "templates"]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_, words=words)
    return environment


def filled(
    template: str, *, large: bool = False, community: str = "", after: str = "", **content: Any
) -> bytes:
    """A page; `after` is where in a list it stands, which the other size of letters keeps."""
    place = [f"after={after}"] if after else []
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(_STYLE),  # noqa: S704 - files of ours
            lang="zh-CN" if locale() == "zh" else "en",
            large=large,
            sized="?large=1" if large else "",
            community=community,
            switch="?" + "&".join(place if large else [*place, "large=1"]),
            **content,
        )
        .encode()
    )


def not_there(community: str = "", *, large: bool = False) -> Response:
    """The answer where there is nothing to read."""
    body = filled("gone.html", large=large, community=community)
    return Response(body, 404, media_type=HTML, headers={**CLOSED, "Cache-Control": "no-store"})
