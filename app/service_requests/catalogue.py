"""The kinds of matter a community handles: those it starts with, and how staff change them."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.organizations.models import Organization
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests.events import CatalogueInstalled, CategoryAdded, CategoryChanged
from app.service_requests.limits import Limit
from app.service_requests.models import (
    Category,
    CategoryPartner,
    CategoryVersion,
    Dispatch,
    PlaceRule,
    VisitPolicy,
)
from app.service_requests.permissions import CATALOGUE
from app.service_requests.questions import Question

OTHER = "other"
"""The category of what fits no other."""

_FORM = (
    "name",
    "group",
    "questions",
    "guide",
    "source",
    "anonymous_allowed",
    "confidential",
    "public",
)
_LIMITS = ("answer_limit", "update_limit", "resolve_limit")
_FILE = Path(__file__).with_name("catalogue.toml")


@cache
def shipped() -> list[dict[str, Any]]:
    """The categories that came with the software, as columns of `Category`."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return [
        _kept(
            {
                "anonymous_allowed": False,
                "confidential": False,
                "public": False,
                "internal": False,
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
        )
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
        _keep_form(session, category, partner_ids=())
    await session.flush()
    if categories:
        codes = sorted(category.code for category in categories)
        installed = CatalogueInstalled(community_id=community_id, codes=codes)
        await record(session, installed, by=by)


def _keep_form(session: AsyncSession, category: Category, partner_ids: Sequence[UUID]) -> None:
    """Keep what a category shows and promises now, for the requests that are filed under it."""
    kept = {name: getattr(category, name) for name in _FORM}
    limits = {name: getattr(category, name) for name in _LIMITS}
    session.add(
        CategoryVersion(
            community_id=category.community_id,
            category_id=category.id,
            version=category.version,
            form={
                **kept,
                **{name: limit and str(limit) for name, limit in limits.items()},
                "organization_id": _plain(category.organization_id),
                "partner_ids": [str(partner_id) for partner_id in partner_ids],
            },
        )
    )


async def add(session: AsyncSession, columns: Mapping[str, Any], *, by: Actor) -> Category:
    """Open a kind of matter; `CategoryExists` when its code is taken.

    Raises `Invalid` for an organisation that is not of this community.
    """
    CATALOGUE.demand(by, at=ROOT)
    category = Category(community_id=by.community_id, id=new_id(), **_kept(columns))
    if category.organization_id:
        await _organizations(session, by, {"organization_id": category.organization_id})
    session.add(category)
    await session.flush()
    _keep_form(session, category, partner_ids=())
    await record(session, CategoryAdded(category_id=category.id), by=by)
    return category


def _kept(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are stored: limits read, questions and guide without what is empty."""
    kept = dict(columns)
    kept |= {name: Limit.of(str(columns[name])) for name in _LIMITS if columns.get(name)}
    if "questions" in columns:
        kept["questions"] = [Question.model_validate(each).kept() for each in columns["questions"]]
    if "guide" in columns:
        kept["guide"] = {part: said for part, said in columns["guide"].items() if said}
    return kept


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Limit | UUID) else value


def differences(category: Category, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that are not so already, as they would be stored."""
    return {
        name: value for name, value in _kept(columns).items() if value != getattr(category, name)
    }


async def change(
    session: AsyncSession, category: Category, columns: Mapping[str, Any], *, by: Actor
) -> Category:
    """Describe or handle a kind of matter differently; what was filed already stays as it is.

    The category is the caller's alone, locked. Raises `Invalid` for an organisation that is not
    of this community.
    """
    CATALOGUE.demand(by, at=ROOT)
    new = differences(category, columns)
    if not new:
        return category
    if responsible := new.get("organization_id"):
        await _organizations(session, by, {"organization_id": responsible})
    was = {name: getattr(category, name) for name in new}
    for name, value in new.items():
        setattr(category, name, value)
    await session.flush()
    _keep_form(session, category, await _partner_ids(session, category))
    await _record_change(session, category, was, new, by)
    return category


async def partners(session: AsyncSession, category: Category) -> Sequence[Organization]:
    """The organisations that work along on every request of this kind, by name."""
    of_this = (
        select(Organization)
        .join(
            CategoryPartner,
            (CategoryPartner.community_id == Organization.community_id)
            & (CategoryPartner.organization_id == Organization.id),
        )
        .where(
            CategoryPartner.community_id == category.community_id,
            CategoryPartner.category_id == category.id,
        )
    )
    return (await session.scalars(of_this.order_by(Organization.name, Organization.id))).all()


async def _partner_ids(session: AsyncSession, category: Category) -> list[UUID]:
    return sorted(each.id for each in await partners(session, category))


async def set_partners(
    session: AsyncSession, category: Category, organization_ids: Sequence[UUID], *, by: Actor
) -> None:
    """Say which organisations work along on this kind of matter (协办单位), and no others.

    The category is the caller's alone, locked. Raises `Invalid` for an organisation that is not
    of this community.
    """
    CATALOGUE.demand(by, at=ROOT)
    was, wanted = await _partner_ids(session, category), sorted(set(organization_ids))
    if was == wanted:
        return
    named = enumerate(organization_ids)
    new = {f"organization_ids.{index}": each for index, each in named if each not in was}
    await _organizations(session, by, new)
    gone = delete(CategoryPartner).where(
        CategoryPartner.community_id == category.community_id,
        CategoryPartner.category_id == category.id,
        CategoryPartner.organization_id.not_in(wanted),
    )
    await session.execute(gone)
    for organization_id in set(wanted) - set(was):
        session.add(
            CategoryPartner(
                community_id=category.community_id,
                category_id=category.id,
                organization_id=organization_id,
            )
        )
    category.updated_at = now()
    await session.flush()
    _keep_form(session, category, wanted)
    before, after = {"partner_ids": was}, {"partner_ids": wanted}
    await _record_change(session, category, before, after, by)


async def _record_change(
    session: AsyncSession,
    category: Category,
    was: Mapping[str, Any],
    new: Mapping[str, Any],
    by: Actor,
) -> None:
    changed = CategoryChanged(
        category_id=category.id,
        was={name: _plain(value) for name, value in was.items()},
        now={name: _plain(value) for name, value in new.items()},
    )
    await record(session, changed, by=by)


async def _organizations(session: AsyncSession, by: Actor, named: Mapping[str, UUID]) -> None:
    """Refuse with `Invalid`, by the path of the field, what is no organisation at work here."""
    known = select(Organization.id).where(
        Organization.community_id == by.community_id,
        Organization.active,
        Organization.id.in_(named.values()),
    )
    found = set(await session.scalars(known))
    if wrong := [path for path, each in named.items() if each not in found]:
        message = "there is no such organisation here"
        raise Invalid(errors=[{"path": path, "message": message} for path in wrong])
