"""Sealing: secret ballots leave the intake by chance, among others, for a link of the chain.

The order in which ballots came in says who cast them to whoever sees the turnout grow. So a batch
is never small, some that stay behind are drawn by lot, and what stays is never few: whoever voted
last stands among them. Only at the close does everything go, and where the whole ballot had fewer
than a batch, its link says so.
"""

import secrets

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls import chain
from app.polls.models import Intake, Link, LinkKind, Poll, PollState, SealedBallot, Secrecy
from app.polls.recount import ballots_head, leaf_of

FEWEST = 10
"""Ballots in a batch, and ballots that stay behind."""

_MOVE = text("""
WITH staying AS MATERIALIZED (
  SELECT leaf FROM poll_intake
   WHERE community_id = :community_id AND poll_id = :poll_id
   ORDER BY random() LIMIT :staying
), taken AS (
  DELETE FROM poll_intake
   WHERE community_id = :community_id AND poll_id = :poll_id
     AND leaf NOT IN (SELECT leaf FROM staying)
  RETURNING leaf, nonce, choice
)
INSERT INTO poll_sealed_ballots (community_id, poll_id, leaf, batch, nonce, choice)
SELECT :community_id, :poll_id, leaf, :batch, nonce, choice FROM taken ORDER BY leaf
RETURNING leaf
""")


async def seal(
    session: AsyncSession,
    poll: Poll,
    *,
    all: bool = False,  # noqa: A002 - all of them, in a word
) -> Link | None:
    """Seal a batch of at least ten that leaves ten behind; with `all`, at the close, everything.

    None where there is nothing to seal, or too little. Whoever else seals the same poll waits.
    """
    if poll.secrecy is not Secrecy.SECRET:
        return None
    last = await chain.latest(session, poll)
    if not all and not await _enough(session, poll):
        return None
    await _tell_apart(session, poll)
    moved = await session.scalars(
        _MOVE,
        {
            "community_id": poll.community_id,
            "poll_id": poll.id,
            "batch": last.number + 1,
            "staying": 0 if all else FEWEST,
        },
    )
    leaves = [bytes(leaf) for leaf in moved]
    if not leaves:
        return None
    payload = {"fewer_than": FEWEST} if len(leaves) < FEWEST else {}
    head = ballots_head(last.head, last.number + 1, leaves)
    return await chain.append(session, poll, LinkKind.BALLOTS, len(leaves), payload, head)


async def _enough(session: AsyncSession, poll: Poll) -> bool:
    """Whether the poll takes votes still, and a batch would leave enough behind."""
    waiting = (
        select(func.count())
        .select_from(Intake)
        .where(Intake.community_id == poll.community_id, Intake.poll_id == poll.id)
    )
    found = select(Poll.state, waiting.scalar_subquery()).where(
        Poll.community_id == poll.community_id, Poll.id == poll.id
    )
    state, count = (await session.execute(found)).one()
    return state is PollState.OPEN and count >= 2 * FEWEST


async def _tell_apart(session: AsyncSession, poll: Poll) -> None:
    """Give a ballot a new nonce where one that is sealed has the same and says the same.

    Two voters agreed on a nonce, and the second came while the first was being sealed. Both have
    one receipt, and the list holds what it promises; yet both count.
    """
    twice = (
        select(Intake.leaf, Intake.nonce, Intake.choice)
        .join(
            SealedBallot,
            (SealedBallot.community_id == Intake.community_id)
            & (SealedBallot.poll_id == Intake.poll_id)
            & (SealedBallot.leaf == Intake.leaf),
        )
        .where(Intake.community_id == poll.community_id, Intake.poll_id == poll.id)
    )
    for leaf, nonce, choice in (await session.execute(twice)).all():
        other = f"{nonce}-{secrets.token_hex(16)}"
        same = (Intake.community_id == poll.community_id, Intake.poll_id == poll.id)
        await session.execute(
            update(Intake)
            .where(*same, Intake.leaf == leaf)
            .values(nonce=other, leaf=leaf_of(str(poll.id), other, choice))
        )
