"""What every Atom feed (RFC 4287) is made of, whatever it tells of."""

from datetime import UTC, datetime
from typing import Any

from lxml import etree

from app.core.i18n import locale
from app.places.models import Community
from app.web.site.reading import address

ATOM = "application/atom+xml; charset=utf-8"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_PREFIXES: Any = {None: _NAMESPACE}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'


def moment(at: datetime) -> str:
    """A moment as RFC 3339 has it, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def language() -> str:
    """The language the feed is in."""
    return "zh-CN" if locale() == "zh" else "en"


def add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> Any:
    """Put an element with this text and these attributes at the end of another."""
    element = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)
    element.text = text
    return element


def begun(
    community: Community, *, id_: str, title: str, updated: datetime, name: str
) -> etree._Element:
    """A feed of the community without entries; `name` is that of its file."""
    feed = etree.Element(f"{{{_NAMESPACE}}}feed", nsmap=_PREFIXES)
    feed.set(_XML_LANG, language())
    add(feed, "id", id_)
    add(feed, "title", title)
    add(feed, "updated", moment(updated))
    add(add(feed, "author"), "name", community.name)
    add(feed, "link", rel="self", href=address(community, name), type="application/atom+xml")
    return feed


def written(feed: etree._Element) -> bytes:
    """The feed as it is sent."""
    return _DECLARATION + etree.tostring(feed, encoding="utf-8")
