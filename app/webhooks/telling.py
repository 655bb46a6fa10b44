"""Promising other software a message of something that happened."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import lanes
from app.core.facts import Event
from app.core.ids import new_id
from app.webhooks import kinds
from app.webhooks.jobs import lane_of, pump

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
