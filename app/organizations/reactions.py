"""What follows for organisations, and their people in groups, from what happens to people."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.facts import reacts_to
from app.groups import service as groups
from app.groups.events import GroupChanged, GroupOpened
from app.groups.models import Group
from app.organizations import service
from app.organizations.events import MemberAdded, MemberLeft
from app.organizations.models import Member, Organization
from app.organizations.queries import members_of
from app.people.access import system
from app.people.events import PeopleMerged, PostEnded
from app.people.models import Person


@reacts_to(PeopleMerged)
async def follow_the_person(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """Who one entry of the register works for, the other does."""
    kept = await session.get_one(Person, (community_id, event.kept_id))
    if kept.merged_into_id:
        kept = await session.get_one(Person, (community_id, kept.merged_into_id))
    await service.hand_over(session, event.gone_id, to=kept, by=system(community_id))


@reacts_to(PostEnded)
async def leave_with_the_post(session: AsyncSession, event: PostEnded, community_id: UUID) -> None:
    """Whoever was taken the post of partner works for nobody by it any more."""
    by_it = select(Member).where(
        Member.community_id == community_id,
        Member.post_id == event.post_id,
        Member.ended_at.is_(None),
    )
    organization = joinedload(Member.organization).joinedload(Organization.place)
    whole = by_it.options(organization, joinedload(Member.person)).order_by(Member.id)
    for member in list(await session.scalars(whole)):
        await service.end_member(session, member, by=system(community_id))


async def _answer_or_not(
    session: AsyncSession, event: MemberAdded | MemberLeft, community_id: UUID
) -> None:
    """Go by who works for the organisation now, whatever came first."""
    theirs = await groups.overseen(session, community_id, event.organization_id)
    still = members_of(community_id, event.organization_id)
    member = await session.scalar(still.where(Member.person_id == event.person_id))
    by = system(community_id)
    if member:
        await groups.joins_company(session, theirs, member.person, by=by)
    else:
        await groups.leaves_company(session, theirs, event.person_id, by=by)


@reacts_to(MemberAdded)
async def answer_in_groups(session: AsyncSession, event: MemberAdded, community_id: UUID) -> None:
    """Who works for a property company answers for it in the groups that it answers in."""
    await _answer_or_not(session, event, community_id)


@reacts_to(MemberLeft)
async def answer_no_more(session: AsyncSession, event: MemberLeft, community_id: UUID) -> None:
    """Who works for it no more speaks for themselves there."""
    await _answer_or_not(session, event, community_id)


async def _name_the_company(session: AsyncSession, community_id: UUID, group_id: UUID) -> None:
    group = await session.get_one(Group, (community_id, group_id))
    if group.organization_id is None:
        return
    overseen = await groups.overseen(session, community_id, group.organization_id)
    for member in await session.scalars(members_of(community_id, group.organization_id)):
        await groups.joins_company(
            session,
            [each for each in overseen if each.id == group_id],
            member.person,
            by=system(community_id),
        )


@reacts_to(GroupOpened)
async def answer_in_it(session: AsyncSession, event: GroupOpened, community_id: UUID) -> None:
    """In a new property group the people of its company are known from the first day."""
    await _name_the_company(session, community_id, event.group_id)


@reacts_to(GroupChanged)
async def answer_in_it_now(session: AsyncSession, event: GroupChanged, community_id: UUID) -> None:
    """In a group that is another company's now, or property's only now, its people are known."""
    if {"organization_id", "kind"} & set(event.changed):
        await _name_the_company(session, community_id, event.group_id)
