"""What other software is told of everything that happens."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import lanes
from app.core.facts import Event, observe, reacts_to
from app.core.ids import new_id
from app.people.events import PeopleMerged
from app.people.models import Person
from app.webhooks import kinds
from app.webhooks.jobs import lane_of, pump
from app.webhooks.models import Subscription

# Each row's id is of one moment: the first half of one that we made, and a random second half. A
# subscription that is removed at this moment is left out, where the foreign key would fail.
_TELL = text(
    """
INSERT INTO webhook_messages (community_id, id, subscription_id, fact_id, kind, payload,
                              state, attempts, due_at, created_at)
SELECT community_id,
       CAST(left(:id, 19) || substr(CAST(gen_random_uuid() AS text), 20) AS uuid),
       id, :fact_id, :kind, CAST(:payload AS jsonb), 'pending', 0, :at, :at
FROM webhook_subscriptions
WHERE community_id = :community_id AND state = 'active' AND kinds && CAST(:patterns AS text[])
FOR KEY SHARE
RETURNING subscription_id
"""
)


@observe
async def tell_other_software(session: AsyncSession, fact: Mapping[str, Any], event: Event) -> None:
    """Promise one message to each endpoint that wants facts of this kind."""
    told = await session.scalars(
        _TELL,
        {
            "community_id": fact["community_id"],
            "id": str(new_id()),
            "fact_id": fact["id"],
            "kind": fact["kind"],
            "payload": json.dumps(kinds.outward(fact, event)),
            "at": fact["at"],
            "patterns": kinds.patterns(fact["kind"]),
        },
    )
    await lanes.wake(session, pump, [lane_of(fact["community_id"], each) for each in told])


@reacts_to(PeopleMerged)
async def follow_the_owner(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """Whose endpoints one entry of the register kept, the other keeps."""
    kept = await session.get_one(Person, (community_id, event.kept_id))
    await session.execute(
        update(Subscription)
        .where(Subscription.community_id == community_id, Subscription.owner_id == event.gone_id)
        .values(owner_id=kept.merged_into_id or kept.id)
    )
