"""Saved views: lists as staff like to look at them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.people.access import Me
from app.service_requests import views
from app.service_requests.models import SavedView
from app.service_requests.permissions import DESK
from app.service_requests.problems import ViewExists
from app.service_requests.schemas.views import ViewChange, ViewIn, ViewOut

router = APIRouter(prefix="/api/v1/request-views", tags=["request-views"], route_class=Route)


async def held(session: Session, me: Me, view_id: UUID) -> SavedView:
    """The view of this id, if the caller may use it."""
    return await existing(session, views.visible_to(me).where(SavedView.id == view_id))


async def held_alone(session: Session, me: Me, view_id: UUID, http: Request) -> SavedView:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    seen = views.visible_to(me).where(SavedView.id == view_id)
    view = await existing(session, seen.with_for_update())
    matches(http, view.version)
    return view


Held = Annotated[SavedView, Depends(held)]
HeldAlone = Annotated[SavedView, Depends(held_alone)]


@router.get("", response_model=Page[ViewOut], responses=problems(Forbidden))
async def list_views(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """Your own views and the shared ones, oldest first."""
    DESK.demand_somewhere(me)
    return await paged(session, views.visible_to(me), cursor, by=SavedView.id, newest_first=False)


@router.post("", status_code=201, response_model=ViewOut, responses=problems(Forbidden, ViewExists))
async def save_view(session: Session, me: Me, asked: ViewIn, response: Response) -> SavedView:
    """Keep a list for yourself; `shared` is for who works for the whole community."""
    view = await views.save(
        session, name=asked.name, asked=asked.filters, shared=asked.shared, by=me
    )
    response.headers["ETag"] = etag(view.version)
    return view


@router.get("/{view_id}", response_model=ViewOut, responses=problems(NotFound))
async def read_view(view: Held, response: Response) -> SavedView:
    """A view."""
    response.headers["ETag"] = etag(view.version)
    return view


@router.patch(
    "/{view_id}",
    response_model=ViewOut,
    responses=problems(Forbidden, NotFound, ViewExists, Changed),
)
async def change_view(
    session: Session, me: Me, view: HeldAlone, asked: ViewChange, response: Response
) -> SavedView:
    """Call a view otherwise, let it show something else, or share it; `If-Match` guards it."""
    columns = asked.model_dump(exclude_unset=True)
    if asked.filters:
        columns["filters"] = views.kept(asked.filters)
    await views.change(session, view, columns, by=me)
    response.headers["ETag"] = etag(view.version)
    return view


@router.delete("/{view_id}", status_code=204, responses=problems(Forbidden, NotFound, Changed))
async def remove_view(session: Session, me: Me, view: HeldAlone) -> None:
    """Do not keep a view any more."""
    await views.remove(session, view, by=me)
