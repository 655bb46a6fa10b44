"""Taking people off a sign-up, and closing it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.groups import queries as groups
from app.groups.chains import queries
from app.groups.chains.entries import compared
from app.groups.chains.merge import Sender
from app.groups.events import ChainChanged, ChainClosed, ChainEntryRemoved
from app.groups.models import Chain, ChainEntry, Group, GroupMember
from app.groups.permissions import SIGN_UPS
from app.groups.problems import ChainIsClosed, NotAManager
from app.people.access import Actor
from app.places.models import Place


async def sender_in(
    session: AsyncSession, group: Group, member: GroupMember, *, by: Actor
) -> Sender:
    """A member as who sends lists; who runs the group, or works at its place, runs every one."""
    runs = await groups.runs(session, group, member.sender_id)
    return Sender(
        member.sender_id, compared(member.name), runs or await sees_to(session, group, by)
    )


async def sees_to(session: AsyncSession, group: Group, by: Actor) -> bool:
    """Whether somebody who was heard is staff who see to the sign-ups at the group's place."""
    if by.kind != "person" or not by.is_staff:
        return False
    place = Place.community_id == group.community_id, Place.id == group.place_id
    here = select(Place.id).where(*place, SIGN_UPS.places(by))
    return await session.scalar(here) is not None


def running(chain: Chain, sender: Sender) -> Sender:
    """The same sender; they run a sign-up that they opened, too."""
    return Sender(sender.id, sender.called, sender.runs or chain.opened_by == sender.id)


async def hold(session: AsyncSession, chain: Chain) -> Chain:
    """The same sign-up as it is now, ours alone until we are done; `ChainIsClosed` of one over."""
    columns = [column.key for column in Chain.__mapper__.column_attrs]
    await session.refresh(chain, columns, with_for_update=True)
    if chain.closed_at:
        raise ChainIsClosed
    return chain


async def withdraw(
    session: AsyncSession, chain: Chain, sender: Sender, name: str = "", *, by: Actor
) -> list[ChainEntry]:
    """Take one's own lines off, or the one of a name, and return them.

    Lines that others wrote are for who runs the sign-up: `NotAManager`.
    """
    await hold(session, chain)
    standing = [line.row for line in await queries.standings(session, chain)]
    own = [row for row in standing if row.sender_id == sender.id]
    gone = own
    if name:
        named = [row for row in standing if queries.entry_of(row).key[0] == compared(name)]
        gone = [row for row in named if row in own] or named
    if any(row not in own for row in gone) and not running(chain, sender).runs:
        raise NotAManager
    for row in gone:
        row.cancelled_at, row.cancelled_by = now(), sender.id
    chain.heard = None
    await session.flush()
    if gone:
        changed = ChainChanged(chain_id=chain.id, added=0, cancelled=len(gone))
        await record(session, changed, by=by)
    return gone


async def remove(session: AsyncSession, chain: Chain, row: ChainEntry, *, by: Actor) -> None:
    """Take a line off for good, as staff: no list brings it back."""
    place = await session.get_one(Place, (chain.community_id, chain.group.place_id))
    SIGN_UPS.demand(by, at=place.path)
    await hold(session, chain)
    await session.refresh(row)
    if row.cancelled_at is None:
        row.cancelled_at = now()
        chain.heard = None
        await session.flush()
        removed = ChainEntryRemoved(chain_id=chain.id, entry_id=row.id)
        await record(session, removed, by=by)


async def close(
    session: AsyncSession, chain: Chain, *, by: Actor, sender: Sender | None = None
) -> None:
    """Let nobody sign up any more, as staff or as who runs the sign-up."""
    if sender is None:
        place = await session.get_one(Place, (chain.community_id, chain.group.place_id))
        SIGN_UPS.demand(by, at=place.path)
    elif not running(chain, sender).runs:
        raise NotAManager
    await hold(session, chain)
    chain.closed_at = now()
    await session.flush()
    await record(session, ChainClosed(chain_id=chain.id), by=by)
