"""Finding votes of a roll as staff name them: by id, by code, or by the home."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Invalid
from app.polls.models import Deed, DeedOwner, Entry, Poll
from app.polls.owners.roll import key_of


def valid(poll: Poll) -> Select[Entry]:
    """The votes of a roll without those that were struck."""
    return select(Entry).where(
        Entry.community_id == poll.community_id,
        Entry.poll_id == poll.id,
        Entry.struck_by_id.is_(None),
    )


async def on_roll(
    session: AsyncSession, poll: Poll, named: Sequence[UUID | str], *, path: str = "body.entries"
) -> list[Entry]:
    """The entries of these ids or codes, in this order; `Invalid` names those not on the roll."""
    codes = [each.upper() for each in named if isinstance(each, str)]
    ids = [each for each in named if isinstance(each, UUID)]
    rows = await session.scalars(valid(poll).where(Entry.id.in_(ids) | Entry.code.in_(codes)))
    found: dict[UUID | str, Entry] = {}
    for entry in rows:
        found |= {entry.id: entry, entry.code: entry}
    keys = [each.upper() if isinstance(each, str) else each for each in named]
    if missing := [at for at, key in enumerate(keys) if key not in found]:
        words = "is not on the roll"
        raise Invalid(errors=[{"path": f"{path}.{at}", "message": words} for at in missing])
    return [found[key] for key in keys]


async def of_home(
    session: AsyncSession, poll: Poll, home_id: UUID, *, path: str = "body.home_id"
) -> Entry:
    """The one vote of a home, of its household or of its owners with all their homes.

    `Invalid` where the home has none, and where it has several: then the code says which.
    """
    owners = select(DeedOwner.owner_id).join(
        Deed, (Deed.community_id == DeedOwner.community_id) & (Deed.id == DeedOwner.deed_id)
    )
    current = owners.where(
        Deed.community_id == poll.community_id, Deed.home_id == home_id, Deed.ended_at.is_(None)
    )
    key = key_of(await session.scalars(current))
    named = valid(poll).where((Entry.home_id == home_id) | (Entry.key == key))
    found = (await session.scalars(named.order_by(Entry.id).limit(2))).all()
    if len(found) != 1:
        words = "has several votes: name one by its code" if found else "has no vote on the roll"
        raise Invalid(errors=[{"path": path, "message": words}])
    return found[0]
