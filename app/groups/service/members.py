"""Who is what in a group: who runs it, and who answers for the property company."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.groups.events import MemberTitled
from app.groups.models import Group, GroupKind, GroupMember, GroupState, Title
from app.groups.permissions import MANAGE
from app.groups.problems import GroupNotOpen
from app.groups.queries import members_of, named
from app.people.access import Actor
from app.people.models import Person


async def _entry(session: AsyncSession, group: Group, person_id: UUID) -> GroupMember | None:
    """The entry of a person in a group, apart from those they speak by."""
    own = select(GroupMember).where(
        GroupMember.community_id == group.community_id,
        GroupMember.group_id == group.id,
        GroupMember.sender_id == named(person_id),
    )
    return await session.scalar(own)


async def _named(session: AsyncSession, group: Group, person: Person) -> GroupMember:
    """The same, made where there is none.

    What a person is stands in this entry alone: whose account they speak by can turn out wrong.
    """
    entry = insert(GroupMember).values(
        community_id=group.community_id,
        id=new_id(),
        group_id=group.id,
        sender_id=named(person.id),
        name=person.name or "",
        person_id=person.id,
        title=Title.MEMBER,
        first_seen_at=now(),
    )
    await session.execute(entry.on_conflict_do_nothing())
    own = GroupMember.sender_id == named(person.id)
    rows = members_of(group.community_id, group.id, left=True).where(own)
    return (await session.scalars(rows)).one()


async def title(
    session: AsyncSession, entries: Iterable[GroupMember], now_is: Title, *, by: Actor
) -> None:
    """Let entries of a group have this title, and write down of each that changes what it was."""
    for entry in entries:
        if entry.title is now_is:
            continue
        was, entry.title = entry.title, now_is
        await session.flush()
        event = MemberTitled(group_id=entry.group_id, member_id=entry.id, was=was, now=now_is)
        await record(session, event, by=by)


async def owned_by(session: AsyncSession, group: Group, owner: Person, *, by: Actor) -> None:
    """Let a group be this person's, and nobody else be called its owner."""
    others = select(GroupMember).where(
        GroupMember.community_id == group.community_id,
        GroupMember.group_id == group.id,
        GroupMember.title == Title.OWNER,
        GroupMember.person_id.is_distinct_from(owner.id),
    )
    await title(session, await session.scalars(others), Title.MEMBER, by=by)
    entry = await _named(session, group, owner)
    if entry.title is Title.MEMBER:
        await title(session, [entry], Title.OWNER, by=by)


async def name_member(
    session: AsyncSession, group: Group, person: Person, called: Title, *, by: Actor
) -> GroupMember:
    """Say what somebody we know is in a group, though they may not have spoken there."""
    _demand(group, called, by)
    entry = await _named(session, group, person)
    await title(session, [entry], called, by=by)
    return entry


async def give_title(
    session: AsyncSession, group: Group, member: GroupMember, called: Title, *, by: Actor
) -> GroupMember:
    """Say what somebody who was heard in a group is there."""
    _demand(group, called, by)
    await title(session, [member], called, by=by)
    return member


def _demand(group: Group, called: Title, by: Actor) -> None:
    MANAGE.demand(by, at=group.place.path)
    if group.state is not GroupState.OPEN:
        raise GroupNotOpen
    if called is Title.OWNER:
        message = "who owns a group is said of the group, by owner_id"
        raise Invalid(errors=[{"path": "body.title", "message": message}])


async def joins_company(
    session: AsyncSession, groups: Iterable[Group], person: Person, *, by: Actor
) -> None:
    """Let somebody's words in these groups be those of the property company."""
    for group in groups:
        entry = await _named(session, group, person)
        if entry.title in (Title.MEMBER, Title.OWNER):
            await title(session, [entry], Title.COMPANY, by=by)


async def leaves_company(
    session: AsyncSession, groups: Iterable[Group], person_id: UUID, *, by: Actor
) -> None:
    """Let somebody's words in these groups be their own again."""
    for group in groups:
        entry = await _entry(session, group, person_id)
        if entry and entry.title is Title.COMPANY:
            own = Title.OWNER if group.owner_id == person_id else Title.MEMBER
            await title(session, [entry], own, by=by)


async def overseen(session: AsyncSession, community_id: UUID, organization_id: UUID) -> list[Group]:
    """The open groups in which a property company answers, nobody else's to change meanwhile."""
    groups = select(Group).where(
        Group.community_id == community_id,
        Group.organization_id == organization_id,
        Group.kind == GroupKind.PROPERTY,
        Group.state == GroupState.OPEN,
    )
    held = groups.order_by(Group.id).with_for_update(key_share=True)
    return list(await session.scalars(held))
