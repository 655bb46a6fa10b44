"""The kinds of matter one can report."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.core.wire import Code
from app.people.access import Me
from app.service_requests import catalogue
from app.service_requests.models import Category
from app.service_requests.problems import CategoryExists, PublicConfidential
from app.service_requests.queries import categories_visible_to
from app.service_requests.schemas.categories import CategoryChange, CategoryIn, CategoryOut

router = APIRouter(
    prefix="/api/v1/service-categories", tags=["service-categories"], route_class=Route
)


async def held(session: Session, me: Me, code: Code) -> Category:
    """The category of this code, if the caller may see it."""
    if category := await session.scalar(categories_visible_to(me).where(Category.code == code)):
        return category
    raise NotFound


Held = Annotated[Category, Depends(held)]


@router.get("", response_model=Page[CategoryOut])
async def list_categories(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The kinds of matter one can report, in the order they were made."""
    rows = categories_visible_to(me)
    return await paged(session, rows, cursor, by=Category.id, newest_first=False)


@router.post(
    "",
    status_code=201,
    response_model=CategoryOut,
    responses=problems(Forbidden, CategoryExists, PublicConfidential),
)
async def add_category(session: Session, me: Me, asked: CategoryIn, response: Response) -> Category:
    """Open a kind of matter."""
    category = await catalogue.add(session, asked.model_dump(), by=me)
    response.headers["ETag"] = etag(category.version)
    return category


@router.get("/{code}", response_model=CategoryOut, responses=problems(NotFound))
async def read_category(category: Held, response: Response) -> Category:
    """A kind of matter."""
    response.headers["ETag"] = etag(category.version)
    return category


@router.patch(
    "/{code}",
    response_model=CategoryOut,
    responses=problems(Forbidden, NotFound, PublicConfidential, Changed),
)
async def change_category(
    session: Session,
    me: Me,
    category: Held,
    asked: CategoryChange,
    *,
    http: Request,
    response: Response,
) -> Category:
    """Describe or handle a kind of matter differently; `If-Match` guards against lost changes."""
    await session.refresh(category, with_for_update=True)
    matches(http, category.version)
    await catalogue.change(session, category, asked.model_dump(exclude_unset=True), by=me)
    response.headers["ETag"] = etag(category.version)
    return category
