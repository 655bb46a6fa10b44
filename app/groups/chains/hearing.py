"""Hearing the list that somebody sent in a group, and merging it into the one we keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import count
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.groups.chains import queries
from app.groups.chains.entries import Entry, compared
from app.groups.chains.merge import Kept, Merge, Sender, merge
from app.groups.chains.parse import Parsed, fingerprint, parse
from app.groups.chains.seats import displaces
from app.groups.chains.service import running, sender_in
from app.groups.events import ChainChanged, ChainOpened
from app.groups.masking import masked
from app.groups.models import Chain, ChainEntry, Group, GroupMember
from app.groups.problems import ChainIsClosed
from app.people.access import Actor

_OVER = timedelta(days=1)
"""How long a title that was closed stays closed for everybody who did not run it."""
_REMEMBERED = timedelta(days=30)
"""How long an old list is known for closed by the names on it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sign-up after somebody's list was heard."""

    chain: Chain
    opened: bool = False
    added: int = 0
    cancelled: int = 0
    edited: int = 0
    retitled: bool = False
    barred: tuple[str, ...] = ()
    """Names that their author sent again after staff had taken them off."""
    full: tuple[str, ...] = ()
    """Names that were to bring more people than there is room for, and stay as they were."""


async def hear(
    session: AsyncSession,
    group: Group,
    member: GroupMember,
    text: str,
    *,
    cut: bool = False,
    by: Actor,
) -> Outcome | None:
    """Merge the list that somebody sent into the one we keep; a title we do not know opens one.

    None of a message that is no list or only quotes one. Those who send lists at once take turns.
    With `cut` the end of the message may be missing, and nobody is taken off. `ChainIsClosed` for a
    list whose sign-up is over.
    """
    sent = parse(masked(text), cut=cut)
    if sent is None or sent.is_quote:
        return None
    sender = await sender_in(session, group, member, by=by)
    chain, opened = await _held(session, group, sent, sender)
    if opened:
        await record(session, ChainOpened(chain_id=chain.id, group_id=group.id), by=by)
    outcome = await _merged(session, chain, sent, running(chain, sender), member, opened=opened)
    if outcome.added or outcome.cancelled or outcome.edited or outcome.retitled:
        changed = ChainChanged(
            chain_id=chain.id,
            added=outcome.added,
            cancelled=outcome.cancelled,
            edited=outcome.edited,
            retitled=outcome.retitled,
        )
        await record(session, changed, by=by)
    return outcome


async def _held(
    session: AsyncSession, group: Group, sent: Parsed, sender: Sender
) -> tuple[Chain, bool]:
    """The sign-up of this title, ours alone until we are done, and whether it began just now."""
    mark = fingerprint(sent.headline)
    known = queries.open_in(group.community_id, group.id).where(Chain.fingerprint == mark)
    alone = known.with_for_update().execution_options(populate_existing=True)
    opened: UUID | None = None
    while (chain := await session.scalar(alone)) is None:
        if await _is_over(session, group, sent, sender, mark):
            raise ChainIsClosed
        opened = await _open(session, group, sent, sender, mark)
    return chain, chain.id == opened


async def _open(
    session: AsyncSession, group: Group, sent: Parsed, sender: Sender, mark: bytes
) -> UUID | None:
    """The id of a new sign-up; None where somebody else opened it at the same moment."""
    new = insert(Chain).values(
        community_id=group.community_id,
        id=new_id(),
        group_id=group.id,
        fingerprint=mark,
        title=_title(sent),
        capacity=sent.capacity,
        opened_by=sender.id,
        created_at=now(),
        version=1,
    )
    return await session.scalar(new.on_conflict_do_nothing().returning(Chain.id))


def _title(sent: Parsed) -> str:
    return "\n".join([*sent.title, *([sent.example] if sent.example else [])])


async def _is_over(
    session: AsyncSession, group: Group, sent: Parsed, sender: Sender, mark: bytes
) -> bool:
    """Whether this is a list that was closed, and not a new one of the same title."""
    closed = select(Chain).where(
        Chain.community_id == group.community_id,
        Chain.group_id == group.id,
        Chain.fingerprint == mark,
        Chain.closed_at > now() - _REMEMBERED,
    )
    chain = await session.scalar(closed.order_by(Chain.closed_at.desc()).limit(1))
    if chain is None or chain.closed_at is None:
        return False
    if not running(chain, sender).runs and chain.closed_at > now() - _OVER:
        return True
    rows = await session.scalars(queries.entries_of(chain.community_id, chain.id))
    known = {queries.entry_of(row).key for row in rows}
    return any(entry.key in known for entry in sent.entries)


async def _merged(
    session: AsyncSession,
    chain: Chain,
    sent: Parsed,
    sender: Sender,
    member: GroupMember,
    *,
    opened: bool,
) -> Outcome:
    """Write what the list changes; the same list again from the same sender changes nothing."""
    digest = sha256(repr((sender.id, sent)).encode(errors="replace")).digest()
    if chain.heard == digest:
        return Outcome(chain, opened=opened)
    rows = list(await session.scalars(queries.entries_of(chain.community_id, chain.id)))
    change = merge(await _kept(session, chain, rows), sent, sender)
    retitled = sender.runs and not opened and _retitle(chain, sent)
    full = _apply(rows, change, sender, chain.capacity)
    chain.heard = digest
    await session.flush()
    _sign_up(session, chain, rows, change.added, member)
    await session.flush()
    return Outcome(
        chain,
        opened=opened,
        added=len(change.added),
        cancelled=len(change.cancelled),
        edited=len(change.edited) - len(full),
        retitled=retitled,
        barred=tuple(entry.name for entry in change.barred),
        full=full,
    )


async def _kept(session: AsyncSession, chain: Chain, rows: Sequence[ChainEntry]) -> list[Kept]:
    """The rows as merging sees them, with whether each bears its author's name in the group."""
    authors = select(GroupMember.sender_id, GroupMember.name).where(
        GroupMember.community_id == chain.community_id,
        GroupMember.group_id == chain.group_id,
        GroupMember.sender_id.in_({row.sender_id for row in rows}),
    )
    called = {sender: compared(name) for sender, name in await session.execute(authors)}
    return [_as_kept(row, called.get(row.sender_id)) for row in rows]


def _as_kept(row: ChainEntry, called: str | None) -> Kept:
    entry = queries.entry_of(row)
    returns = {row.sender_id, row.cancelled_by} if row.cancelled_by else set()
    return Kept(
        row.id,
        entry,
        row.sender_id,
        cancelled=row.cancelled_at is not None,
        returns=frozenset(filter(None, returns)),
        signed=entry.key[0] == called,
    )


def _retitle(chain: Chain, sent: Parsed) -> bool:
    """Describe the sign-up as who runs it does now."""
    was = chain.title, chain.capacity
    if sent.title:
        chain.title, chain.capacity = _title(sent), sent.capacity
    return was != (chain.title, chain.capacity)


def _apply(
    rows: Sequence[ChainEntry], change: Merge, sender: Sender, capacity: int | None
) -> tuple[str, ...]:
    """Cancel and correct lines; returns the names of those that there is no room to enlarge."""
    by_id = {row.id: row for row in rows}
    for gone in change.cancelled:
        row = by_id[gone.id]
        row.cancelled_at, row.cancelled_by = now(), sender.id
    live = [row for row in rows if row.cancelled_at is None]
    full: list[str] = []
    for kept, entry in change.edited:
        row = by_id[kept.id]
        places = [each.places for each in live]
        if displaces(places, live.index(row), entry.places, capacity):
            full.append(row.name)
            continue
        if kept.entry.key != entry.key:
            row.name_key, row.unit_key = _free_key(live, entry)
        row.name, row.unit, row.places, row.note = entry.name, entry.unit, entry.places, entry.note
    return tuple(full)


def _sign_up(
    session: AsyncSession,
    chain: Chain,
    rows: Sequence[ChainEntry],
    added: Sequence[Entry],
    member: GroupMember,
) -> None:
    """Add the lines in the order of the list; one that bears the member's name is themselves."""
    live = [row for row in rows if row.cancelled_at is None]
    for entry in added:
        name_key, unit_key = _free_key(live, entry)
        row = ChainEntry(
            community_id=chain.community_id,
            id=new_id(),
            chain_id=chain.id,
            name=entry.name,
            unit=entry.unit,
            name_key=name_key,
            unit_key=unit_key,
            places=entry.places,
            note=entry.note,
            sender_id=member.sender_id,
            person_id=member.person_id if entry.key[0] == compared(member.name) else None,
        )
        session.add(row)
        live.append(row)


def _free_key(live: Sequence[ChainEntry], entry: Entry) -> tuple[str, str]:
    """What a line is kept under; of those that read the same, the second is `张三 2`."""
    name, home = entry.key
    taken = {(row.name_key, row.unit_key) for row in live}
    keys = (name if number == 1 else f"{name} {number}" for number in count(1))
    return next((key, home) for key in keys if (key, home) not in taken)
