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
from app.service_requests.limits import Limit
from app.service_requests.models import (
    Category,
    CategoryVersion,
    Dispatch,
    PlaceRule,
    VisitPolicy,
)
from app.service_requests.permissions import CATALOGUE

OTHER = "other"
"""The category of what fits no other."""

_FORM = ("name", "group", "questions", "guide", "source")
_LIMITS = ("answer_limit", "update_limit", "resolve_limit")
_FILE = Path(__file__).with_name("catalogue.toml")


@cache
def shipped() -> list[dict[str, Any]]:
    """The categories that came with the software, as columns of `Category`."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return [
        {
            "anonymous_allowed": False,
            "confidential": False,
            "public": False,
            "questions": [],
            "guide": {},
            "update_limit": None,
            "warn_percent": 75,
            "dispatch": Dispatch.RULE,
            "place_rule": PlaceRule.ASKED,
            "visit_policy": VisitPolicy.ASKED,
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
    new = insert(Category).values(rows).on_conflict_do_nothing().returning(Category)
    categories = list(await session.scalars(new))
    for category in categories:
        keep_form(session, category)
    await session.flush()
    if categories:
        codes = sorted(category.code for category in categories)
        installed = CatalogueInstalled(community_id=community_id, codes=codes)
        await record(session, installed, by=by)


def keep_form(session: AsyncSession, category: Category) -> None:
    """Keep what a category shows and promises now, for the requests that are filed under it."""
    kept = {name: getattr(category, name) for name in _FORM}
    limits = {name: getattr(category, name) for name in _LIMITS}
    session.add(
        CategoryVersion(
            community_id=category.community_id,
            category_id=category.id,
            version=category.version,
            form=kept | {name: limit and str(limit) for name, limit in limits.items()},
        )
    )


async def add(session: AsyncSession, columns: Mapping[str, Any], *, by: Actor) -> Category:
    """Open a kind of matter; `CategoryExists` when its code is taken."""
    CATALOGUE.demand(by, at=ROOT)
    category = Category(community_id=by.community_id, id=new_id(), **_kept(columns))
    session.add(category)
    await session.flush()
    keep_form(session, category)
    await record(session, CategoryAdded(category_id=category.id), by=by)
    return category


def _kept(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns with their limits read."""
    limits = {name: Limit.of(columns[name]) for name in _LIMITS if columns.get(name)}
    return {**columns, **limits}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Limit | UUID) else value


async def change(
    session: AsyncSession, category: Category, columns: Mapping[str, Any], *, by: Actor
) -> Category:
    """Describe or handle a kind of matter differently; what was filed already stays as it is."""
    CATALOGUE.demand(by, at=ROOT)
    was = {name: getattr(category, name) for name in columns}
    new = {name: value for name, value in _kept(columns).items() if value != was[name]}
    for name, value in new.items():
        setattr(category, name, value)
    if new:
        await session.flush()
        keep_form(session, category)
        changed = CategoryChanged(
            category_id=category.id,
            was={name: _plain(was[name]) for name in new},
            now={name: _plain(value) for name, value in new.items()},
        )
        await record(session, changed, by=by)
    return category
