"""Lists of requests, and how many of them there are to see to."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.core import sheets
from app.core.i18n import _
from app.core.pages import Page
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.service_requests import exports, lists, views
from app.service_requests.problems import ExportTooLarge
from app.service_requests.schemas.lists import Counts, Exported, Listed
from app.service_requests.schemas.requests import UNWATCHED, RequestOut

router = APIRouter(prefix="/api/v1/service-requests", tags=["service-requests"], route_class=Route)


@router.get("", response_model=Page[RequestOut], responses=problems(NotFound))
async def list_requests(
    session: Session, me: Me, asked: Annotated[Listed, Query()]
) -> dict[str, object]:
    """The requests you may see, newest first unless asked otherwise."""
    saved = [await views.filters_of(session, asked.view, me=me)] if asked.view else []
    found = await lists.page(session, [*saved, asked], asked, me=me)
    return found if me.is_staff else found | {"items": _unwatched(found["items"])}


def _unwatched(requests: Any) -> list[RequestOut]:
    """The requests without what staff settle among themselves."""
    shown = [RequestOut.model_validate(request) for request in requests]
    return [each.model_copy(update=UNWATCHED) for each in shown]


@router.get(
    "/export", response_class=Response, responses=problems(Forbidden, NotFound, ExportTooLarge)
)
async def export_requests(
    session: Session, me: Me, asked: Annotated[Exported, Query()]
) -> Response:
    """The requests of a list as a file, 20,000 at most; that it was taken is a fact."""
    rows = await exports.table(session, asked, by=me)
    return await sheets.respond(asked.form, _("工单"), exports.head(), rows)


@router.get("/counts")
async def count_requests(session: Session, me: Me) -> Counts:
    """How many requests there are for you to see to."""
    return await lists.counts(session, me=me)
