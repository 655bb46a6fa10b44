"""Where a notice went: its correction goes there, and word that it was withdrawn."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import _
from app.core.ids import new_id
from app.core.jobs import defer, job
from app.core.lanes import wake
from app.notices import content, planning, queries
from app.notices.models import Delivery, Notice, NoticeState, State
from app.notices.pumping import deliver

BATCH = 1000
GROUPS = "groups"
WITHDRAWN = "notice.withdrawn"
"""The purpose of the word that a notice was withdrawn."""


async def begin(session: AsyncSession, notice: Notice) -> None:
    """Have a notice planned; a correction for those first to whom the notice went."""
    if notice.corrects_id is None:
        await planning.begin(session, notice)
    else:
        await _go_on(session, notice, None)


async def _go_on(session: AsyncSession, notice: Notice, after: tuple[str, UUID] | None) -> None:
    await defer(
        session,
        go_after,
        community_id=str(notice.community_id),
        notice_id=str(notice.id),
        after=after and [after[0], str(after[1])],
    )


@job("notices.go_after")
async def go_after(
    session: AsyncSession, *, community_id: str, notice_id: str, after: list[str] | None
) -> None:
    """Let a correction go to some of those whom the notice was sent to, and then to the others."""
    notice = await queries.alone(session, UUID(community_id), UUID(notice_id))
    if notice is None or notice.state is not NoticeState.SENDING:
        return
    last = await _some(session, notice, (after[0], UUID(after[1])) if after else None)
    if last is None:
        await planning.begin(session, notice)
    else:
        await _go_on(session, notice, last)


def _went(notice: Notice, after: tuple[str, UUID] | None) -> Select[Any, Any, Any, Any]:
    """To whom the corrected notice went or is about to go, a batch of them."""
    went = select(Delivery.channel, Delivery.address_id, Delivery.person_id, Delivery.lane).where(
        Delivery.community_id == notice.community_id,
        Delivery.notice_id == notice.corrects_id,
        Delivery.state.in_((State.SENT, State.PENDING)),
    )
    place = tuple_(Delivery.channel, Delivery.address_id)
    if after:
        went = went.where(place > after)
    return went.order_by(Delivery.channel, Delivery.address_id).limit(BATCH)


async def _some(
    session: AsyncSession, notice: Notice, after: tuple[str, UUID] | None
) -> tuple[str, UUID] | None:
    """Make the deliveries of one batch, and return its end; None when nobody was left."""
    rows = (await session.execute(_went(notice, after))).all()
    if not rows:
        return None
    due = {
        name: await planning.due_from(session, notice, name)
        for name in {row.channel for row in rows}
    }
    shared = {
        "community_id": notice.community_id,
        "notice_id": notice.id,
        "purpose": content.purpose_of(notice),
        "about_id": notice.id,
        "lines": [],
    }
    made = [
        {
            **shared,
            "id": new_id(),
            "channel": row.channel,
            "address_id": row.address_id,
            "person_id": row.person_id,
            "lane": row.lane,
            "due_at": due[row.channel],
        }
        for row in rows
    ]
    await session.execute(insert(Delivery).on_conflict_do_nothing(), made)
    await wake(session, deliver, sorted({row.lane for row in rows}))
    return rows[-1].channel, rows[-1].address_id


async def tell_withdrawn(session: AsyncSession, notice: Notice) -> None:
    """Tell the groups in which a notice was said that it holds no more."""
    went = select(Delivery.address_id, Delivery.lane).where(
        Delivery.community_id == notice.community_id,
        Delivery.notice_id == notice.id,
        Delivery.channel == GROUPS,
        Delivery.state == State.SENT,
    )
    rows = (await session.execute(went)).all()
    if not rows:
        return
    told = {
        "community_id": notice.community_id,
        "channel": GROUPS,
        "purpose": WITHDRAWN,
        "title": _("通知已撤回：{title}").format(title=notice.title),
        "lines": [[_("原因"), notice.reason or ""]],
        "about_id": notice.id,
        "once": f"{WITHDRAWN}:{notice.id}",
    }
    made = [
        {**told, "id": new_id(), "address_id": row.address_id, "lane": row.lane} for row in rows
    ]
    await session.execute(insert(Delivery).on_conflict_do_nothing(), made)
    await wake(session, deliver, sorted({row.lane for row in rows}))
