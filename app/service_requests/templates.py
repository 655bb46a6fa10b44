"""Words that staff reply with again and again, and the variables in them.

A variable is a name in braces and nothing else: no attributes, indices or formats, and what takes
its place is not looked at again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, false, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.facts import record
from app.core.i18n import _
from app.core.ids import new_id
from app.people.access import Actor
from app.places.models import ROOT, Community
from app.service_requests import telling
from app.service_requests.events import TemplateAdded, TemplateChanged, TemplateRemoved
from app.service_requests.models import Category, ReplyTemplate, ServiceRequest
from app.service_requests.permissions import DESK

VARIABLES = {
    "编号": "number",
    "称呼": "reporter",
    "事项": "category",
    "地点": "place",
    "处理人": "worker",
    "时限": "due",
    "社区": "community",
    "电话": "hotline",
}
"""What may stand in braces, and its name in English, which may as well."""
_NAMES = {**VARIABLES, **{name: name for name in VARIABLES.values()}}
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


def checked(text: str) -> str:
    """The text, if every brace in it belongs to a variable we know.

    Raises `ValueError` that says what stands where, counted in characters from 1.
    """
    for found in _BRACES.finditer(text):
        if found[1] is None:
            message = f"a brace without its other half at character {found.start() + 1}"
            raise ValueError(message)
        if found[1] not in _NAMES:
            message = f"no such variable at character {found.start() + 1}: {found[0][:40]}"
            raise ValueError(message)
    return text


def visible_to(me: Actor) -> Select[ReplyTemplate]:
    """The templates of the community, for who works at the desk."""
    templates = select(ReplyTemplate).where(ReplyTemplate.community_id == me.community_id)
    if not DESK.paths(me):
        return templates.where(false())
    return templates.options(joinedload(ReplyTemplate.category))


async def add(
    session: AsyncSession, *, name: str, text: str, category: Category | None, by: Actor
) -> ReplyTemplate:
    """Keep words for everybody at the desk; `TemplateExists` for a name that is taken."""
    DESK.demand(by, at=ROOT)
    template = ReplyTemplate(
        community_id=by.community_id,
        id=new_id(),
        name=name,
        text=text,
        category_id=category and category.id,
    )
    session.add(template)
    await session.flush()
    await record(session, TemplateAdded(template_id=template.id), by=by)
    return template


async def change(
    session: AsyncSession, template: ReplyTemplate, columns: Mapping[str, Any], *, by: Actor
) -> ReplyTemplate:
    """Word a template differently, or let it be for another kind of matter."""
    DESK.demand(by, at=ROOT)
    was = {name: getattr(template, name) for name in columns}
    new = {name: value for name, value in columns.items() if value != was[name]}
    for name, value in new.items():
        setattr(template, name, value)
    if new:
        await session.flush()
        before = {name: was[name] for name in new}
        changed = TemplateChanged(template_id=template.id, was=before, now=new)
        await record(session, changed, by=by)
    return template


async def remove(session: AsyncSession, template: ReplyTemplate, *, by: Actor) -> None:
    """Do not keep these words any more."""
    DESK.demand(by, at=ROOT)
    was = {"name": template.name, "text": template.text}
    await session.delete(template)
    await session.flush()
    await record(session, TemplateRemoved(template_id=template.id, was=was), by=by)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A reply to one request, and the variables for which there was nothing to say."""

    text: str
    missing: list[str]


async def rendered(
    session: AsyncSession, template: ReplyTemplate, request: ServiceRequest
) -> Rendered:
    """The words as they answer one request; who reported anonymously is not named."""
    values = await _values(session, request)
    names = [found[1] for found in _BRACES.finditer(template.text)]
    missing = [name for name in dict.fromkeys(names) if not values[_NAMES[name]]]
    text = _BRACES.sub(lambda found: values[_NAMES[found[1]]], template.text)
    return Rendered(text, missing)


async def _values(session: AsyncSession, request: ServiceRequest) -> dict[str, str]:
    """What each variable says about a request, by its name in English; `""` for nothing."""
    community = await session.get_one(Community, request.community_id)
    reporter, worker = request.shown_reporter, request.assignee
    return {
        "number": str(request.number),
        "reporter": (reporter and reporter.name) or _("居民"),
        "category": request.category.name,
        "place": await telling.where(session, request.place),
        "worker": (worker and worker.name) or "",
        "due": telling.clock(request),
        "community": community.name,
        "hotline": community.hotline or "",
    }
