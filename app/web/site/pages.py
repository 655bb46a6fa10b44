"""Pages of notices: plain HTML that runs nothing and fetches nothing from elsewhere."""

from pathlib import Path

from starlette.responses import Response

from app.core.i18n import _
from app.places.models import Community
from app.web.frame import Frame
from app.web.site.reading import Shown, address
from app.web.site.words import kind_word

frame = Frame(Path(__file__).parent)


def notice_page(
    community: Community, notice: Shown, *, large: bool, public: bool, studying: str = ""
) -> bytes:
    """A notice; `studying` is where to say that one has studied it, or `done`."""
    return frame.filled(
        "notice.html",
        large=large,
        community=community.name,
        notice=notice,
        kind=kind_word(notice.kind),
        feed=address(community, "feed.xml") if public else "",
        studying=studying,
    )


def not_there(community: str = "", *, large: bool = False) -> Response:
    """The answer where there is nothing to read, or not any more."""
    heading = _("没有这条通知，或已撤回")
    return frame.told(heading, status=404, large=large, community=community)
