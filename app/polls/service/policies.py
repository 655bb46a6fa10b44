"""How a community decides: what it set, or what all start with."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import policies
from app.core.facts import record
from app.people.access import Actor
from app.places.models import ROOT
from app.polls.events import PollPolicyChanged
from app.polls.models import PollPolicy
from app.polls.permissions import POLICY


async def of(session: AsyncSession, community_id: UUID) -> PollPolicy:
    """The policy of this community, made as it usually is on first sight."""
    return await policies.of(session, PollPolicy, community_id)


async def change(
    session: AsyncSession, policy: PollPolicy, columns: Mapping[str, Any], *, by: Actor
) -> PollPolicy:
    """Decide otherwise from now on; what was announced or opened keeps to what was said."""
    POLICY.demand(by, at=ROOT)
    _, changed = await policies.change(session, policy, columns)
    if changed:
        event = PollPolicyChanged(community_id=policy.community_id, changed=list(changed))
        await record(session, event, by=by)
    return policy
