"""Lists as staff like to look at them, kept for themselves or for all of them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import existing
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Forbidden
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests.events import ViewChanged, ViewRemoved, ViewSaved
from app.service_requests.models import SavedView
from app.service_requests.permissions import DESK
from app.service_requests.schemas.lists import Filters


def visible_to(me: Actor) -> Select[SavedView]:
    """One's own views, and those that are shared, for who works at the desk."""
    views = select(SavedView).where(SavedView.community_id == me.community_id)
    if not DESK.paths(me):
        return views.where(false())
    own = SavedView.owner_id == me.id if me.kind == "person" else false()
    return views.where(or_(SavedView.owner_id.is_(None), own))


async def filters_of(session: AsyncSession, view_id: UUID, *, me: Actor) -> Filters:
    """What a view shows; `NotFound` for one that is not there for this actor to use."""
    view = await existing(session, visible_to(me).where(SavedView.id == view_id))
    return Filters.model_validate(view.filters)


def kept(asked: Filters) -> dict[str, Any]:
    """The filters as they are stored: those that were given."""
    return asked.model_dump(mode="json", exclude_defaults=True)


async def save(
    session: AsyncSession, *, name: str, asked: Filters, shared: bool, by: Actor
) -> SavedView:
    """Keep a list; one that is shared by who works for the whole community.

    Raises `Forbidden`, and `ViewExists` for a name that is taken.
    """
    _demand(by, shared=shared)
    view = SavedView(
        community_id=by.community_id,
        id=new_id(),
        owner_id=None if shared else by.id,
        name=name,
        filters=kept(asked),
    )
    session.add(view)
    await session.flush()
    await record(session, ViewSaved(view_id=view.id, shared=shared), by=by)
    return view


async def change(
    session: AsyncSession, view: SavedView, columns: Mapping[str, Any], *, by: Actor
) -> SavedView:
    """Call a view otherwise, let it show something else, share it or take it for oneself."""
    shared = columns.get("shared", view.shared)
    for each in {view.shared, shared}:
        _demand(by, shared=each)
    asked = {**columns, "owner_id": None if shared else view.owner_id or by.id}
    asked.pop("shared", None)
    changed = {name for name, value in asked.items() if value != getattr(view, name)}
    for name in changed:
        setattr(view, name, asked[name])
    if changed:
        await session.flush()
        await record(session, ViewChanged(view_id=view.id, changed=sorted(changed)), by=by)
    return view


async def remove(session: AsyncSession, view: SavedView, *, by: Actor) -> None:
    """Do not keep a view any more."""
    _demand(by, shared=view.shared)
    await session.delete(view)
    await session.flush()
    await record(session, ViewRemoved(view_id=view.id), by=by)


def _demand(by: Actor, *, shared: bool) -> None:
    """A shared view is for who works for the whole community, one's own for any of the staff."""
    if shared:
        DESK.demand(by, at=ROOT)
    else:
        DESK.demand_somewhere(by)
        if by.kind != "person":
            raise Forbidden(DESK.name)
