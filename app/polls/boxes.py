"""Secret votes on paper: who took part and what was in the box, read by two, never paired."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.i18n import _
from app.core.ids import new_id
from app.core.problems import Forbidden, Invalid
from app.people.access import Actor
from app.polls.counting import checked
from app.polls.entries import on_roll
from app.polls.events import PaperCounted, PaperDiscarded, PaperDisputed, PaperEntered
from app.polls.forms import Form
from app.polls.models import Entry, PaperBox, PaperState, Participation, Poll, PollState, Secrecy
from app.polls.permissions import PAPER
from app.polls.problems import BoxTooSmall, PaperDone, PollNotOpen, PollStep, SamePerson
from app.polls.recount import canonical, digest, leaf_of

Counted: TypeAlias = Sequence[tuple[Mapping[str, Any], int]]
"""What was voted, and how many papers said so."""

LEAST = 10
"""Among fewer the list of who took part would tell who voted what."""
READ = """
UPDATE poll_paper_boxes
SET read_by_id = :reader, state = CASE WHEN digest = :digest THEN 'counted' ELSE 'differs' END
WHERE community_id = :community_id AND id = :id AND state = 'entered'
RETURNING state
"""
DISCARD = """
UPDATE poll_paper_boxes SET state = 'discarded'
WHERE community_id = :community_id AND id = :id AND state IN ('entered', 'differs')
RETURNING state
"""
COUNT = """
WITH taking AS (
    SELECT community_id, id FROM polls
    WHERE community_id = :community_id AND id = :poll_id AND state = 'open'
      AND secrecy = 'secret' AND clock_timestamp() < closes_at
    FOR SHARE
), took_part AS (
    INSERT INTO poll_participations (community_id, poll_id, entry_id)
    SELECT e.community_id, e.poll_id, e.id
    FROM taking JOIN poll_entries e ON e.community_id = taking.community_id
        AND e.poll_id = taking.id AND e.struck_by_id IS NULL
    WHERE e.id = ANY(CAST(:entries AS uuid[]))
    ORDER BY e.id
    RETURNING entry_id
), box AS (
    INSERT INTO poll_intake (community_id, poll_id, leaf, nonce, choice)
    SELECT taking.community_id, taking.id, paper.leaf, paper.nonce, paper.choice
    FROM taking, unnest(
        CAST(:leaves AS bytea[]), CAST(:nonces AS text[]), CAST(:choices AS text[])
    ) AS paper (leaf, nonce, choice)
    ORDER BY paper.leaf
    RETURNING leaf
)
SELECT (SELECT count(*) FROM took_part), (SELECT count(*) FROM box)
"""
"""Who took part goes in by the order of ids, what was voted by that of leaves, which is chance."""


def of(poll: Poll) -> Select[PaperBox]:
    """The boxes of a poll."""
    return select(PaperBox).where(
        PaperBox.community_id == poll.community_id, PaperBox.poll_id == poll.id
    )


async def enter(
    session: AsyncSession, poll: Poll, *, entries: Sequence[str], choices: Counted, by: Actor
) -> PaperBox:
    """Put down who took part and what the papers of a box say, as the first of two.

    Only a digest is kept until the second has entered the same. `BoxTooSmall` under ten,
    `PollStep` where votes are recorded, `PollNotOpen` when it is not open, `Invalid` for codes
    that are not on the roll or voted already, or when papers and voters are not as many.
    """
    _demand(poll, by)
    papers, found = await _checked(session, poll, entries, choices)
    await _refuse_voted(session, poll, found)
    box_id = new_id()
    box = PaperBox(
        community_id=poll.community_id,
        id=box_id,
        poll_id=poll.id,
        digest=_digest(box_id, found, papers),
        size=len(found),
        entered_by_id=by.id,
    )
    session.add(box)
    await session.flush()
    await record(session, PaperEntered(poll_id=poll.id, paper_id=box.id), by=by)
    return box


async def read(
    session: AsyncSession,
    poll: Poll,
    box: PaperBox,
    *,
    entries: Sequence[str],
    choices: Counted,
    by: Actor,
) -> PaperBox:
    """Enter the same box again, as the second of two: the same counts, all of it or nothing.

    Otherwise it `differs`, and is entered anew or put aside. Where somebody in it has voted on the
    page meanwhile, `Invalid` names them, nothing is counted, and the box waits. `SamePerson` for
    who entered it, `PaperDone` where it was read before.
    """
    _demand(poll, by)
    if box.entered_by_id == by.id:
        raise SamePerson
    papers, found = await _checked(session, poll, entries, choices)
    values = {"reader": by.id, "digest": _digest(box.id, found, papers)}
    state = await _move(session, READ, box, **values)
    event: type[PaperCounted | PaperDisputed] = PaperDisputed
    if state is PaperState.COUNTED:
        event = PaperCounted
        await _count(session, poll, found, papers)
    await record(session, event(poll_id=poll.id, paper_id=box.id), by=by)
    return box


async def discard(session: AsyncSession, poll: Poll, box: PaperBox, *, by: Actor) -> PaperBox:
    """Put a box aside that does not count; `PaperDone` where it counted or was put aside."""
    _demand(poll, by)
    await _move(session, DISCARD, box)
    await record(session, PaperDiscarded(poll_id=poll.id, paper_id=box.id), by=by)
    return box


def _demand(poll: Poll, by: Actor) -> None:
    if by.kind != "person":
        raise Forbidden(PAPER.name)
    PAPER.demand(by, at=poll.place.path)
    if poll.secrecy is not Secrecy.SECRET:
        raise PollStep(_("记名投票的纸质选票逐张录入"))


async def _checked(
    session: AsyncSession, poll: Poll, entries: Sequence[str], choices: Counted
) -> tuple[Counter[str], list[Entry]]:
    """The papers by what they say, and who took part; refused before anything is looked up."""
    if poll.state is not PollState.OPEN:
        raise PollNotOpen
    form = Form.model_validate(poll.form)
    papers: Counter[str] = Counter()
    for choice, times in choices:
        papers[checked(form, choice)] += times
    if len(set(entries)) < len(entries):
        raise Invalid(errors=[{"path": "body.entries", "message": "names one vote twice"}])
    if papers.total() != len(entries):
        words = "there have to be as many papers as votes that took part"
        raise Invalid(errors=[{"path": "body.choices", "message": words}])
    if len(entries) < LEAST:
        raise BoxTooSmall
    return papers, await on_roll(session, poll, entries)


def _digest(box_id: UUID, found: Sequence[Entry], papers: Counter[str]) -> bytes:
    held = {"entries": sorted(entry.code for entry in found), "papers": sorted(papers.items())}
    return digest("palm/box/1", str(box_id).encode(), canonical(held))


async def _count(
    session: AsyncSession, poll: Poll, found: Sequence[Entry], papers: Counter[str]
) -> None:
    """Put the whole box with the other ballots, each under a nonce that nobody chose."""
    choices = list(papers.elements())
    nonces = [secrets.token_hex(16) for _choice in choices]
    values = {
        "community_id": poll.community_id,
        "poll_id": poll.id,
        "entries": [entry.id for entry in found],
        "leaves": [
            leaf_of(str(poll.id), nonce, choice)
            for nonce, choice in zip(nonces, choices, strict=True)
        ],
        "nonces": nonces,
        "choices": choices,
    }
    try:
        async with session.begin_nested():
            took_part, counted = (await session.execute(text(COUNT), values)).one()
    except IntegrityError:
        await _refuse_voted(session, poll, found)
        raise
    if not counted:
        raise PollNotOpen
    if took_part != counted:
        raise Invalid(errors=[{"path": "body.entries", "message": "the roll has changed"}])


async def _refuse_voted(session: AsyncSession, poll: Poll, found: Sequence[Entry]) -> None:
    """Refuse the whole box with `Invalid` where any of them has voted."""
    rows = await session.scalars(
        select(Participation.entry_id).where(
            Participation.community_id == poll.community_id,
            Participation.poll_id == poll.id,
            Participation.entry_id.in_([entry.id for entry in found]),
        )
    )
    voted = set(rows)
    if errors := [
        {"path": f"body.entries.{at}", "message": "has voted already"}
        for at, entry in enumerate(found)
        if entry.id in voted
    ]:
        raise Invalid(errors=errors)


async def _move(
    session: AsyncSession, statement: str, box: PaperBox, **values: object
) -> PaperState:
    named = {"community_id": box.community_id, "id": box.id, **values}
    state = await session.scalar(text(statement), named)
    if state is None:
        raise PaperDone
    await session.refresh(box)
    return PaperState(state)
