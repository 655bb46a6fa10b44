"""Whom a notice goes to: a delivery for everybody, made in batches that can stop anywhere.

Each batch is one transaction, and one job that promises the next; what is planned is sent while the
rest is still being planned.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Subquery,
    Text,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.jobs import defer, job
from app.core.lanes import wake
from app.notices import content, policies, quiet
from app.notices.audiences import Audience
from app.notices.channels import channels
from app.notices.events import NoticeSent
from app.notices.models import Delivery, Notice, NoticeKind, NoticeState, State
from app.notices.pumping import deliver
from app.people.access import system

BATCH = 4000
_NOBODY = UUID(int=0)

_NEW_ID: ColumnElement[UUID] = literal_column(
    "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())"
    " placing substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) from 3)"
    " from 1 for 6), 52, 1), 53, 1), 'hex')::uuid"
)
"""What `core.ids.new_id` makes, to the millisecond."""


def _recipients(notice: Notice, name: str) -> Subquery | None:
    channel = channels.get(name)
    if channel is None:
        return None
    found = channel.recipients(notice, Audience.model_validate(notice.audience))
    return None if found is None else found.subquery("recipients")


async def count(session: AsyncSession, notice: Notice) -> dict[str, int]:
    """How many it would go to now, over each of its channels."""
    counted = {}
    for name in notice.channels:
        recipients = _recipients(notice, name)
        counted[name] = 0
        if recipients is not None:
            rows = select(func.count()).select_from(recipients)
            counted[name] = await session.scalar(rows) or 0
    return counted


async def begin(session: AsyncSession, notice: Notice) -> None:
    """Promise that everybody gets a delivery, and that `NoticeSent` is recorded then."""
    await _go_on(session, notice, list(notice.channels), None)


async def cancel(session: AsyncSession, notice: Notice) -> None:
    """Let nothing of it go out that has not; what is under way just now may still arrive."""
    whole = select(Notice.id).where(Notice.community_id == notice.community_id)
    await session.execute(whole.where(Notice.id == notice.id).with_for_update(key_share=True))
    pending = select(Delivery.id).where(
        Delivery.community_id == notice.community_id,
        Delivery.notice_id == notice.id,
        Delivery.state == State.PENDING,
    )
    # A pump holds its rows for moments, and waiting for it while holding others could be mutual.
    while await session.scalar(select(pending.exists())):
        free = pending.with_for_update(skip_locked=True).cte("free")
        mine = Delivery.community_id == notice.community_id, Delivery.id == free.c.id
        await session.execute(
            update(Delivery)
            .where(*mine)
            .values(state=State.CANCELLED)
            .execution_options(synchronize_session=False)
        )
        await asyncio.sleep(0.01)


async def _go_on(
    session: AsyncSession, notice: Notice, names: Sequence[str], after: UUID | None
) -> None:
    await defer(
        session,
        plan,
        community_id=str(notice.community_id),
        notice_id=str(notice.id),
        names=list(names),
        after=after and str(after),
    )


async def due_from(session: AsyncSession, notice: Notice, name: str) -> datetime:
    """When it may go this way; at once where it disturbs nobody, and in an emergency."""
    channel = channels.get(name)
    if notice.kind is NoticeKind.EMERGENCY or channel is None or not channel.disturbs:
        return now()
    return quiet.opens_at(await policies.of(session, notice.community_id), now())


def _batch(recipients: Subquery, after: UUID | None) -> Select[UUID, UUID | None, str]:
    address, person, lane = recipients.c[0], recipients.c[1], recipients.c[2]
    columns = select(address.label("address_id"), person.label("person_id"), lane.label("lane"))
    return columns.where(address > (after or _NOBODY)).order_by(address).limit(BATCH)


async def _plan_some(
    session: AsyncSession, notice: Notice, name: str, after: UUID | None
) -> UUID | None:
    """Make the next deliveries over one channel; the last address, None when there are no more."""
    recipients = _recipients(notice, name)
    if recipients is None:
        return None
    batch = _batch(recipients, after).cte("batch")
    fixed: dict[str, Any] = {
        "community_id": literal(notice.community_id),
        "id": _NEW_ID,
        "notice_id": literal(notice.id),
        "channel": literal(name),
        "purpose": literal(content.purpose_of(notice)),
        "about_id": literal(notice.id),
        "lines": literal_column("'[]'::jsonb"),
        "state": literal_column("'pending'"),
        "attempts": literal_column("0"),
        "due_at": literal(await due_from(session, notice, name)),
        "created_at": literal(now()),
    }
    fixed |= {name: batch.c[name] for name in ("address_id", "person_id", "lane")}
    made = insert(Delivery).from_select([*fixed], select(*fixed.values()))
    lanes = select(batch.c.lane).distinct().scalar_subquery()
    last = select(batch.c.address_id).order_by(batch.c.address_id.desc()).limit(1)
    found: Select[UUID | None, list[str]] = select(
        last.scalar_subquery(), func.array(lanes, type_=ARRAY(Text))
    ).add_cte(made.on_conflict_do_nothing().cte("made"))
    last_id, named = (await session.execute(found)).one()
    await wake(session, deliver, named)
    return last_id


async def _end(session: AsyncSession, notice: Notice) -> None:
    mine = Delivery.community_id == notice.community_id, Delivery.notice_id == notice.id
    made = await session.scalar(select(func.count()).select_from(Delivery).where(*mine)) or 0
    notice.state = NoticeState.SENT
    await session.flush()
    event = NoticeSent(notice_id=notice.id, deliveries=made)
    await record(session, event, by=system(notice.community_id))


@job("notices.plan")
async def plan(
    session: AsyncSession,
    *,
    community_id: str,
    notice_id: str,
    names: list[str],
    after: str | None,
) -> None:
    """Make some of a notice's deliveries, and promise to make the next; withdrawn ones get none."""
    mine = Notice.community_id == UUID(community_id), Notice.id == UUID(notice_id)
    notice = await session.scalar(select(Notice).where(*mine).with_for_update(key_share=True))
    if notice is None or notice.state is not NoticeState.SENDING:
        return
    if not names:
        await _end(session, notice)
        return
    last = await _plan_some(session, notice, names[0], UUID(after) if after else None)
    if last is None:
        await _go_on(session, notice, names[1:], None)
    else:
        await _go_on(session, notice, names, last)
