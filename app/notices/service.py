"""Telling somebody something: promised together with the reason, kept by the worker."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.core.lanes import wake
from app.notices.channels import channels
from app.notices.models import SAYING, Delivery, State
from app.notices.pumping import deliver


async def tell(
    session: AsyncSession,
    *,
    community_id: UUID,
    person_id: UUID,
    purpose: str,
    title: str,
    lines: Sequence[tuple[str, str]],
    link: str | None = None,
    about: UUID | None = None,
    once: str | None = None,
) -> None:
    """Promise to tell this person, over every channel that reaches them.

    With `once`, a second telling under the same key within the community is none. Who cannot be
    reached is not an error: nothing is promised then.
    """
    rows = [
        {
            "community_id": community_id,
            "id": new_id(),
            "person_id": person_id,
            "channel": name,
            "address_id": where.address_id,
            "lane": where.lane,
            "purpose": purpose,
            "title": title,
            "lines": [list(line) for line in lines],
            "link": link,
            "about_id": about,
            "once": once,
        }
        for name, channel in channels
        for where in await channel.addresses(session, community_id, person_id)
    ]
    if not rows:
        return
    fresh = insert(Delivery).values(rows).on_conflict_do_nothing().returning(Delivery.lane)
    await wake(session, deliver, list(await session.scalars(fresh)))


async def say(
    session: AsyncSession,
    *,
    community_id: UUID,
    person_id: UUID,
    account_id: UUID,
    identity_id: UUID,
    text: str,
) -> None:
    """Promise a plain message in the conversation with one WeChat identity."""
    delivery = Delivery(
        community_id=community_id,
        person_id=person_id,
        channel="wechat",
        address_id=identity_id,
        lane=f"wechat:{account_id}",
        purpose=SAYING,
        title=text,
        lines=[],
    )
    session.add(delivery)
    await session.flush()
    await wake(session, deliver, [delivery.lane])


async def acknowledge(
    session: AsyncSession, *, community_id: UUID, receipt: str, outcome: str
) -> None:
    """Note what the channel reports later about a message it had taken."""
    await session.execute(
        update(Delivery)
        .where(
            Delivery.community_id == community_id,
            Delivery.receipt == receipt,
            Delivery.state == State.SENT,
        )
        .values(
            answer=outcome,
            state=State.SENT if outcome == "success" else State.REFUSED,
        )
    )
