"""What follows for owners and proxies when two entries of the register are one person."""

from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.facts import reacts_to
from app.people.events import PeopleMerged
from app.polls.models import Deed, DeedOwner, Owner, OwnerKind, Poll, Proxy


@reacts_to(PeopleMerged)
async def follow_the_person(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """What one entry owned and was given authority for, the other has; rolls stay as they were."""
    await _merge_owners(session, event, community_id)
    owners = update(Owner).where(
        Owner.community_id == community_id, Owner.person_id == event.gone_id
    )
    await session.execute(owners.values(person_id=event.kept_id, version=Owner.version + 1))
    await _follow_proxies(session, event, community_id)


async def _merge_owners(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """One person is one owner: 法释〔2020〕17号 §9 counts them once."""
    both = select(Owner).where(
        Owner.community_id == community_id,
        Owner.kind == OwnerKind.PERSON,
        Owner.person_id.in_([event.kept_id, event.gone_id]),
    )
    found = {owner.person_id: owner for owner in await session.scalars(both.with_for_update())}
    if len(found) < len((event.kept_id, event.gone_id)):
        return
    kept, gone = found[event.kept_id], found[event.gone_id]
    same = aliased(DeedOwner)
    already = select(same.deed_id).where(
        same.community_id == community_id, same.owner_id == kept.id
    )
    theirs = DeedOwner.community_id == community_id, DeedOwner.owner_id == gone.id
    doubled = delete(DeedOwner).where(*theirs, DeedOwner.deed_id.in_(already))
    await session.execute(doubled.execution_options(synchronize_session=False))
    await session.execute(update(DeedOwner).where(*theirs).values(owner_id=kept.id))
    named = update(Deed).where(Deed.community_id == community_id, Deed.voter_id == gone.id)
    await session.execute(named.values(voter_id=kept.id, version=Deed.version + 1))
    await session.delete(gone)
    await session.flush()


async def _follow_proxies(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """Of polls whose roll is not made yet; who gave twice, or to themselves, gave once or not."""
    rows = select(Proxy).join(
        Poll, (Poll.community_id == Proxy.community_id) & (Poll.id == Proxy.poll_id)
    )
    both = [event.kept_id, event.gone_id]
    found = await session.scalars(
        rows.where(
            Proxy.community_id == community_id,
            Proxy.revoked_at.is_(None),
            Poll.opened_at.is_(None),
            or_(Proxy.giver_id.in_(both), Proxy.holder_id.in_(both)),
        )
        .order_by(Proxy.id)
        .with_for_update(of=Proxy)
    )
    kept: list[tuple[Proxy, UUID, UUID]] = []
    given: set[UUID] = set()
    for proxy in found:
        giver, holder = (
            event.kept_id if each == event.gone_id else each
            for each in (proxy.giver_id, proxy.holder_id)
        )
        if giver == holder or (giver == event.kept_id and proxy.poll_id in given):
            proxy.revoked_at = now()
            continue
        kept.append((proxy, giver, holder))
        given |= {proxy.poll_id} if giver == event.kept_id else set()
    await session.flush()
    for proxy, giver, holder in kept:
        proxy.giver_id, proxy.holder_id = giver, holder
