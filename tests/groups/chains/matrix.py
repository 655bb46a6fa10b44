"""What the matrix of rights asks about: a sign-up and a show of hands in a group of a place."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.groups import hands
from app.groups.chains import hearing
from app.groups.chains.merge import Sender
from app.groups.models import ChainEntry, Group, GroupKind, GroupState
from app.people.access import system
from app.people.models import Person
from app.places.models import Place
from tests.groups.builders import a_member


async def a_sign_up(session: AsyncSession, at: Place, owner: Person) -> dict[str, str]:
    """The ids of a group at this place, of a sign-up in it, of a line of it, of a show of hands."""
    by = system(at.community_id)
    group = Group(
        community_id=at.community_id,
        id=new_id(),
        kind=GroupKind.BUILDING,
        name="接龙群",
        place_id=at.id,
        state=GroupState.OPEN,
        owner_id=owner.id,
        platform="wecom",
    )
    session.add(group)
    await session.flush()
    member = await a_member(session, group)
    outcome = await hearing.hear(session, group, member, "#接龙\n书法课\n1. 张三", by=by)
    show = await hands.ask(
        session, group, "好吗？", ["好", "不好"], sender=Sender("head", runs=True), by=by
    )
    line = await session.scalar(select(ChainEntry.id).where(ChainEntry.name == "张三"))
    return {
        "group_id": str(group.id),
        "chain_id": str(outcome.chain.id) if outcome else "",
        "line_id": str(line),
        "show_id": str(show.id),
    }
