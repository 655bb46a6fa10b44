"""One vote in a transaction of its caller's, and what the voter is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Invalid, Problem
from app.people.access import Actor
from app.people.models import Person
from app.polls.casting.votes import Cast, Outcome, Vote, keep_secret, record_votes
from app.polls.counting import checked
from app.polls.forms import Form
from app.polls.models import Channel, Poll, Secrecy
from app.polls.problems import HasVoted, NonceTaken, NotOnRoll, PollNotOpen
from app.polls.queries import votes_of
from app.polls.recount import receipt_of
from app.polls.signing import promise


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter is told; of a secret ballot it shows that it is counted."""

    outcome: Outcome
    """`cast`, `changed` or `unchanged`."""
    entry: UUID
    """The vote of the roll that was cast."""
    code: str | None
    """`XXXX-XXXX-XXXX-XXXX`, by which a secret ballot is found in the published list."""
    promise: str | None
    """Ed25519 in base64, of `signing.promised`: that the list will hold it."""
    leaf: str | None
    """The 64 hexadecimal digits that the code is the beginning of."""


_REFUSED: Mapping[str, type[Problem]] = {
    "closed": PollNotOpen,
    "not_on_roll": NotOnRoll,
    "has_voted": HasVoted,
    "nonce_taken": NonceTaken,
}


def receipt_for(poll_id: UUID, done: Cast) -> Receipt | None:
    """The receipt of a vote that was taken; None where it was refused."""
    if done.outcome not in ("cast", "changed", "unchanged") or done.entry_id is None:
        return None
    if done.leaf is None:
        return Receipt(done.outcome, done.entry_id, None, None, None)
    return Receipt(
        done.outcome,
        done.entry_id,
        receipt_of(done.leaf),
        promise(poll_id, done.leaf),
        done.leaf.hex(),
    )


async def problem_of(session: AsyncSession, vote: Vote, done: Cast) -> Problem:
    """Why a vote was refused; of several that the person may cast, which there are."""
    if refused := _REFUSED.get(done.outcome):
        return refused()
    if vote.person_id is None:
        return NotOnRoll()
    entries = await session.scalars(votes_of(vote.community_id, vote.poll_id, vote.person_id))
    return Invalid(
        errors=[{"path": "entry_id", "message": f"{each.id} {each.label}"} for each in entries]
    )


async def selves(session: AsyncSession, community_id: UUID, person_id: UUID) -> list[UUID]:
    """The other entries of the register that turned out to be this person.

    A roll is frozen, and names people as they stood on the register when it was made.
    """
    merged = select(Person.merged_into_id).where(
        Person.community_id == community_id, Person.id == person_id
    )
    kept = merged.scalar_subquery()
    same = or_(Person.merged_into_id == person_id, Person.id == kept, Person.merged_into_id == kept)
    found = select(Person.id).where(
        Person.community_id == community_id, same, Person.id != person_id
    )
    return list(await session.scalars(found.order_by(Person.id)))


async def _done(session: AsyncSession, vote: Vote, secrecy: Secrecy) -> tuple[Vote, Cast]:
    """What became of the vote, by the entry of the register that the roll knows its voter by."""
    keep = record_votes if secrecy is Secrecy.RECORDED else keep_secret
    await session.flush()
    connection = await session.connection()
    (done,) = await keep(connection, [vote])
    if done.outcome == "not_on_roll" and vote.person_id is not None:
        for other in await selves(session, vote.community_id, vote.person_id):
            as_other = replace(vote, person_id=other)
            (again,) = await keep(connection, [as_other])
            if again.outcome != "not_on_roll":
                return as_other, again
    return vote, done


async def cast(
    session: AsyncSession,
    poll: Poll,
    *,
    person_id: UUID | None,
    choice: Mapping[str, Any],
    channel: Channel,
    entry_id: UUID | None = None,
    nonce: str | None = None,
    by: Actor,
) -> Receipt:
    """Cast one vote; whoever closes the poll meanwhile waits until the caller's transaction ends.

    Without a person it is one on paper, of the entry that is named. Refused it is as
    `BallotInvalid`, `PollNotOpen`, `NotOnRoll`, `HasVoted` or `NonceTaken`; as `Invalid` where the
    person may cast several votes and no `entry_id` says which, and there the errors name them.
    """
    given = Vote(
        community_id=poll.community_id,
        poll_id=poll.id,
        person_id=person_id,
        choice=checked(Form.model_validate(poll.form), choice),
        channel=channel,
        entry_id=entry_id,
        nonce=nonce,
        actor_kind=by.kind,
        actor_id=by.id,
    )
    vote, done = await _done(session, given, poll.secrecy)
    if receipt := receipt_for(poll.id, done):
        return receipt
    raise await problem_of(session, vote, done)
