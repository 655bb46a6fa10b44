"""Whoever speaks in a group and whoever follows the service account, known to be one person.

A code is given out in the group and said once to the service account. Everybody in the group reads
it: whoever says it first is who the asker is taken for, so that both ends are told of it, and the
asker can undo it where they asked.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.crypto import blind_index
from app.core.facts import record
from app.core.ids import new_id
from app.core.limits import take
from app.core.problems import Unavailable
from app.groups.events import SenderBound, SenderUnbound
from app.groups.models import Binding, BindingCode, Bot, Group, GroupMember
from app.groups.problems import BindingCodeWrong, SenderIsBound
from app.people.access import Actor
from app.people.models import Identity

CODE_LIFE = timedelta(minutes=10)
_DIGITS = 6
_DRAWS = 5
"""A code that is out already is drawn again."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Who became known, and where."""

    bot: Bot
    sender_id: str
    name: str
    """As they call themselves in the group; empty where they were not heard in one."""
    group: Group | None
    """Where the code was asked for."""


def _digest(code: str) -> bytes:
    return blind_index(code, "groups.binding_codes")


async def issue(session: AsyncSession, bot: Bot, sender_id: str, group: Group | None) -> str:
    """A code of six digits for who is not known yet; it replaces the one before.

    It works once, for ten minutes. Raises `TooManyRequests` after five in ten minutes.
    """
    await take(session, f"binding code for {bot.id} {sender_id}", burst=5, per_seconds=600.0)
    for _ in range(_DRAWS):
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        if await _given_out(session, bot, sender_id, group, code):
            return code
    raise Unavailable


async def _given_out(
    session: AsyncSession, bot: Bot, sender_id: str, group: Group | None, code: str
) -> bool:
    """Keep a code; False when somebody else has the same."""
    digest = _digest(code)
    here = BindingCode.community_id == bot.community_id
    theirs = here, BindingCode.bot_id == bot.id, BindingCode.sender_id == sender_id
    await session.execute(delete(BindingCode).where(*theirs))
    expired = here, BindingCode.digest == digest, BindingCode.expires_at < now()
    await session.execute(delete(BindingCode).where(*expired))
    put = insert(BindingCode).values(
        id=new_id(),
        community_id=bot.community_id,
        bot_id=bot.id,
        sender_id=sender_id,
        group_id=group and group.id,
        digest=digest,
        expires_at=now() + CODE_LIFE,
    )
    kept = put.on_conflict_do_nothing().returning(BindingCode.id)
    return await session.scalar(kept) is not None


async def redeem(session: AsyncSession, identity: Identity, code: str) -> Bound:
    """Let the sender who asked for this code be known as whoever says it.

    Raises `BindingCodeWrong`, `SenderIsBound`, and `TooManyRequests` after five tries in ten
    minutes.
    """
    await take(session, f"binding code by {identity.id}", burst=5, per_seconds=600.0)
    community_id, person_id = identity.community_id, identity.person_id
    bot_id, sender_id, group_id = await _spent(session, community_id, code)
    binding = insert(Binding).values(
        id=new_id(),
        community_id=community_id,
        bot_id=bot_id,
        sender_id=sender_id,
        person_id=person_id,
    )
    if await session.scalar(binding.on_conflict_do_nothing().returning(Binding.id)) is None:
        raise SenderIsBound
    bot = await session.get_one(Bot, (community_id, bot_id))
    members = update(GroupMember).where(*_entries(bot, sender_id)).values(person_id=person_id)
    await session.execute(members.execution_options(synchronize_session=False))
    name = await session.scalar(
        select(GroupMember.name)
        .where(*_entries(bot, sender_id))
        .order_by(GroupMember.last_seen_at.desc().nulls_last())
        .limit(1)
    )
    by = Actor(community_id, "person", person_id)
    await record(session, SenderBound(person_id=person_id, bot_id=bot_id), by=by)
    group = await session.get(Group, (community_id, group_id)) if group_id else None
    return Bound(bot, sender_id, name or "", group)


async def _spent(
    session: AsyncSession, community_id: UUID, code: str
) -> tuple[UUID, str, UUID | None]:
    """Whose code it is, which works no more."""
    spent = (
        delete(BindingCode)
        .where(
            BindingCode.community_id == community_id,
            BindingCode.digest == _digest("".join(normalize("NFKC", code[:40]).split())),
            BindingCode.expires_at > now(),
        )
        .returning(BindingCode.bot_id, BindingCode.sender_id, BindingCode.group_id)
    )
    row = (await session.execute(spent)).one_or_none()
    if row is None:
        raise BindingCodeWrong
    return row.bot_id, row.sender_id, row.group_id


def _entries(bot: Bot, sender_id: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions on `GroupMember` that select this sender in all groups of the bot."""
    heard = select(Group.id).where(Group.community_id == bot.community_id, Group.bot_id == bot.id)
    return (
        GroupMember.community_id == bot.community_id,
        GroupMember.sender_id == sender_id,
        GroupMember.group_id.in_(heard),
    )


async def undo(session: AsyncSession, bot: Bot, sender_id: str, *, by: Actor) -> bool:
    """Take the sender for nobody again; False when they were nobody. It is theirs to ask for."""
    theirs = Binding.bot_id == bot.id, Binding.sender_id == sender_id
    return await _undone(session, bot.community_id, theirs, by=by) > 0


async def undo_all(session: AsyncSession, identity: Identity, *, by: Actor) -> int:
    """Take nobody in any group for this person any more; how many accounts that were."""
    theirs = (Binding.person_id == identity.person_id,)
    return await _undone(session, identity.community_id, theirs, by=by)


async def _undone(
    session: AsyncSession,
    community_id: UUID,
    which: tuple[ColumnElement[bool], ...],
    *,
    by: Actor,
) -> int:
    gone = delete(Binding).where(Binding.community_id == community_id, *which)
    rows = (
        await session.execute(gone.returning(Binding.bot_id, Binding.sender_id, Binding.person_id))
    ).all()
    for bot_id, sender_id, person_id in rows:
        bot = await session.get_one(Bot, (community_id, bot_id))
        members = update(GroupMember).where(*_entries(bot, sender_id)).values(person_id=None)
        await session.execute(members.execution_options(synchronize_session=False))
        await record(session, SenderUnbound(person_id=person_id, bot_id=bot_id), by=by)
    return len(rows)
