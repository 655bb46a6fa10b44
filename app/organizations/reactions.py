"""What follows for organisations from what happens to people."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.facts import reacts_to
from app.organizations import service
from app.organizations.models import Member, Organization
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
