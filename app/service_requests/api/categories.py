"""The kinds of matter one can report."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import Select, select

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.core.wire import Code
from app.people.access import Me
from app.service_requests import catalogue, guide
from app.service_requests.models import Category, CategoryVersion
from app.service_requests.problems import CategoryExists, PublicConfidential
from app.service_requests.queries import categories_visible_to
from app.service_requests.schemas.categories import (
    CategoryChange,
    CategoryIn,
    CategoryOut,
    PartnersIn,
    PartnersOut,
    VersionOut,
)
from app.service_requests.schemas.guide import SuggestionsOut

_LARGEST = 2**31 - 1

router = APIRouter(
    prefix="/api/v1/service-categories", tags=["service-categories"], route_class=Route
)


async def held(session: Session, me: Me, code: Code) -> Category:
    """The category of this code, if the caller may see it."""
    return await existing(session, categories_visible_to(me).where(Category.code == code))


Held = Annotated[Category, Depends(held)]


async def held_alone(session: Session, category: Held, http: Request) -> Category:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    await session.refresh(category, with_for_update=True)
    matches(http, category.version)
    return category


HeldAlone = Annotated[Category, Depends(held_alone)]


@router.get("", response_model=Page[CategoryOut])
async def list_categories(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The kinds of matter one can report, in the order they were made."""
    rows = categories_visible_to(me)
    return await paged(session, rows, cursor, by=Category.id, newest_first=False)


@router.post(
    "",
    status_code=201,
    response_model=CategoryOut,
    responses=problems(Forbidden, CategoryExists, PublicConfidential, Invalid),
)
async def add_category(session: Session, me: Me, asked: CategoryIn, response: Response) -> Category:
    """Open a kind of matter."""
    category = await catalogue.add(session, asked.model_dump(), by=me)
    response.headers["ETag"] = etag(category.version)
    return category


@router.get("/suggestions", response_model=SuggestionsOut)
async def suggest(
    session: Session, me: Me, text: Annotated[str, Query(max_length=4000)]
) -> dict[str, object]:
    """What a report is probably about while it is written: the best five, with what to ask."""
    return {"items": await guide.suggestions(session, me.community_id, text)}


@router.get("/{code}", response_model=CategoryOut, responses=problems(NotFound))
async def read_category(category: Held, response: Response) -> Category:
    """A kind of matter."""
    response.headers["ETag"] = etag(category.version)
    return category


@router.patch(
    "/{code}",
    response_model=CategoryOut,
    responses=problems(Forbidden, NotFound, PublicConfidential, Changed, Invalid),
)
async def change_category(
    session: Session, me: Me, category: HeldAlone, asked: CategoryChange, response: Response
) -> Category:
    """Describe or handle a kind of matter differently; `If-Match` guards against lost changes."""
    await catalogue.change(session, category, asked.model_dump(exclude_unset=True), by=me)
    response.headers["ETag"] = etag(category.version)
    return category


@router.get("/{code}/partners", response_model=PartnersOut, responses=problems(NotFound))
async def read_partners(session: Session, category: Held, response: Response) -> dict[str, object]:
    """The organisations that work along on a kind of matter, by name."""
    response.headers["ETag"] = etag(category.version)
    return {"items": await catalogue.partners(session, category)}


@router.put(
    "/{code}/partners",
    response_model=PartnersOut,
    responses=problems(Forbidden, NotFound, Changed, Invalid),
)
async def set_partners(
    session: Session, me: Me, category: HeldAlone, asked: PartnersIn, response: Response
) -> dict[str, object]:
    """Say which organisations work along on a kind of matter, and no others."""
    await catalogue.set_partners(session, category, asked.organization_ids, by=me)
    return await read_partners(session, category, response)


@router.get("/{code}/versions", response_model=Page[VersionOut], responses=problems(NotFound))
async def list_versions(session: Session, category: Held, cursor: Asked) -> dict[str, object]:
    """What a kind of matter showed and promised from time to time, as it is now first."""
    return await paged(session, _versions(category), cursor, by=CategoryVersion.version)


@router.get("/{code}/versions/{version}", response_model=VersionOut, responses=problems(NotFound))
async def read_version(
    session: Session, category: Held, version: Annotated[int, Path(ge=1, le=_LARGEST)]
) -> CategoryVersion:
    """What a kind of matter showed and promised under the version that a request names."""
    this = _versions(category).where(CategoryVersion.version == version)
    return await existing(session, this)


def _versions(category: Category) -> Select[CategoryVersion]:
    return select(CategoryVersion).where(
        CategoryVersion.community_id == category.community_id,
        CategoryVersion.category_id == category.id,
    )
