"""How a community publishes: what it set, or what all start with."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import policies
from app.core.facts import record
from app.notices.events import NoticePolicyChanged
from app.notices.models import NoticePolicy
from app.notices.permissions import POLICY
from app.people.access import Actor
from app.places.models import ROOT


async def of(session: AsyncSession, community_id: UUID) -> NoticePolicy:
    """The policy of this community, made as it usually is on first sight."""
    return await policies.of(session, NoticePolicy, community_id)


async def change(
    session: AsyncSession, policy: NoticePolicy, columns: Mapping[str, Any], *, by: Actor
) -> NoticePolicy:
    """Publish differently from now on; what is due already stays due when it is."""
    POLICY.demand(by, at=ROOT)
    _, changed = await policies.change(session, policy, columns)
    if changed:
        event = NoticePolicyChanged(community_id=policy.community_id, changed=list(changed))
        await record(session, event, by=by)
    return policy
