"""The kinds of matter a community handles: those it starts with, and how staff change them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.ids import new_id
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests.events import CatalogueInstalled, CategoryAdded, CategoryChanged
from app.service_requests.models import Category
from app.service_requests.permissions import CATALOGUE

OTHER = "other"
"""The category of what fits no other."""

_FILE = Path(__file__).with_name("catalogue.toml")


@cache
def shipped() -> list[dict[str, Any]]:
    """The categories that came with the software, as columns of `Category`."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return [
        {
            "anonymous_allowed": False,
            "questions": [],
            **data["limits"][each["limit"]],
            **{key: value for key, value in each.items() if key != "limit"},
            "position": position,
        }
        for position, each in enumerate(data["categories"], start=1)
    ]


async def install_catalogue(session: AsyncSession, community_id: UUID, *, by: Actor) -> None:
    """Give a community the categories that came with the software and that it does not have yet."""
    CATALOGUE.demand(by, at=ROOT)
    rows = [
        {"community_id": community_id, "id": new_id(), "active": True, "version": 1, **each}
        for each in shipped()
    ]
    new = insert(Category).values(rows).on_conflict_do_nothing().returning(Category.code)
    if codes := sorted(await session.scalars(new)):
        installed = CatalogueInstalled(community_id=community_id, codes=codes)
        await record(session, installed, by=by)


async def add(session: AsyncSession, columns: Mapping[str, Any], *, by: Actor) -> Category:
    """Open a kind of matter; `CategoryExists` when its code is taken."""
    CATALOGUE.demand(by, at=ROOT)
    category = Category(community_id=by.community_id, id=new_id(), **columns)
    session.add(category)
    await session.flush()
    await record(session, CategoryAdded(category_id=category.id), by=by)
    return category


async def change(
    session: AsyncSession, category: Category, columns: Mapping[str, Any], *, by: Actor
) -> Category:
    """Describe or handle a kind of matter differently; what was filed already stays as it is."""
    CATALOGUE.demand(by, at=ROOT)
    was = {name: getattr(category, name) for name in columns}
    new = {name: value for name, value in columns.items() if value != was[name]}
    for name, value in new.items():
        setattr(category, name, value)
    if new:
        await session.flush()
        changed = CategoryChanged(
            category_id=category.id, was={name: was[name] for name in new}, now=new
        )
        await record(session, changed, by=by)
    return category
