"""What the channels have in common that publish at outlets: their addresses, lanes and secrets."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, Uuid, cast, func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.sending import Refused
from app.notices.audiences import Audience
from app.notices.models import Notice, Outlet


class ToOutlets:
    """A channel whose addresses are outlets; one lane for each."""

    dedupes = True
    disturbs = False
    needs: ClassVar[tuple[str, ...]] = ()
    """The secrets that an outlet must have."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def addresses(
        self, _session: AsyncSession, _community_id: UUID, _person_id: UUID
    ) -> Sequence[Any]:
        """None: what is for one person is not for everybody to read."""
        return ()

    def recipients(self, notice: Notice, _audience: Audience) -> Select[Any, Any, Any] | None:
        """The outlets at work, whomever the notice is for."""
        lane = func.concat(literal(f"{self._name}:"), Outlet.id)
        return select(Outlet.id, cast(null(), Uuid), lane).where(
            Outlet.community_id == notice.community_id,
            Outlet.channel == self._name,
            Outlet.active,
        )


async def of_lane(sessions: Sessions, lane: str) -> Outlet:
    """The outlet that a lane is named after; `Refused` when nothing goes there any more."""
    outlet_id = UUID(lane.partition(":")[2])
    async with sessions() as session:
        outlet = await session.scalar(select(Outlet).where(Outlet.id == outlet_id))
    if outlet is None or not outlet.active:
        raise Refused(code="no_such_outlet")
    return outlet


def keys_of(outlet: Outlet) -> Mapping[str, str]:
    """The secrets of an outlet."""
    keys: dict[str, str] = json.loads(outlet.keys or "{}")
    return keys
