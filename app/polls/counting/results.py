"""Counting a poll where its ballots lie: grouped by the database, added up here."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.counting.tallying import Total, tally
from app.polls.forms import Form
from app.polls.models import (
    Attendance,
    Ballot,
    Entry,
    Participation,
    Poll,
    PollKind,
    SealedBallot,
    Secrecy,
)
from app.polls.queries import cast_in


def _entry_of(kept: type[Ballot | Participation | Attendance]) -> ColumnElement[bool]:
    """The vote of the roll that a row is about, which was not struck from it."""
    return (
        (Entry.community_id == kept.community_id)
        & (Entry.id == kept.entry_id)
        & Entry.struck_by_id.is_(None)
    )


def _summed(column: Any) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def recorded(poll: Poll) -> Select[str, int, int]:
    """The recorded choices, each with how many votes of the roll chose so and their area."""
    return (
        select(Ballot.choice, func.count(), _summed(Entry.area))
        .join(Entry, _entry_of(Ballot))
        .where(Ballot.community_id == poll.community_id, Ballot.poll_id == poll.id)
        .group_by(Ballot.choice)
    )


def sealed(poll: Poll) -> Select[str, int, int]:
    """The secret choices that are sealed, each with how often; no area, which would tell homes."""
    return (
        select(SealedBallot.choice, func.count(), literal(0, BigInteger))
        .where(SealedBallot.community_id == poll.community_id, SealedBallot.poll_id == poll.id)
        .group_by(SealedBallot.choice)
    )


def _attended(poll: Poll) -> Select[int]:
    """How many votes of the roll were there: who attended, and who voted."""
    present = union(
        *[
            select(table.entry_id)
            .join(Entry, _entry_of(table))
            .where(table.community_id == poll.community_id, table.poll_id == poll.id)
            for table in (Attendance, cast_in(poll))
        ]
    ).subquery()
    return select(func.count()).select_from(present)


async def electorate_of(session: AsyncSession, poll: Poll) -> Total:
    """What the roll of a poll weighs now, and how many of it came to the meeting."""
    weighed = select(func.count(), _summed(Entry.area)).where(
        Entry.community_id == poll.community_id,
        Entry.poll_id == poll.id,
        Entry.struck_by_id.is_(None),
    )
    entries, area = (await session.execute(weighed)).one()
    attended = None
    if poll.kind is PollKind.MEETING:
        attended = await session.scalar(_attended(poll)) or 0
    return Total(entries=entries, area=area, attended=attended)


async def result_of(session: AsyncSession, poll: Poll) -> dict[str, Any]:
    """The result of a poll from what is stored, as `tally` shapes it.

    Of a secret poll, what is sealed is counted: all of it once the poll is closed.
    """
    choices = recorded(poll) if poll.secrecy is Secrecy.RECORDED else sealed(poll)
    votes = await session.execute(choices)
    electorate = await electorate_of(session, poll)
    return tally(Form.model_validate(poll.form), poll.kind, votes, electorate)
