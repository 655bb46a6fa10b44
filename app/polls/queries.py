"""Reading polls and rolls: every list begins at what the caller may see."""

from collections.abc import Iterable, Sequence
from typing import TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from app.core.files import File
from app.people.access import Actor
from app.people.queries import lives_within
from app.polls.models import (
    Ballot,
    Entry,
    Objection,
    Participation,
    Poll,
    PollFile,
    PollState,
    PollSupport,
    Secrecy,
    Voter,
)
from app.polls.permissions import PAPER, ROLL, RUN

SHOWN = (
    PollState.GATHERING,
    PollState.ANNOUNCED,
    PollState.OPEN,
    PollState.CLOSED,
    PollState.PUBLISHED,
)
"""States in which others than staff know of a poll; of a cancelled one, if it was announced."""


class Turnout(TypedDict):
    """How many votes a roll has, and how many of them were cast."""

    entries: int
    voted: int


def _on_roll(me: Actor) -> ColumnElement[bool]:
    casts = select(Voter.id).where(
        Voter.community_id == Poll.community_id,
        Voter.poll_id == Poll.id,
        Voter.person_id == me.id,
        Voter.struck_by_id.is_(None),
    )
    return casts.correlate(Poll).exists()


def _shown() -> ColumnElement[bool]:
    told = or_(Poll.announced_at.is_not(None), Poll.opened_at.is_not(None))
    return or_(Poll.state.in_(SHOWN), (Poll.state == PollState.CANCELLED) & told)


def _for(me: Actor) -> ColumnElement[bool]:
    """What one may read of what is shown: staff and programs all of it."""
    if me.kind != "person" or RUN.paths(me) or PAPER.paths(me):
        return true()
    return or_(Poll.public, lives_within(me), _on_roll(me))


def visible_to(me: Actor) -> Select[Poll]:
    """Every poll of the places one runs polls in, one's own proposals, and what is shown.

    What is shown is what stands on the site, what is held where one lives, and what one has a
    vote in.
    """
    own = Poll.proposed_by_id == me.id if me.kind == "person" else false()
    return (
        select(Poll)
        .join(Poll.place)
        .where(
            Poll.community_id == me.community_id,
            or_(RUN.places(me), own, _shown() & _for(me)),
        )
        .options(contains_eager(Poll.place))
    )


async def whole(session: AsyncSession, community_id: UUID, poll_id: UUID) -> Poll | None:
    """A poll with its place, as it stands now."""
    found = select(Poll).where(Poll.community_id == community_id, Poll.id == poll_id)
    return await session.scalar(found.options(joinedload(Poll.place, innerjoin=True)))


def locking(community_id: UUID, poll_id: UUID) -> Select[Poll]:
    """The poll with its place as it stands now, locked: votes wait, and are waited for."""
    found = select(Poll).where(Poll.community_id == community_id, Poll.id == poll_id)
    return (
        found.options(joinedload(Poll.place, innerjoin=True))
        .with_for_update(of=Poll, key_share=True)
        .execution_options(populate_existing=True)
    )


async def alone(session: AsyncSession, community_id: UUID, poll_id: UUID) -> Poll | None:
    """A poll with its place, nobody else's to change until the transaction ends."""
    return await session.scalar(locking(community_id, poll_id))


def in_time() -> ColumnElement[bool]:
    """Whether a poll takes votes at this moment, by the database's clock."""
    return (Poll.state == PollState.OPEN) & (func.clock_timestamp() < Poll.closes_at)


def roll_visible_to(me: Actor) -> Select[Entry]:
    """The entries of rolls that one may read, and those whose vote one may cast oneself."""
    casts = select(Voter.id).where(
        Voter.community_id == Entry.community_id,
        Voter.entry_id == Entry.id,
        Voter.person_id == me.id,
        Voter.struck_by_id.is_(None),
    )
    own = casts.exists() if me.kind == "person" else false()
    return (
        select(Entry)
        .join(Poll, (Poll.community_id == Entry.community_id) & (Poll.id == Entry.poll_id))
        .join(Poll.place)
        .where(Entry.community_id == me.community_id, or_(ROLL.places(me), own))
    )


def votes_of(community_id: UUID, poll_id: UUID, person_id: UUID) -> Select[Entry]:
    """The votes of the roll that a person may cast: their own, their home's, by proxy."""
    return (
        select(Entry)
        .join(Voter, (Voter.community_id == Entry.community_id) & (Voter.entry_id == Entry.id))
        .where(
            Entry.community_id == community_id,
            Entry.poll_id == poll_id,
            Entry.struck_by_id.is_(None),
            Voter.person_id == person_id,
            Voter.struck_by_id.is_(None),
        )
        .order_by(Entry.id)
    )


def cast_in(poll: Poll) -> type[Ballot] | type[Participation]:
    """The table that has a row for every vote of the roll that was cast."""
    return Ballot if poll.secrecy is Secrecy.RECORDED else Participation


async def cast_of(session: AsyncSession, poll: Poll, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these votes of the roll have been cast."""
    kept = cast_in(poll)
    cast = select(kept.entry_id).where(
        kept.community_id == poll.community_id,
        kept.poll_id == poll.id,
        kept.entry_id.in_(entry_ids),
    )
    return set(await session.scalars(cast))


def ballots_of(poll: Poll) -> Select[str, str]:
    """The recorded ballots of a poll: the code of each vote of the roll, and what was chosen."""
    return (
        select(Entry.code, Ballot.choice)
        .join(Entry, (Entry.community_id == Ballot.community_id) & (Entry.id == Ballot.entry_id))
        .where(Ballot.community_id == poll.community_id, Ballot.poll_id == poll.id)
    )


async def turnout(session: AsyncSession, poll: Poll) -> Turnout:
    """How many votes the roll has and how many were cast; of a secret ballot, too."""
    kept = cast_in(poll)
    entries = select(func.count()).select_from(
        select(Entry.id)
        .where(
            Entry.community_id == poll.community_id,
            Entry.poll_id == poll.id,
            Entry.struck_by_id.is_(None),
        )
        .subquery()
    )
    voted = (
        select(func.count())
        .select_from(kept)
        .where(kept.community_id == poll.community_id, kept.poll_id == poll.id)
    )
    counts = select(entries.scalar_subquery(), voted.scalar_subquery())
    on_roll, cast = (await session.execute(counts)).one()
    return Turnout(entries=on_roll, voted=cast)


async def supports_of(
    session: AsyncSession, community_id: UUID, poll_ids: Iterable[UUID]
) -> dict[UUID, int]:
    """How many people want each of these proposed polls to be held; those with any."""
    counted = (
        select(PollSupport.poll_id, func.count().label("supports"))
        .where(PollSupport.community_id == community_id, PollSupport.poll_id.in_(poll_ids))
        .group_by(PollSupport.poll_id)
    )
    return {row.poll_id: row.supports for row in await session.execute(counted)}


def objections_visible_to(me: Actor) -> Select[Objection]:
    """Objections to the rolls one may read, and those about oneself."""
    own = Objection.person_id == me.id if me.kind == "person" else false()
    return (
        select(Objection)
        .join(Poll, (Poll.community_id == Objection.community_id) & (Poll.id == Objection.poll_id))
        .join(Poll.place)
        .where(Objection.community_id == me.community_id, or_(ROLL.places(me), own))
    )


async def files_of(
    session: AsyncSession, community_id: UUID, poll_ids: Iterable[UUID]
) -> Sequence[PollFile]:
    """The pictures and documents of polls, oldest first."""
    files = select(PollFile).where(
        PollFile.community_id == community_id, PollFile.poll_id.in_(poll_ids)
    )
    return (await session.scalars(files.order_by(PollFile.id))).all()


async def file_of(session: AsyncSession, poll: Poll, file_id: UUID) -> tuple[File, str] | None:
    """A picture or a document of a poll, and the name to save it under."""
    found = await session.execute(
        select(File, PollFile.name)
        .join(
            PollFile, (PollFile.community_id == File.community_id) & (PollFile.file_id == File.id)
        )
        .where(
            File.community_id == poll.community_id,
            File.id == file_id,
            PollFile.poll_id == poll.id,
        )
    )
    row = found.one_or_none()
    return row and (row[0], row[1])
