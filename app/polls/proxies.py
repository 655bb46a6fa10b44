"""Written authority to cast another's vote, entered before the roll is made."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.files import File
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people.access import Actor
from app.people.models import Person
from app.polls.events import ProxyGiven, ProxyRevoked
from app.polls.models import Basis, Poll, PollState, Proxy
from app.polls.permissions import ROLL
from app.polls.problems import PollStep, ProxyOver, RollFrozen
from app.polls.still import still

_OFF = frozenset({PollState.REFUSED, PollState.CANCELLED})


def of(poll: Poll) -> Select[Proxy]:
    """The authorities that were given for a poll, also those taken back."""
    return select(Proxy).where(Proxy.community_id == poll.community_id, Proxy.poll_id == poll.id)


async def give(
    session: AsyncSession,
    poll: Poll,
    *,
    giver_id: UUID,
    holder_id: UUID,
    basis: Basis,
    paper: str,
    file_id: UUID | None = None,
    by: Actor,
) -> Proxy:
    """Let somebody cast another's votes, by a paper that says so.

    A holder may hold several; who gives gives to one, or it is `ProxyExists`. `RollFrozen` once
    the poll is open: an objection of the kind `proxy` is the way then. `Invalid` for people or a
    scan that are not there.
    """
    ROLL.demand(by, at=poll.place.path)
    await _before_opening(session, poll)
    if giver_id == holder_id:
        raise Invalid(errors=[{"path": "body.holder_id", "message": "is the giver"}])
    await _people(session, poll, giver_id=giver_id, holder_id=holder_id)
    await scan(session, file_id, by=by)
    proxy = Proxy(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        giver_id=giver_id,
        holder_id=holder_id,
        basis=basis,
        paper=paper,
        file_id=file_id,
        entered_by_id=by.id if by.kind == "person" else None,
    )
    session.add(proxy)
    await session.flush()
    await record(session, ProxyGiven(poll_id=poll.id, proxy_id=proxy.id), by=by)
    return proxy


async def revoke(session: AsyncSession, poll: Poll, proxy: Proxy, *, by: Actor) -> Proxy:
    """Take an authority back; `ProxyOver` if it was, `RollFrozen` once the poll is open."""
    ROLL.demand(by, at=poll.place.path)
    await _before_opening(session, poll)
    if proxy.revoked_at is not None:
        raise ProxyOver
    proxy.revoked_at = now()
    await session.flush()
    await record(session, ProxyRevoked(poll_id=poll.id, proxy_id=proxy.id), by=by)
    return proxy


async def scan(session: AsyncSession, file_id: UUID | None, *, by: Actor) -> None:
    """Refuse with `Invalid` a scan or a photo that the caller did not upload."""
    if file_id is None:
        return
    own = select(File.id).where(
        File.community_id == by.community_id, File.id == file_id, File.uploaded_by == by.id
    )
    if await session.scalar(own) is None:
        raise Invalid(errors=[{"path": "body.file_id", "message": "no such file of yours"}])


async def _before_opening(session: AsyncSession, poll: Poll) -> None:
    """Hold the poll as it is: the roll is made in the transaction that opens it."""
    state, opened = await still(session, poll)
    if opened:
        raise RollFrozen
    if state in _OFF:
        raise PollStep


async def _people(session: AsyncSession, poll: Poll, **ids: UUID) -> None:
    found = set(
        await session.scalars(
            select(Person.id).where(
                Person.community_id == poll.community_id,
                Person.id.in_(ids.values()),
                Person.merged_into_id.is_(None),
            )
        )
    )
    if missing := [name for name, each in ids.items() if each not in found]:
        words = "there is no such person here"
        raise Invalid(errors=[{"path": f"body.{name}", "message": words} for name in missing])
