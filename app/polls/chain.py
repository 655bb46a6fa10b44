"""The chain of a poll: every link covers all before it, and its head is published as it arises."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.people.access import system
from app.polls.events import HeadPublished
from app.polls.models import Intake, Link, LinkKind, Poll, SealedBallot

_PREFIX = 10
"""Bytes of a leaf that its receipt spells."""
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = 16
_ALIKE = str.maketrans("ILO", "110", "- ")
"""What is read for what it looks like, as Crockford has it, and what only parts the groups."""


@dataclass(frozen=True, slots=True)
class Found:
    """A ballot of the list, known by its receipt; never what it says."""

    leaf: bytes
    batch: int | None
    """The number of the link it was sealed under; None as long as it waits for others."""


def links_of(community_id: UUID, poll_id: UUID) -> Select[Link]:
    """The chain of a poll from its opening on."""
    return (
        select(Link)
        .where(Link.community_id == community_id, Link.poll_id == poll_id)
        .order_by(Link.number)
    )


async def latest(session: AsyncSession, poll: Poll) -> Link:
    """The last link, with the chain nobody else's to lengthen until the transaction ends.

    Its opening is locked rather than the poll, whose row votes share. The chain has one from the
    opening on; before that there is none to ask for.
    """
    chain = links_of(poll.community_id, poll.id)
    await session.execute(chain.where(Link.number == 0).with_for_update())
    last = await session.scalars(chain.order_by(None).order_by(Link.number.desc()).limit(1))
    return last.one()


async def append(  # noqa: PLR0917 - in the order of the columns
    session: AsyncSession,
    poll: Poll,
    kind: LinkKind,
    size: int,
    payload: dict[str, Any],
    head: bytes,
) -> Link:
    """Add a link and publish its head; the opening first, each of the others after `latest`."""
    number = 0 if kind is LinkKind.OPENING else (await latest(session, poll)).number + 1
    link = Link(
        community_id=poll.community_id,
        poll_id=poll.id,
        number=number,
        kind=kind,
        head=head,
        size=size,
        payload=payload,
    )
    session.add(link)
    await session.flush()
    event = HeadPublished(poll_id=poll.id, number=number, head=head.hex())
    await record(session, event, by=system(poll.community_id))
    return link


def _prefix(code: str) -> bytes | None:
    """The first bytes of the leaf that a receipt spells, however it was typed."""
    signs = code.strip().upper().translate(_ALIKE)
    if len(signs) != _CODE or any(sign not in _SIGNS for sign in signs):
        return None
    number = 0
    for sign in signs:
        number = number << 5 | _SIGNS.index(sign)
    return number.to_bytes(_PREFIX, "big")


async def find(session: AsyncSession, poll: Poll, code: str) -> Found | None:
    """The secret ballot that a receipt is for, in the list or waiting to be; None for neither."""
    prefix = _prefix(code)
    if prefix is None:
        return None
    first, last = prefix + bytes(32 - _PREFIX), prefix + b"\xff" * (32 - _PREFIX)
    sealed = select(SealedBallot.leaf, SealedBallot.batch).where(
        SealedBallot.community_id == poll.community_id,
        SealedBallot.poll_id == poll.id,
        SealedBallot.leaf.between(first, last),
    )
    if row := (await session.execute(sealed)).first():
        return Found(*row)
    waiting = select(Intake.leaf).where(
        Intake.community_id == poll.community_id,
        Intake.poll_id == poll.id,
        Intake.leaf.between(first, last),
    )
    leaf = await session.scalar(waiting)
    return None if leaf is None else Found(leaf, None)
