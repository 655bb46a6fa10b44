"""Where the community publishes for everybody: its site, its ITV board, its Weibo."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.notices.channels import channels
from app.notices.events import OutletChanged
from app.notices.models import Outlet
from app.notices.outlet_lanes import ToOutlets
from app.notices.permissions import OUTLETS
from app.people.access import Actor
from app.places.models import ROOT


def visible_to(me: Actor) -> Select[Outlet]:
    """The outlets of the community, for who may set them up."""
    allowed = true() if OUTLETS.allows(me, at=ROOT) else false()
    return select(Outlet).where(Outlet.community_id == me.community_id, allowed)


def _checked(channel: str, keys: Mapping[str, str]) -> str | None:
    """The secrets as they are kept; `Invalid` for a channel without outlets, or other secrets."""
    way = channels.get(channel)
    if not isinstance(way, ToOutlets):
        raise Invalid(errors=[{"path": "body.channel", "message": "publishes at no outlet"}])
    if set(keys) != set(way.needs):
        message = f"must be {', '.join(way.needs) or 'empty'}"
        raise Invalid(errors=[{"path": "body.keys", "message": message}])
    return json.dumps(dict(keys)) if keys else None


async def open_first(session: AsyncSession, community_id: UUID) -> None:
    """Give a community the outlets that need nothing to be set up, unless it has them."""
    rows = [
        {"community_id": community_id, "id": new_id(), "channel": name, "name": name}
        for name, way in channels
        if isinstance(way, ToOutlets) and not way.needs
    ]
    await session.execute(insert(Outlet).values(rows).on_conflict_do_nothing())


async def add(
    session: AsyncSession, *, channel: str, name: str, keys: Mapping[str, str], by: Actor
) -> Outlet:
    """Publish at another place, with the secrets its channel needs; raises `OutletTaken`."""
    OUTLETS.demand(by, at=ROOT)
    outlet = Outlet(
        community_id=by.community_id,
        id=new_id(),
        channel=channel,
        name=name,
        keys=_checked(channel, keys),
    )
    session.add(outlet)
    await session.flush()
    added = OutletChanged(outlet_id=outlet.id, changed=["added"])
    await record(session, added, by=by)
    return outlet


async def change(
    session: AsyncSession, outlet: Outlet, columns: Mapping[str, Any], *, by: Actor
) -> Outlet:
    """Call it otherwise, give it other secrets, or publish nothing there for now."""
    OUTLETS.demand(by, at=ROOT)
    kept = dict(columns)
    if "keys" in kept:
        kept["keys"] = _checked(outlet.channel, kept["keys"])
    for name, value in kept.items():
        setattr(outlet, name, value)
    await session.flush()
    await record(session, OutletChanged(outlet_id=outlet.id, changed=sorted(kept)), by=by)
    return outlet
