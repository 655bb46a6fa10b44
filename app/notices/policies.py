"""How a community publishes: what it set, or what all start with."""

from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.notices.events import NoticePolicyChanged
from app.notices.models import NoticePolicy
from app.notices.permissions import POLICY
from app.people.access import Actor
from app.places.models import ROOT

_USUAL = {
    "second_person": False,
    "quiet_from": time(21, 30),
    "quiet_to": time(7, 30),
    "knock_after_hours": 24,
    "version": 1,
}


async def of(session: AsyncSession, community_id: UUID) -> NoticePolicy:
    """The policy of this community, made as it usually is on first sight."""
    if policy := await session.get(NoticePolicy, community_id):
        return policy
    usual = insert(NoticePolicy).values(community_id=community_id, **_USUAL)
    await session.execute(usual.on_conflict_do_nothing())
    return await session.get_one(NoticePolicy, community_id)


async def change(
    session: AsyncSession, policy: NoticePolicy, columns: Mapping[str, Any], *, by: Actor
) -> NoticePolicy:
    """Publish differently from now on; what is due already stays due when it is."""
    POLICY.demand(by, at=ROOT)
    changed = sorted(name for name, new in columns.items() if new != getattr(policy, name))
    for name in changed:
        setattr(policy, name, columns[name])
    if changed:
        await session.flush()
        event = NoticePolicyChanged(community_id=policy.community_id, changed=changed)
        await record(session, event, by=by)
    return policy
