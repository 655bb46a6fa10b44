"""Taking deliveries out of a lane with the attempts at them, and noting how each attempt went."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, insert, literal, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.ids import new_id
from app.core.jobs import ATTEMPTS
from app.notices import pace
from app.notices.models import Attempt, Delivery, State
from app.notices.pace import Pace

LEASE = timedelta(seconds=60)
"""After so long an attempt without an outcome is lost with its worker, and another may be made."""
_PENDING = Delivery.state == literal_column("'pending'")
"""Written out, so that a prepared statement finds the index of what is pending."""


@dataclass(slots=True)
class Claimed:
    """A delivery that is ours to send, and the attempt that was written down for it."""

    delivery: Delivery
    attempt_id: UUID


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How an attempt went."""

    claimed: Claimed
    state: State
    answer: str | None = None
    """None when nothing was tried: the attempt is struck out again."""
    receipt: str | None = None
    due_at: datetime | None = None
    given_back: bool = False
    """Whether it does not count against the message."""
    word: str = ""
    """For the metrics: `sent`, `refused`, `failed`, `dead`, `stopped`, `left`."""


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 2, 4, 8 … seconds, an hour at most, give or take."""
    return timedelta(seconds=min(2.0**attempts, 3600.0) * random.uniform(0.8, 1.2))  # noqa: S311


def failed(claimed: Claimed, code: str, *, wait: timedelta | None = None) -> Outcome:
    """An attempt that failed and may be made again; the last one may not."""
    attempts = claimed.delivery.attempts
    if attempts >= ATTEMPTS:
        return Outcome(claimed=claimed, state=State.DEAD, answer=code, word="dead")
    again = now() + (wait or pause(attempts))
    return Outcome(claimed=claimed, state=State.PENDING, answer=code, due_at=again, word="failed")


def left(claimed: Claimed, code: str | None = None) -> Outcome:
    """A delivery that goes back as it was: never tried, or turned away with all of its lane."""
    return Outcome(
        claimed=claimed,
        state=State.PENDING,
        answer=code,
        due_at=now(),
        given_back=True,
        word="stopped" if code else "left",
    )


async def claim(session: AsyncSession, lane: str, *, most: int, at: Pace) -> list[Claimed]:
    """Take what is due in a lane, as far as its pace allows, and write an attempt down for each.

    All of it is one statement: whoever asks at the same time gets other rows, or none.
    """
    moment = now()
    due = (
        select(Delivery.community_id, Delivery.id)
        .where(Delivery.lane == lane, _PENDING, Delivery.due_at <= moment)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    gate = pace.passed(lane, at, select(func.count()).select_from(due).scalar_subquery())
    claimed = (
        update(Delivery)
        .where(
            Delivery.community_id == due.c.community_id,
            Delivery.id == due.c.id,
            select(gate.c.lane).exists(),
        )
        .values(due_at=moment + LEASE, attempts=Delivery.attempts + 1)
        .returning(*Delivery.__table__.c)
        .cte("claimed")
    )
    ids = literal([new_id() for _ in range(most)], ARRAY(Uuid()))
    fresh = func.unnest(ids).table_valued("id", with_ordinality="n", name="fresh").render_derived()
    turn = func.row_number().over(order_by=claimed.c.id)
    numbered = select(claimed.c.community_id, claimed.c.id, turn.label("n")).cte("numbered")
    columns = ["community_id", "id", "delivery_id", "at"]
    values = select(numbered.c.community_id, fresh.c.id, numbered.c.id, literal(moment)).join(
        fresh, fresh.c.n == numbered.c.n
    )
    tried = (
        insert(Attempt)
        .from_select(columns, values)
        .returning(Attempt.id, Attempt.delivery_id)
        .cte("tried")
    )
    taken = aliased(Delivery, claimed)
    rows = await session.execute(
        select(taken, tried.c.id).join(tried, tried.c.delivery_id == claimed.c.id)
    )
    return [Claimed(delivery, attempt_id) for delivery, attempt_id in rows]


_SETTLED = text("""
WITH told AS (
    SELECT * FROM unnest(
        CAST(:communities AS uuid[]), CAST(:ids AS uuid[]), CAST(:attempts AS uuid[]),
        CAST(:states AS text[]), CAST(:answers AS text[]), CAST(:receipts AS text[]),
        CAST(:dues AS timestamptz[]), CAST(:back AS integer[])
    ) AS told (community_id, id, attempt_id, state, answer, receipt, due_at, back)
), noted AS (
    UPDATE delivery_attempts AS attempt SET outcome = told.answer FROM told
    WHERE attempt.community_id = told.community_id AND attempt.id = told.attempt_id
      AND told.answer IS NOT NULL
), struck AS (
    DELETE FROM delivery_attempts AS attempt USING told
    WHERE attempt.community_id = told.community_id AND attempt.id = told.attempt_id
      AND told.answer IS NULL
)
UPDATE deliveries AS delivery SET
    state = CASE WHEN told.state = 'pending' THEN delivery.state ELSE told.state END,
    answer = coalesce(told.answer, delivery.answer),
    receipt = coalesce(told.receipt, delivery.receipt),
    due_at = coalesce(told.due_at, delivery.due_at),
    attempts = delivery.attempts - told.back,
    sent_at = CASE WHEN told.state = 'sent' THEN :now ELSE delivery.sent_at END
FROM told
WHERE delivery.community_id = told.community_id AND delivery.id = told.id
  AND delivery.state IN ('pending', 'cancelled')
""")


async def settle(session: AsyncSession, outcomes: Sequence[Outcome]) -> None:
    """Write down how all these attempts went, in one statement.

    A delivery that was cancelled meanwhile stays so, unless it turns out to have been sent.
    """
    if not outcomes:
        return
    values: dict[str, Any] = {
        "communities": [each.claimed.delivery.community_id for each in outcomes],
        "ids": [each.claimed.delivery.id for each in outcomes],
        "attempts": [each.claimed.attempt_id for each in outcomes],
        "states": [each.state.value for each in outcomes],
        "answers": [each.answer for each in outcomes],
        "receipts": [each.receipt for each in outcomes],
        "dues": [each.due_at for each in outcomes],
        "back": [int(each.given_back) for each in outcomes],
        "now": now(),
    }
    await session.execute(_SETTLED, values)


async def next_due(session: AsyncSession, lane: str) -> datetime | None:
    """When the next pending delivery of a lane is due; None when none is pending."""
    first = select(Delivery.due_at).where(Delivery.lane == lane, _PENDING)
    return await session.scalar(first.order_by(Delivery.due_at).limit(1))


_LANES_DUE = text("""
WITH RECURSIVE lanes AS (
    (SELECT lane FROM deliveries WHERE state = 'pending' ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT delivery.lane FROM deliveries AS delivery
            WHERE delivery.state = 'pending' AND delivery.lane > lanes.lane
            ORDER BY delivery.lane LIMIT 1)
    FROM lanes WHERE lanes.lane IS NOT NULL
)
SELECT lane FROM lanes
WHERE EXISTS (SELECT FROM deliveries AS delivery WHERE delivery.lane = lanes.lane
              AND delivery.state = 'pending' AND delivery.due_at <= :now)
  AND NOT EXISTS (SELECT FROM delivery_lanes AS paced
                  WHERE paced.lane = lanes.lane AND paced.stopped_until > :now)
""")


async def lanes_due(session: AsyncSession) -> list[str]:
    """The lanes in which something is due and may go."""
    return list(await session.scalars(_LANES_DUE, {"now": now()}))
