"""How a community decides: what it set, or what all start with."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.people.access import Actor
from app.places.models import ROOT
from app.polls.events import PollPolicyChanged
from app.polls.models import PollPolicy
from app.polls.permissions import POLICY

_USUAL = {
    column.name: column.default.arg
    for column in PollPolicy.__table__.columns
    if column.default is not None and column.default.is_scalar
} | {"version": 1}


async def of(session: AsyncSession, community_id: UUID) -> PollPolicy:
    """The policy of this community, made as it usually is on first sight."""
    if policy := await session.get(PollPolicy, community_id):
        return policy
    usual = insert(PollPolicy).values(community_id=community_id, **_USUAL)
    await session.execute(usual.on_conflict_do_nothing())
    return await session.get_one(PollPolicy, community_id)


async def change(
    session: AsyncSession, policy: PollPolicy, columns: Mapping[str, Any], *, by: Actor
) -> PollPolicy:
    """Decide otherwise from now on; what was announced or opened keeps to what was said."""
    POLICY.demand(by, at=ROOT)
    changed = sorted(name for name, new in columns.items() if new != getattr(policy, name))
    for name in changed:
        setattr(policy, name, columns[name])
    if changed:
        await session.flush()
        event = PollPolicyChanged(community_id=policy.community_id, changed=changed)
        await record(session, event, by=by)
    return policy
