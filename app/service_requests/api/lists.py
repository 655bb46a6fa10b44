"""Lists of requests, and how many of them there are to see to."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.core.pages import Page
from app.core.problems import NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.service_requests import lists, views
from app.service_requests.schemas.lists import Counts, Listed
from app.service_requests.schemas.requests import RequestOut

router = APIRouter(prefix="/api/v1/service-requests", tags=["service-requests"], route_class=Route)


@router.get("", response_model=Page[RequestOut], responses=problems(NotFound))
async def list_requests(
    session: Session, me: Me, asked: Annotated[Listed, Query()]
) -> dict[str, object]:
    """The requests you may see, newest first unless asked otherwise."""
    saved = [await views.filters_of(session, asked.view, me=me)] if asked.view else []
    return await lists.page(session, [*saved, asked], asked, me=me)


@router.get("/counts")
async def count_requests(session: Session, me: Me) -> Counts:
    """How many requests there are for you to see to."""
    return await lists.counts(session, me=me)
