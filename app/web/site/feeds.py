"""Feeds of what is published: Atom (RFC 4287), JSON Feed 1.1, and the data of the ITV board."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lxml import etree

from app.core.i18n import _
from app.notices.models import NoticeKind
from app.places.models import Community
from app.web.site import atoms
from app.web.site.atoms import language, moment
from app.web.site.reading import Attached, Shown, address
from app.web.site.words import kind_word

JSON_FEED = "application/feed+json; charset=utf-8"


def titled(notice: Shown) -> str:
    """The title as it stands in a list: one that was put right says so."""
    return (
        _("【已更正】{title}").format(title=notice.title)
        if notice.corrected_by_url
        else notice.title
    )


def content(notice: Shown) -> str:
    """All of a notice as HTML: what was put right says where."""
    return notice.html + "".join(
        f'<p><a href="{link}">{word}</a></p>'
        for link, word in (
            (notice.corrected_by_url, _("此通知已更正，请看更正后的内容")),
            (notice.corrects_url, _("这是对此前通知的更正")),
        )
        if link
    )


def _entry(feed: etree._Element, notice: Shown) -> None:
    entry = atoms.add(feed, "entry")
    atoms.add(entry, "id", notice.id.urn)
    atoms.add(entry, "title", titled(notice))
    atoms.add(entry, "published", moment(notice.published_at))
    atoms.add(entry, "updated", moment(notice.updated_at))
    atoms.add(entry, "link", rel="alternate", href=notice.url, type="text/html")
    for other in (notice.corrected_by_url, notice.corrects_url):
        if other:
            atoms.add(entry, "link", rel="related", href=other, type="text/html")
    for file in notice.files:
        described = {"type": file.media_type, "title": file.name}
        atoms.add(entry, "link", rel="enclosure", href=file.url, **described)
    atoms.add(entry, "category", term=notice.kind.value, label=kind_word(notice.kind))
    atoms.add(entry, "content", content(notice), type="html")


def atom(community: Community, notices: Sequence[Shown], *, updated: datetime) -> bytes:
    """The feed as Atom; the newest entry first."""
    title = _("{name} 通知公告").format(name=community.name)
    feed = atoms.begun(
        community, id_=community.id.urn, title=title, updated=updated, name="feed.xml"
    )
    for notice in notices:
        _entry(feed, notice)
    return atoms.written(feed)


def _attachment(file: Attached) -> dict[str, str]:
    return {"url": file.url, "mime_type": file.media_type, "title": file.name}


def _item(notice: Shown) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": notice.id.urn,
        "url": notice.url,
        "title": titled(notice),
        "content_html": content(notice),
        "content_text": notice.text,
        "date_published": moment(notice.published_at),
        "date_modified": moment(notice.updated_at),
        "tags": [notice.kind.value],
    }
    if notice.media_url:
        item["external_url"] = notice.media_url
    if notice.photos:
        item["image"] = notice.photos[0].url
    if notice.files:
        item["attachments"] = [_attachment(file) for file in notice.files]
    return item


def json_feed(community: Community, notices: Sequence[Shown]) -> bytes:
    """The feed as JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _("{name} 通知公告").format(name=community.name),
        "feed_url": address(community, "feed.json"),
        "language": language(),
        "authors": [{"name": community.name}],
        "items": [_item(notice) for notice in notices],
    }
    return json.dumps(feed, ensure_ascii=False).encode()


def board(community: Community, notices: Sequence[Shown], *, updated: datetime) -> bytes:
    """What the board shows: short texts, emergencies first, then the newest."""
    urgent = sorted(notices, key=lambda notice: notice.kind is not NoticeKind.EMERGENCY)
    data = {
        "community": {"name": community.name, "town": community.town},
        "updated": moment(updated),
        "items": [
            {
                "id": str(notice.id),
                "kind": notice.kind.value,
                "label": kind_word(notice.kind),
                "title": titled(notice),
                "text": notice.text,
                "published": moment(notice.published_at),
                "photos": [photo.url for photo in notice.photos],
                "media": notice.media_url,
            }
            for notice in urgent
        ],
    }
    return json.dumps(data, ensure_ascii=False).encode()
