"""How a community keeps its groups: what it set, or what all start with."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.groups.events import PolicyChanged
from app.groups.models import GroupPolicy
from app.groups.permissions import POLICY
from app.people.access import Actor
from app.places.models import ROOT

LEAST_DAYS = 183
"""Six months: 互联网群组信息服务管理规定 2017 §13."""
USUAL = {"messages_kept_days": 190, "answer_minutes": 120}


async def of(session: AsyncSession, community_id: UUID) -> GroupPolicy:
    """The policy of this community."""
    known = await session.get(GroupPolicy, community_id)
    return known or GroupPolicy(community_id=community_id, **USUAL)


async def put(
    session: AsyncSession, *, messages_kept_days: int, answer_minutes: int, by: Actor
) -> GroupPolicy:
    """Keep groups like this from now on."""
    POLICY.demand(by, at=ROOT)
    usual = insert(GroupPolicy).values(community_id=by.community_id, **USUAL)
    await session.execute(usual.on_conflict_do_nothing())
    policy = await session.get_one(GroupPolicy, by.community_id, with_for_update=True)
    was = {name: getattr(policy, name) for name in USUAL}
    policy.messages_kept_days, policy.answer_minutes = messages_kept_days, answer_minutes
    now = {name: getattr(policy, name) for name in USUAL}
    if now != was:
        await session.flush()
        event = PolicyChanged(community_id=by.community_id, was=was, now=now)
        await record(session, event, by=by)
    return policy
