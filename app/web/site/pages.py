"""Pages of notices: plain HTML that runs nothing and fetches nothing from elsewhere."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import Response

from app.core.clock import CHINA
from app.core.i18n import _, locale
from app.places.models import Community
from app.web.site.reading import Shown, address
from app.web.site.words import kind_word

_FOLDER = Path(__file__).parent
_STYLE = (_FOLDER / "static" / "notice.css").read_text()
_STYLE_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()

HTML = "text/html; charset=utf-8"

CLOSED = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No scripts, this one style, pictures of ours."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = _
    return environment


def _filled(template: str, *, large: bool, community: str, **content: Any) -> bytes:
    page = _environment().get_template(template)
    return page.render(
        style=Markup(_STYLE),  # noqa: S704 - a file of ours
        lang="zh-CN" if locale() == "zh" else "en",
        large=large,
        community=community,
        **content,
    ).encode()


def notice_page(
    community: Community, notice: Shown, *, large: bool, public: bool, studying: str = ""
) -> bytes:
    """A notice; `studying` is where to say that one has studied it, or `done`."""
    return _filled(
        "notice.html",
        large=large,
        community=community.name,
        notice=notice,
        body=Markup(notice.html),  # noqa: S704 - made by `markdown.rendered`, which escapes
        kind=kind_word(notice.kind),
        published=f"{notice.published_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
        feed=address(community, "feed.xml") if public else "",
        studying=studying,
    )


def told_page(
    heading: str,
    *,
    large: bool = False,
    community: str = "",
    title: str = "",
    reason: str = "",
    right: str = "",
) -> bytes:
    """A page that says why there is no notice to be read."""
    return _filled(
        "told.html",
        large=large,
        community=community,
        heading=heading,
        title=title,
        reason=reason,
        right=right,
    )


def not_there(community: str = "", *, large: bool = False) -> Response:
    """The answer where there is nothing to read, or not any more."""
    body = told_page(_("没有这条通知，或已撤回"), large=large, community=community)
    return Response(body, 404, media_type=HTML, headers={**CLOSED, "Cache-Control": "no-store"})
