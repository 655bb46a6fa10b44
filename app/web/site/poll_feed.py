"""The feed of public polls: openings, extensions, heads of their chains, and results."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from lxml import etree
from starlette.responses import Response

from app.core.i18n import _
from app.core.problems import NotFound, problems
from app.core.web import Route, Session
from app.places.models import Community
from app.polls.telling import news
from app.polls.telling.news import News
from app.web.site import atoms
from app.web.site.addressed import There
from app.web.site.conditional import answer
from app.web.site.reading import address

router = APIRouter(route_class=Route, tags=["site"])
_NEWEST = 100
_NAME = "polls.xml"


def _entry(feed: etree._Element, community: Community, one: News) -> None:
    where = f"{address(community, 'polls', one.number)}#{one.key}"
    entry = atoms.add(feed, "entry")
    atoms.add(entry, "id", where)
    atoms.add(entry, "title", one.title)
    atoms.add(entry, "published", atoms.moment(one.at))
    atoms.add(entry, "updated", atoms.moment(one.at))
    atoms.add(entry, "link", rel="alternate", href=where, type="text/html")
    atoms.add(entry, "category", term=one.kind)
    atoms.add(entry, "content", one.text, type="text")


def atom(community: Community, found: Sequence[News], *, updated: datetime) -> bytes:
    """The feed as Atom; the newest entry first."""
    title = _("{name} 投票").format(name=community.name)
    feed = atoms.begun(
        community, id_=address(community, _NAME), title=title, updated=updated, name=_NAME
    )
    for one in found:
        _entry(feed, community, one)
    return atoms.written(feed)


@router.get("/c/{slug}/polls.xml", response_class=Response, responses=problems(NotFound))
async def polls_feed(session: Session, there: There, http: Request) -> Response:
    """What happened last to public polls, as Atom (RFC 4287), heads of their chains among it."""
    found = await news.latest(session, there.id, most=_NEWEST)
    changed = found[0].at if found else there.created_at
    body = atom(there, found, updated=changed)
    return answer(http, body, media_type=atoms.ATOM, changed_at=changed)
