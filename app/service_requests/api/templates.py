"""Reply templates: words that staff use again and again."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.people.access import Actor, Me
from app.service_requests import queries, templates
from app.service_requests.models import Category, ReplyTemplate, ServiceRequest
from app.service_requests.permissions import DESK
from app.service_requests.problems import TemplateExists
from app.service_requests.schemas.templates import (
    RenderedOut,
    RenderIn,
    TemplateChange,
    TemplateIn,
    TemplateOut,
)
from app.service_requests.templates import Rendered

router = APIRouter(prefix="/api/v1/reply-templates", tags=["reply-templates"], route_class=Route)


async def held(session: Session, me: Me, template_id: UUID) -> ReplyTemplate:
    """The template of this id, if the caller may use it."""
    seen = templates.visible_to(me).where(ReplyTemplate.id == template_id)
    return await existing(session, seen)


async def held_alone(session: Session, me: Me, template_id: UUID, http: Request) -> ReplyTemplate:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    seen = templates.visible_to(me).where(ReplyTemplate.id == template_id)
    template = await existing(session, seen.with_for_update(of=ReplyTemplate))
    matches(http, template.version)
    return template


Held = Annotated[ReplyTemplate, Depends(held)]
HeldAlone = Annotated[ReplyTemplate, Depends(held_alone)]


async def _category(session: Session, me: Actor, code: str | None) -> Category | None:
    if code is None:
        return None
    known = select(Category).where(Category.community_id == me.community_id)
    if found := await session.scalar(known.where(Category.code == code)):
        return found
    raise Invalid(errors=[{"path": "body.category", "message": "there is no such thing here"}])


def _out(template: ReplyTemplate, response: Response) -> TemplateOut:
    response.headers["ETag"] = etag(template.version)
    return TemplateOut.model_validate(template)


@router.get("", response_model=Page[TemplateOut], responses=problems(Forbidden))
async def list_templates(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The words that are kept to reply with, oldest first."""
    DESK.demand_somewhere(me)
    rows = templates.visible_to(me)
    return await paged(session, rows, cursor, by=ReplyTemplate.id, newest_first=False)


@router.post("", status_code=201, responses=problems(Forbidden, Invalid, TemplateExists))
async def add_template(
    session: Session, me: Me, asked: TemplateIn, response: Response
) -> TemplateOut:
    """Keep words to reply with, for everybody at the desk."""
    category = await _category(session, me, asked.category)
    template = await templates.add(
        session, name=asked.name, text=asked.text, category=category, by=me
    )
    await session.refresh(template, ["category"])
    return _out(template, response)


@router.get("/{template_id}", responses=problems(NotFound))
async def read_template(template: Held, response: Response) -> TemplateOut:
    """Words to reply with."""
    return _out(template, response)


@router.patch(
    "/{template_id}", responses=problems(Forbidden, NotFound, Invalid, TemplateExists, Changed)
)
async def change_template(
    session: Session, me: Me, template: HeldAlone, asked: TemplateChange, response: Response
) -> TemplateOut:
    """Word a template differently; `If-Match` guards against lost changes."""
    columns: dict[str, Any] = asked.model_dump(exclude_unset=True)
    if "category" in columns:
        category = await _category(session, me, columns.pop("category"))
        columns["category_id"] = category and category.id
    await templates.change(session, template, columns, by=me)
    await session.refresh(template, ["category"])
    return _out(template, response)


@router.delete("/{template_id}", status_code=204, responses=problems(Forbidden, NotFound, Changed))
async def remove_template(session: Session, me: Me, template: HeldAlone) -> None:
    """Do not keep these words any more."""
    await templates.remove(session, template, by=me)


@router.post(
    "/{template_id}/rendered", response_model=RenderedOut, responses=problems(NotFound, Invalid)
)
async def render_template(session: Session, me: Me, template: Held, asked: RenderIn) -> Rendered:
    """The words as they answer one request; nothing is sent."""
    seen = queries.visible_to(me).where(ServiceRequest.id == asked.request_id)
    if request := await session.scalar(seen):
        return await templates.rendered(session, template, request)
    raise Invalid(errors=[{"path": "body.request_id", "message": "there is no such thing here"}])
