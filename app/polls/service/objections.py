"""Objections against a roll: raised and decided only as long as the poll is open."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import existing
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Forbidden, Invalid
from app.people.access import Actor
from app.people.models import Person
from app.polls import chain, queries, recount
from app.polls.events import ObjectionDecided, ObjectionRaised
from app.polls.models import (
    Entry,
    LinkKind,
    Objection,
    ObjectionKind,
    ObjectionState,
    Poll,
)
from app.polls.permissions import OBJECTIONS, ROLL
from app.polls.problems import ObjectionDecided as Decided
from app.polls.problems import PollNotOpen
from app.polls.service import remedies
from app.polls.service.remedies import Remedy

_NOT_THERE = "there is no such thing here"


def open_still(community_id: UUID, poll_id: UUID) -> Select[bool]:
    """Whether a poll takes votes, which it does then until this transaction ends.

    A close waits for whoever holds its answer, and who asks while it closes waits for the close.
    """
    mine = Poll.community_id == community_id, Poll.id == poll_id
    return select(queries.in_time()).where(*mine).with_for_update(read=True)


async def raise_against(
    session: AsyncSession,
    poll: Poll,
    *,
    kind: ObjectionKind,
    person_id: UUID,
    entry_id: UUID | None = None,
    text: str,
    by: Actor,
) -> Objection:
    """Say that the roll is not right about somebody: oneself, or staff who keep rolls for them.

    Raises `PollNotOpen`, `Forbidden`, `Invalid` for a person or an entry that is none, and
    `ObjectionPending` for a second of a kind.
    """
    if not await session.scalar(open_still(poll.community_id, poll.id)):
        raise PollNotOpen
    staff = ROLL.allows(by, at=poll.place.path)
    if not staff and not (by.kind == "person" and person_id == by.id):
        raise Forbidden(ROLL.name)
    if not await session.get(Person, (poll.community_id, person_id)):
        raise Invalid(errors=[{"path": "body.person_id", "message": _NOT_THERE}])
    if kind is ObjectionKind.MISSING:
        entry_id = None
    elif not await _known(session, poll, entry_id, None if staff else person_id):
        raise Invalid(errors=[{"path": "body.entry_id", "message": _NOT_THERE}])
    objection = Objection(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        person_id=person_id,
        kind=kind,
        entry_id=entry_id,
        text=text,
    )
    session.add(objection)
    await session.flush()
    event = ObjectionRaised(poll_id=poll.id, objection_id=objection.id)
    await record(session, event, by=by)
    return objection


async def _known(
    session: AsyncSession, poll: Poll, entry_id: UUID | None, person_id: UUID | None
) -> bool:
    """Whether the roll has this vote; of a person, whether it has it as one they may cast."""
    entries: Select[Entry] = select(Entry).where(
        Entry.community_id == poll.community_id,
        Entry.poll_id == poll.id,
        Entry.struck_by_id.is_(None),
    )
    if person_id:
        entries = queries.votes_of(poll.community_id, poll.id, person_id)
    return await session.scalar(entries.where(Entry.id == entry_id)) is not None


async def decide(
    session: AsyncSession,
    poll: Poll,
    objection_id: UUID,
    *,
    upheld: bool,
    answer: str,
    remedy: Remedy | None = None,
    by: Actor,
) -> Objection:
    """Uphold an objection, which changes the roll by one more link, or reject it; both say why.

    One decides at a time, and no vote is cast meanwhile. Raises `PollNotOpen`,
    `ObjectionDecided`, and what `remedies.apply` does.
    """
    OBJECTIONS.demand(by, at=poll.place.path)
    held = queries.locking(poll.community_id, poll.id).add_columns(queries.in_time())
    if not (await session.execute(held)).one()[1]:
        raise PollNotOpen
    objection = await _pending(session, poll, objection_id)
    objection.state = ObjectionState.UPHELD if upheld else ObjectionState.REJECTED
    objection.answer, objection.decided_at = answer, now()
    objection.decided_by_id = by.id if by.kind == "person" else None
    await session.flush()
    if upheld:
        added, struck = await remedies.apply(session, poll, objection, remedy or Remedy())
        await _link(session, poll, added, struck)
    event = ObjectionDecided(poll_id=poll.id, objection_id=objection.id, upheld=upheld)
    await record(session, event, by=by)
    return objection


def raised(poll: Poll, objection_id: UUID) -> Select[Objection]:
    """One objection to the roll of a poll, as it stands now."""
    mine = select(Objection).where(
        Objection.community_id == poll.community_id,
        Objection.poll_id == poll.id,
        Objection.id == objection_id,
    )
    return mine.execution_options(populate_existing=True)


async def _pending(session: AsyncSession, poll: Poll, objection_id: UUID) -> Objection:
    objection = await existing(session, raised(poll, objection_id))
    if objection.state is not ObjectionState.PENDING:
        raise Decided
    return objection


async def _link(
    session: AsyncSession, poll: Poll, added: Sequence[Entry], struck: Sequence[Entry]
) -> None:
    """Put down what changed; who may cast a vote changes no line, and is linked as no change."""
    lines = [recount.roll_line(*parts_of(entry)) for entry in added]
    codes = sorted(entry.code for entry in struck)
    last = await chain.latest(session, poll)
    head = recount.roll_head(last.head, last.number + 1, lines, codes)
    payload = {"added": [list(parts_of(entry)) for entry in added], "struck": codes}
    await chain.append(session, poll, LinkKind.ROLL, len(added) + len(struck), payload, head)


def parts_of(entry: Entry) -> tuple[str, str, int, int]:
    """An entry as the chain holds it, without a name: code, digest of the key, area, homes."""
    digest = recount.key_digest_of(str(entry.poll_id), entry.key)
    return entry.code, digest, entry.area, entry.homes
