"""Votes on paper and from the door: read by two people, and counted once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.i18n import _
from app.core.ids import new_id
from app.core.problems import Forbidden, Invalid
from app.people.access import Actor
from app.places.models import Place
from app.polls import casting
from app.polls.counting import checked
from app.polls.events import PaperCounted, PaperDiscarded, PaperDisputed, PaperEntered
from app.polls.forms import Form
from app.polls.models import (
    Ballot,
    Channel,
    Entry,
    PaperBallot,
    PaperState,
    Poll,
    PollState,
    Secrecy,
)
from app.polls.permissions import PAPER
from app.polls.problems import HasVoted, PaperDone, PollNotOpen, PollStep, SamePerson
from app.polls.proxies import scan

READ = """
UPDATE poll_paper_ballots
SET read_by_id = :reader, second_choice = :choice, read_at = :at,
    state = CASE WHEN choice = :choice THEN 'counted' ELSE 'differs' END
WHERE community_id = :community_id AND id = :id AND state = 'entered'
RETURNING state
"""
"""Of two who read a paper at once the later one finds that it is not `entered` any more."""
DISCARD = """
UPDATE poll_paper_ballots SET state = 'discarded'
WHERE community_id = :community_id AND id = :id AND state IN ('entered', 'differs')
RETURNING state
"""


def visible_to(me: Actor, poll: Poll) -> Select[PaperBallot]:
    """The papers of a poll; who works in a part of its place sees those of votes from there."""
    papers = select(PaperBallot).where(
        PaperBallot.community_id == poll.community_id, PaperBallot.poll_id == poll.id
    )
    if PAPER.allows(me, at=poll.place.path):
        return papers
    here = (
        select(Entry.id)
        .join(Place, Place.community_id == Entry.community_id)
        .where(
            Entry.community_id == PaperBallot.community_id,
            Entry.id == PaperBallot.entry_id,
            or_(Place.id == Entry.home_id, Place.id == Entry.grid_id),
            PAPER.places(me),
        )
    )
    return papers.where(here.exists())


async def enter(
    session: AsyncSession,
    poll: Poll,
    entry: Entry,
    *,
    choice: Mapping[str, Any],
    channel: Channel,
    witness: str | None = None,
    file_id: UUID | None = None,
    by: Actor,
) -> PaperBallot:
    """Put down what a paper says, as the first of two; it counts when the second reads the same.

    A vote from the door needs a witness. `PollNotOpen` after the close: a paper that was handed in
    before it must be entered and read before it, too. `HasVoted` where the vote was cast already,
    `PaperExists` where a paper of it waits or counted, `BallotInvalid` for a choice that does not
    fit, `PollStep` on a secret ballot, whose papers are entered by the box.
    """
    await demand(session, poll, entry, by)
    await _taking(session, poll)
    if channel is Channel.DOOR and not witness:
        words = "a vote from the door needs a witness"
        raise Invalid(errors=[{"path": "body.witness", "message": words}])
    written = checked(Form.model_validate(poll.form), choice)
    await scan(session, file_id, by=by)
    if await session.get(Ballot, (poll.community_id, poll.id, entry.id)):
        raise HasVoted
    paper = PaperBallot(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        entry_id=entry.id,
        channel=channel,
        choice=written,
        witness=witness,
        file_id=file_id,
        entered_by_id=by.id,
    )
    session.add(paper)
    await session.flush()
    await record(session, PaperEntered(poll_id=poll.id, paper_id=paper.id), by=by)
    return paper


async def read(
    session: AsyncSession, poll: Poll, paper: PaperBallot, *, choice: Mapping[str, Any], by: Actor
) -> PaperBallot:
    """Say what a paper says, as the second of two, without having seen what the first said.

    Read the same, it is `counted`; otherwise it `differs`, and is entered anew or put aside.
    `SamePerson` for who entered it, `PaperDone` where it was read before, `HasVoted` where the vote
    was cast on the page meanwhile: then nothing changes, and the paper can be put aside.
    """
    entry = await session.get_one(Entry, (poll.community_id, paper.entry_id))
    await demand(session, poll, entry, by)
    await _taking(session, poll)
    if paper.entered_by_id == by.id:
        raise SamePerson
    written = checked(Form.model_validate(poll.form), choice)
    values = {"reader": by.id, "choice": written, "at": now()}
    state = await _move(session, READ, paper, **values)
    event: type[PaperCounted | PaperDisputed] = PaperDisputed
    if state is PaperState.COUNTED:
        event = PaperCounted
        await _count(session, poll, paper, choice, by)
    await record(session, event(poll_id=poll.id, paper_id=paper.id), by=by)
    return paper


async def discard(
    session: AsyncSession, poll: Poll, paper: PaperBallot, *, by: Actor
) -> PaperBallot:
    """Put a paper aside that does not count; `PaperDone` where it counted or was put aside."""
    entry = await session.get_one(Entry, (poll.community_id, paper.entry_id))
    await demand(session, poll, entry, by)
    await _move(session, DISCARD, paper)
    await record(session, PaperDiscarded(poll_id=poll.id, paper_id=paper.id), by=by)
    return paper


async def demand(session: AsyncSession, poll: Poll, entry: Entry, by: Actor) -> None:
    """Refuse who may not enter papers of this vote: at the poll's place, or where it lives.

    Only people enter papers: two programs would be no two pairs of eyes.
    """
    if by.kind != "person":
        raise Forbidden(PAPER.name)
    if PAPER.allows(by, at=poll.place.path):
        return
    where = select(Place.id).where(
        Place.community_id == entry.community_id,
        or_(Place.id == entry.home_id, Place.id == entry.grid_id),
        PAPER.places(by),
    )
    if await session.scalar(where.limit(1)) is None:
        raise Forbidden(PAPER.name)


async def _taking(session: AsyncSession, poll: Poll) -> None:
    """Whether papers are taken at this moment, by the clock of the database."""
    if poll.secrecy is Secrecy.SECRET:
        raise PollStep(_("秘密投票的纸质选票按票箱录入"))
    intime = select(Poll.id).where(
        Poll.community_id == poll.community_id,
        Poll.id == poll.id,
        Poll.state == PollState.OPEN,
        func.clock_timestamp() < Poll.closes_at,
    )
    if await session.scalar(intime) is None:
        raise PollNotOpen


async def _count(
    session: AsyncSession, poll: Poll, paper: PaperBallot, choice: Mapping[str, Any], by: Actor
) -> None:
    """Let it be the vote; one that was there before is not changed by a paper: `HasVoted`."""
    await casting.cast(
        session,
        poll,
        person_id=None,
        choice=choice,
        channel=paper.channel,
        entry_id=paper.entry_id,
        by=by,
    )


async def _move(
    session: AsyncSession, statement: str, paper: PaperBallot, **values: object
) -> PaperState:
    named = {"community_id": paper.community_id, "id": paper.id, **values}
    state = await session.scalar(text(statement), named)
    if state is None:
        raise PaperDone
    await session.refresh(paper)
    return PaperState(state)
