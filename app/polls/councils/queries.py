"""Reading councils and sittings: everybody of the community sees them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app.core.database import existing
from app.people.access import Actor
from app.polls.models import AgendaItem, Council, Sitting


def visible_to(me: Actor) -> Select[Council]:
    """The councils of the caller's community, with their places."""
    return of_community(me.community_id)


def of_community(community_id: UUID) -> Select[Council]:
    """The councils of a community, with their places."""
    return (
        select(Council)
        .where(Council.community_id == community_id)
        .options(joinedload(Council.place, innerjoin=True))
    )


def sittings_of(council: Council) -> Select[Sitting]:
    """When a council sat and will sit."""
    return select(Sitting).where(
        Sitting.community_id == council.community_id, Sitting.council_id == council.id
    )


async def alone(session: AsyncSession, council: Council, sitting_id: UUID) -> Sitting:
    """The sitting as it is now, nobody else's to change until we are done; `NotFound` if none.

    It is given with its council.
    """
    this = sittings_of(council).where(Sitting.id == sitting_id)
    locked = this.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await existing(session, locked)
    set_committed_value(found, "council", council)
    return found


async def agendas(
    session: AsyncSession, community_id: UUID, sitting_ids: Sequence[UUID]
) -> dict[UUID, list[AgendaItem]]:
    """What these sittings are about, point by point, by sitting."""
    rows = (
        select(AgendaItem)
        .where(AgendaItem.community_id == community_id, AgendaItem.sitting_id.in_(sitting_ids))
        .order_by(AgendaItem.sitting_id, AgendaItem.position)
    )
    found: dict[UUID, list[AgendaItem]] = {sitting_id: [] for sitting_id in sitting_ids}
    for item in await session.scalars(rows):
        found[item.sitting_id].append(item)
    return found
