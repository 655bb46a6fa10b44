"""What somebody may vote on, and for whom; and what a group may know of."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.people.access import Actor
from app.places.models import Place
from app.polls import casting, queries
from app.polls.models import Ballot, Basis, Entry, Participation, Poll, PollState, Voter

MOST = 12
"""Polls in a list."""
_SHOWN = (PollState.ANNOUNCED, PollState.OPEN, PollState.CLOSED, PollState.PUBLISHED)


class Mine(NamedTuple):
    """An open poll, and how many votes of it somebody has and were cast."""

    poll: Poll
    votes: int
    cast: int


class Vote(NamedTuple):
    """A vote of the roll that somebody may cast."""

    entry_id: UUID
    label: str
    basis: Basis
    cast: bool


def _taking() -> Select[Poll]:
    return select(Poll).where(Poll.state == PollState.OPEN, Poll.closes_at > now())


async def open_for(session: AsyncSession, by: Actor) -> list[Mine]:
    """The open polls on whose roll somebody is, the next to close first."""
    rows = (
        _taking()
        .add_columns(
            func.count(Entry.id),
            func.count(Ballot.entry_id) + func.count(Participation.entry_id),
        )
        .join(Voter, (Voter.community_id == Poll.community_id) & (Voter.poll_id == Poll.id))
        .join(Entry, (Entry.community_id == Voter.community_id) & (Entry.id == Voter.entry_id))
        .outerjoin(
            Ballot,
            (Ballot.community_id == Entry.community_id)
            & (Ballot.poll_id == Entry.poll_id)
            & (Ballot.entry_id == Entry.id),
        )
        .outerjoin(
            Participation,
            (Participation.community_id == Entry.community_id)
            & (Participation.poll_id == Entry.poll_id)
            & (Participation.entry_id == Entry.id),
        )
        .where(
            Poll.community_id == by.community_id,
            Voter.person_id.in_(await _selves(session, by)),
            Voter.struck_by_id.is_(None),
            Entry.struck_by_id.is_(None),
        )
        .group_by(Poll.community_id, Poll.id)
        .order_by(Poll.closes_at, Poll.id)
        .limit(MOST)
    )
    return [Mine(*row) for row in await session.execute(rows)]


async def of_number(session: AsyncSession, by: Actor, number: int) -> Poll | None:
    """The poll of this number, if whoever asks may know of it."""
    return await session.scalar(queries.visible_to(by).where(Poll.number == number))


async def _selves(session: AsyncSession, by: Actor) -> list[UUID]:
    """Whoever the rolls may know somebody as: the register grows together, a roll does not."""
    if by.id is None:
        return []
    return [by.id, *await casting.selves(session, by.community_id, by.id)]


async def votes_of(session: AsyncSession, poll: Poll, by: Actor) -> list[Vote]:
    """The votes of a poll that somebody may cast; none for who is not on its roll."""
    found: dict[UUID, tuple[str, Basis]] = {}
    for person_id in await _selves(session, by):
        theirs = queries.votes_of(poll.community_id, poll.id, person_id)
        for entry, basis in await session.execute(theirs.add_columns(Voter.basis)):
            found.setdefault(entry.id, (entry.label, basis))
    cast = await queries.cast_of(session, poll, found)
    return [Vote(id_, label, basis, id_ in cast) for id_, (label, basis) in found.items()]


async def open_around(session: AsyncSession, community_id: UUID, path: str) -> Sequence[Poll]:
    """The open polls that stand for everybody, of a place, of those around it and those in it."""
    here = (
        _taking()
        .join(Poll.place)
        .where(
            Poll.community_id == community_id,
            Poll.public,
            or_(func.starts_with(path, Place.path), func.starts_with(Place.path, path)),
        )
    )
    return (await session.scalars(here.order_by(Poll.closes_at, Poll.id).limit(MOST))).all()


async def public_of_number(session: AsyncSession, community_id: UUID, number: int) -> Poll | None:
    """The poll of this number, if it stands for everybody."""
    return await session.scalar(
        select(Poll).where(
            Poll.community_id == community_id,
            Poll.number == number,
            Poll.public,
            or_(
                Poll.state.in_(_SHOWN),
                (Poll.state == PollState.CANCELLED) & Poll.opened_at.is_not(None),
            ),
        )
    )
