"""Saying what is listened for."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.opinion import listening
from app.opinion.events import WatchAdded, WatchChanged, WatchEnded
from app.opinion.matching import parts
from app.opinion.models import Watch, WatchKind
from app.opinion.permissions import WATCH
from app.people.access import Actor
from app.places.models import Place


def _check(kind: WatchKind, written: str) -> None:
    if not parts(kind, written):
        message = "a word has two characters or more, a pattern two words or more with … between"
        raise Invalid(errors=[{"path": "body.written", "message": message}])


async def add(session: AsyncSession, place: Place, *, by: Actor, **columns: Any) -> Watch:
    """Listen for a word in the groups of a place; `Invalid` for one that is too short."""
    WATCH.demand(by, at=place.path)
    _check(columns["kind"], columns["written"])
    others = select(Watch.id).where(
        Watch.community_id == place.community_id, Watch.ended_at.is_(None)
    )
    if await session.scalar(others.limit(1)) is None:
        await listening.begin(session, place.community_id)
    watch = Watch(community_id=place.community_id, id=new_id(), place_id=place.id, **columns)
    session.add(watch)
    await session.flush()
    await record(session, WatchAdded(watch_id=watch.id), by=by)
    return watch


async def change(
    session: AsyncSession, watch: Watch, changes: Mapping[str, Any], *, by: Actor
) -> Watch:
    """Listen for it otherwise from now on; `Invalid` for a word that is too short."""
    await _demand(session, watch, by)
    changed = {name: value for name, value in changes.items() if getattr(watch, name) != value}
    if not changed:
        return watch
    _check(watch.kind, changed.get("written", watch.written))
    for name, value in changed.items():
        setattr(watch, name, value)
    await session.flush()
    await record(session, WatchChanged(watch_id=watch.id, changed=sorted(changed)), by=by)
    return watch


async def end(session: AsyncSession, watch: Watch, *, by: Actor) -> None:
    """Listen for it no more; what was heard stays."""
    await _demand(session, watch, by)
    watch.ended_at = now()
    await session.flush()
    await record(session, WatchEnded(watch_id=watch.id), by=by)


async def _demand(session: AsyncSession, watch: Watch, by: Actor) -> None:
    place = await session.get_one(Place, (watch.community_id, watch.place_id))
    WATCH.demand(by, at=place.path)
