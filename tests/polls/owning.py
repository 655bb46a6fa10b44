"""Owners, deeds and assemblies for tests."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.models import Person
from app.places.models import Place
from app.polls.electorates import Electorate, Unit
from app.polls.forms import Matter, Method
from app.polls.models import (
    AreaSource,
    Basis,
    Deed,
    DeedOwner,
    Entry,
    Owner,
    OwnerKind,
    Poll,
    PollKind,
    Proxy,
    Voter,
)
from tests.polls.builders import a_form, a_poll, a_question


async def an_owner(
    session: AsyncSession,
    root: Place,
    person: Person | None = None,
    *,
    name: str = "张三",
    kind: OwnerKind = OwnerKind.PERSON,
) -> Owner:
    """Somebody on the register of owners; known as a person, or not."""
    owner = Owner(
        community_id=root.community_id,
        id=new_id(),
        kind=kind,
        name=person.name or name if person else name,
        person_id=person and person.id,
    )
    session.add(owner)
    await session.flush()
    return owner


async def a_deed(
    session: AsyncSession, home: Place, *owners: Owner, area: int = 8950, voter: Owner | None = None
) -> Deed:
    """A home that belongs to these; its area in 0.01 m²."""
    deed = Deed(
        community_id=home.community_id,
        id=new_id(),
        home_id=home.id,
        area=area,
        area_source=AreaSource.REGISTRY,
        voter_id=voter and voter.id,
    )
    session.add(deed)
    await session.flush()
    session.add_all(
        DeedOwner(community_id=home.community_id, id=new_id(), deed_id=deed.id, owner_id=each.id)
        for each in owners
    )
    await session.flush()
    return deed


async def an_assembly(
    session: AsyncSession, place: Place, *, within: Sequence[Place] = (), **columns: Any
) -> Poll:
    """A draft of an owners' assembly on an ordinary matter."""
    question = a_question(method=Method.YES_NO, matter=Matter.FUND_USE)
    return await a_poll(
        session,
        place,
        kind=PollKind.ASSEMBLY,
        form=a_form(question),
        electorate=Electorate(unit=Unit.OWNER, places=[each.id for each in within]),
        **columns,
    )


async def a_proxy(
    session: AsyncSession, poll: Poll, giver: Person, holder: Person, basis: Basis = Basis.PROXY
) -> Proxy:
    """A written authority for a poll."""
    proxy = Proxy(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        giver_id=giver.id,
        holder_id=holder.id,
        basis=basis,
        paper="2026-11-20 第1号",
    )
    session.add(proxy)
    await session.flush()
    return proxy


async def the_roll(session: AsyncSession, poll: Poll) -> dict[str, Entry]:
    """The entries of a roll, by label."""
    entries = await session.scalars(select(Entry).where(Entry.poll_id == poll.id))
    return {entry.label: entry for entry in entries}


async def who_votes(session: AsyncSession, entry: Entry) -> dict[UUID, Basis]:
    """Who may cast this vote, and by what right."""
    voters = await session.scalars(select(Voter).where(Voter.entry_id == entry.id))
    return {voter.person_id: voter.basis for voter in voters}
