"""A sign-up as a table to take out of the house; that somebody took it is a fact."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.i18n import N_, _
from app.core.sheets import Cell
from app.groups.chains import queries
from app.groups.events import ChainTaken
from app.groups.models import Chain
from app.groups.permissions import SIGN_UPS
from app.people.access import Actor
from app.places.models import Place

_HEAD = (
    *(N_("序号"), N_("姓名"), N_("房号"), N_("人数"), N_("备注"), N_("是否候补")),
    N_("接龙时间"),
)


def head() -> list[str]:
    """What the columns are called in the reader's language."""
    return [_(name) for name in _HEAD]


async def table(session: AsyncSession, chain: Chain, *, by: Actor) -> list[list[Cell]]:
    """Everybody who is on the sign-up now, in the order they came."""
    place = await session.get_one(Place, (chain.community_id, chain.group.place_id))
    SIGN_UPS.demand(by, at=place.path)
    lines = await queries.standings(session, chain)
    await record(session, ChainTaken(chain_id=chain.id, rows=len(lines)), by=by)
    return [
        [
            line.number,
            line.row.name,
            line.row.unit,
            line.row.places,
            line.row.note,
            _("候补") if line.waits else "",
            line.row.seen_at,
        ]
        for line in lines
    ]
