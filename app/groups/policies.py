"""How a community keeps its groups: what it set, or what all start with."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import policies
from app.core.facts import record
from app.groups.events import PolicyChanged
from app.groups.models import GroupPolicy
from app.groups.permissions import POLICY
from app.people.access import Actor
from app.places.models import ROOT

LEAST_DAYS = 183
"""Six months: 互联网群组信息服务管理规定 2017 §13."""


async def of(session: AsyncSession, community_id: UUID) -> GroupPolicy:
    """The policy of this community, made as it usually is on first sight."""
    return await policies.of(session, GroupPolicy, community_id)


async def put(session: AsyncSession, columns: Mapping[str, int], *, by: Actor) -> GroupPolicy:
    """Keep groups like this from now on."""
    POLICY.demand(by, at=ROOT)
    policy = await of(session, by.community_id)
    await session.refresh(policy, with_for_update=True)
    was, now = await policies.change(session, policy, columns)
    if now:
        event = PolicyChanged(community_id=by.community_id, was=was, now=now)
        await record(session, event, by=by)
    return policy
