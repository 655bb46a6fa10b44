"""An alert for the matrix of permissions."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.groups.models import Group, GroupKind, GroupState
from app.opinion import watches
from app.opinion.models import Alert, Gravity, WatchKind
from app.people.access import system
from app.people.models import Person
from app.places.models import Place


async def an_alert(session: AsyncSession, grid: Place, owner: Person) -> dict[str, str]:
    """Something that was heard in a group of the grid, and the watch that heard it."""
    group = Group(
        community_id=grid.community_id,
        id=new_id(),
        kind=GroupKind.OTHER,
        name="邻里闲聊",
        place_id=grid.id,
        state=GroupState.OPEN,
        owner_id=owner.id,
        platform="signed",
    )
    session.add(group)
    watch = await watches.add(
        session,
        grid,
        kind=WatchKind.WORD,
        gravity=Gravity.SERIOUS,
        written="堵路",
        topic=None,
        least=5,
        times=3,
        by=system(grid.community_id),
    )
    alert = Alert(
        community_id=grid.community_id,
        id=new_id(),
        watch_id=watch.id,
        group_id=group.id,
        place_id=grid.id,
        once="hour:then",
        messages=1,
        first_at=now(),
        last_at=now(),
    )
    session.add(alert)
    await session.flush()
    return {"watch_id": str(watch.id), "alert_id": str(alert.id)}
