"""What became of deliveries, and trying those again that died."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.lanes import wake
from app.notices import queries
from app.notices.events import DeliveriesReplayed, DeliveryReplayed
from app.notices.models import Delivery, Notice, State
from app.notices.permissions import REACH, REPLAY
from app.notices.problems import NotDead
from app.notices.pumping import deliver
from app.people.access import Actor
from app.places.models import ROOT


def of_notice(notice: Notice, me: Actor) -> Select[Delivery]:
    """The deliveries of a notice; for who may see whom it reached, or try them again."""
    if not REPLAY.allows(me, at=notice.place.path):
        REACH.demand(me, at=notice.place.path)
    return select(Delivery).where(
        Delivery.community_id == notice.community_id, Delivery.notice_id == notice.id
    )


def of_community(me: Actor) -> Select[Delivery]:
    """Every delivery of the caller's community."""
    REPLAY.demand(me, at=ROOT)
    return select(Delivery).where(Delivery.community_id == me.community_id)


async def counts(session: AsyncSession, notice: Notice) -> dict[str, dict[str, int]]:
    """How many deliveries of a notice are how far, by channel and state."""
    rows = await session.execute(
        select(Delivery.channel, Delivery.state, func.count())
        .where(Delivery.community_id == notice.community_id, Delivery.notice_id == notice.id)
        .group_by(Delivery.channel, Delivery.state)
        .order_by(Delivery.channel, Delivery.state)
    )
    counted: dict[str, dict[str, int]] = {}
    for channel, state, times in rows:
        counted.setdefault(channel, {})[state.value] = times
    return counted


async def one(session: AsyncSession, delivery_id: UUID, me: Actor) -> Delivery | None:
    """A delivery that the caller may try again, nobody else's to change; None for any other."""
    mine = Delivery.community_id == me.community_id, Delivery.id == delivery_id
    delivery = await session.scalar(select(Delivery).where(*mine).with_for_update())
    if delivery is None or delivery.notice_id is None:
        return delivery if REPLAY.allows(me, at=ROOT) else None
    notice = await queries.whole(session, me.community_id, delivery.notice_id)
    return delivery if notice and REPLAY.allows(me, at=notice.place.path) else None


async def _revive(session: AsyncSession, *which: ColumnElement[bool]) -> list[str]:
    """Let these be tried from the beginning; the lane of each."""
    anew: dict[str, Any] = {"state": State.PENDING, "attempts": 0, "due_at": now()}
    revived = update(Delivery).where(*which, Delivery.state == State.DEAD).values(anew)
    fetched = revived.returning(Delivery.lane).execution_options(synchronize_session=False)
    return list(await session.scalars(fetched))


async def replay_all(session: AsyncSession, notice: Notice, *, by: Actor) -> int:
    """Try everything of a notice again that has died, and say how much that is."""
    REPLAY.demand(by, at=notice.place.path)
    mine = Delivery.community_id == notice.community_id, Delivery.notice_id == notice.id
    lanes = await _revive(session, *mine)
    if lanes:
        await wake(session, deliver, lanes)
        event = DeliveriesReplayed(notice_id=notice.id, deliveries=len(lanes))
        await record(session, event, by=by)
    return len(lanes)


async def replay(session: AsyncSession, delivery: Delivery, *, by: Actor) -> Delivery:
    """Try a delivery again that has died; `NotDead` for any other."""
    mine = Delivery.community_id == delivery.community_id, Delivery.id == delivery.id
    lanes = await _revive(session, *mine)
    if not lanes:
        raise NotDead
    await wake(session, deliver, lanes)
    await record(session, DeliveryReplayed(delivery_id=delivery.id), by=by)
    await session.refresh(delivery)
    return delivery
