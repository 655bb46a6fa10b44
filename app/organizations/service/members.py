"""Who works for an organisation: each by a post of partner where it works."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import NotFound
from app.organizations.events import MemberAdded, MemberLeft
from app.organizations.models import Member, Organization
from app.organizations.permissions import MANAGE, STAFF
from app.organizations.queries import members_of
from app.organizations.service.rights import demand, lent
from app.people import service as people
from app.people.access import Actor
from app.people.models import Person, Post, Role
from app.people.queries import posts_of


async def add_member(
    session: AsyncSession,
    organization: Organization,
    person: Person,
    *,
    head: bool = False,
    by: Actor,
) -> Member:
    """Let somebody we know work for an organisation, with a post of partner where it works.

    Its heads bring colleagues; who manages it names the heads. Raises `AlreadyMember`, and
    `NotFound` for an entry of the register that turned out to be somebody else's.
    """
    await _demand(session, organization, head=head, by=by)
    await _hold(session, organization)
    await _hold_person(session, person)
    member = Member(
        community_id=organization.community_id,
        id=new_id(),
        organization_id=organization.id,
        person_id=person.id,
        post_id=await _post(session, organization, person, by=by),
        head=head,
    )
    session.add(member)
    await session.flush()
    event = MemberAdded(
        organization_id=organization.id, member_id=member.id, person_id=person.id, head=head
    )
    await record(session, event, by=by)
    await session.refresh(member, ["person"])
    return member


async def hire_member(
    session: AsyncSession,
    organization: Organization,
    *,
    name: str,
    phone: str | None = None,
    login: str,
    password: str,
    head: bool = False,
    by: Actor,
) -> Member:
    """Let somebody new work for an organisation, who signs in by password; or `LoginTaken`."""
    await _demand(session, organization, head=head, by=by)
    await _hold(session, organization)
    person = await people.hire(
        session,
        name=name,
        phone=phone,
        login=login,
        password=password,
        place=organization.place,
        role=Role.PARTNER,
        by=lent(by, organization),
    )
    return await add_member(session, organization, person, head=head, by=by)


async def end_member(session: AsyncSession, member: Member, *, by: Actor) -> None:
    """Let somebody work for an organisation no more; the post goes when nothing else needs it.

    Raises `NotFound` when somebody else just ended it.
    """
    organization = member.organization
    await _demand(session, organization, head=member.head, by=by)
    await _hold(session, organization)
    await _hold_person(session, member.person)
    await session.refresh(member, ["ended_at", "post_id"])
    if member.ended_at is not None:
        raise NotFound
    member.ended_at = now()
    await session.flush()
    await _release(session, member.person, member.post_id, by=lent(by, organization))
    event = MemberLeft(
        organization_id=organization.id, member_id=member.id, person_id=member.person_id
    )
    await record(session, event, by=by)


async def move_posts(session: AsyncSession, organization: Organization, *, by: Actor) -> None:
    """Give everybody of an organisation that works elsewhere now their posts there."""
    members = members_of(organization.community_id, organization.id)
    for member in await session.scalars(members.order_by(Member.person_id)):
        await _hold_person(session, member.person)
        before = member.post_id
        member.post_id = await _post(session, organization, member.person, by=by)
        await session.flush()
        await _release(session, member.person, before, by=by)


async def hand_over(session: AsyncSession, gone_id: UUID, *, to: Person, by: Actor) -> None:
    """Let the memberships of one entry of the register be another's, which it turned out to be."""
    theirs = (Member.community_id == to.community_id, Member.person_id == gone_id)
    present = select(Member).where(*theirs, Member.ended_at.is_(None))
    organization = joinedload(Member.organization).joinedload(Organization.place)
    rows = present.options(organization, joinedload(Member.person)).order_by(Member.id)
    for member in list(await session.scalars(rows)):
        await end_member(session, member, by=by)
        same = members_of(to.community_id, member.organization_id).where(Member.person_id == to.id)
        if known := await session.scalar(same):
            known.head = known.head or member.head
        else:
            await add_member(session, member.organization, to, head=member.head, by=by)
    await session.execute(update(Member).where(*theirs).values(person_id=to.id))


async def _demand(
    session: AsyncSession, organization: Organization, *, head: bool, by: Actor
) -> None:
    if head:
        MANAGE.demand(by, at=organization.place.path)
    await demand(session, STAFF, organization, by)


async def _hold(session: AsyncSession, organization: Organization) -> None:
    """Keep the organisation where it works until we are done, and see where that is."""
    columns = ["place_id", "version"]
    await session.refresh(organization, columns, with_for_update={"key_share": True})
    await session.refresh(organization, ["place"])


async def _hold_person(session: AsyncSession, person: Person) -> None:
    """Let nobody else give or end posts of partner of this person, or merge them, meanwhile."""
    await session.refresh(person, ["merged_into_id"], with_for_update={"key_share": True})


async def _post(
    session: AsyncSession, organization: Organization, person: Person, *, by: Actor
) -> UUID:
    """The post of partner where the organisation works: the one they hold there, or a new one."""
    if person.merged_into_id is not None:
        raise NotFound
    held = posts_of(person.community_id, person.id).where(
        Post.place_id == organization.place_id,
        Post.role == Role.PARTNER,
        Post.speciality.is_(None),
    )
    if post := await session.scalar(held):
        return post.id
    given = await people.give_post(
        session, person, place=organization.place, role=Role.PARTNER, by=lent(by, organization)
    )
    return given.id


async def _release(session: AsyncSession, person: Person, post_id: UUID, *, by: Actor) -> None:
    """End a post of partner that no membership needs any more."""
    needed = select(Member.id).where(
        Member.community_id == person.community_id,
        Member.post_id == post_id,
        Member.ended_at.is_(None),
    )
    held = posts_of(person.community_id, person.id).where(Post.id == post_id)
    post = await session.scalar(held)
    if post and await session.scalar(needed.limit(1)) is None:
        await people.end_post(session, post, by=by)
