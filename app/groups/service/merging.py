"""What becomes of members, bindings, sign-ups and hands of who was in the register twice."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.groups.models import Binding, ChainEntry, Group, GroupMember, Hand, Show, Title
from app.groups.queries import named


async def hand_over(
    session: AsyncSession, community_id: UUID, gone_id: UUID, kept_id: UUID
) -> None:
    """Let what one entry of the register is in groups be another's, as which it turned out."""
    await _rename_named(session, community_id, gone_id, kept_id)
    await _one_hand_each(session, community_id, gone_id, kept_id)
    for table in (GroupMember, Binding, ChainEntry, Hand):
        theirs = table.community_id == community_id, table.person_id == gone_id
        await session.execute(update(table).where(*theirs).values(person_id=kept_id))
    for column in (Group.owner_id, Group.proposed_by_id):
        theirs = Group.community_id == community_id, column == gone_id
        await session.execute(update(Group).where(*theirs).values({column: kept_id}))


async def _rename_named(
    session: AsyncSession, community_id: UUID, gone_id: UUID, kept_id: UUID
) -> None:
    """Let who is named in a group by one be named by the other, with either title if both are."""
    both = select(GroupMember.group_id).where(
        GroupMember.community_id == community_id, GroupMember.sender_id == named(kept_id)
    )
    theirs = (
        GroupMember.community_id == community_id,
        GroupMember.sender_id == named(gone_id),
    )
    doubled = select(GroupMember).where(*theirs, GroupMember.group_id.in_(both))
    for entry in list(await session.scalars(doubled)):
        kept = (
            GroupMember.community_id == community_id,
            GroupMember.group_id == entry.group_id,
            GroupMember.sender_id == named(kept_id),
            GroupMember.title == Title.MEMBER,
        )
        await session.execute(update(GroupMember).where(*kept).values(title=entry.title))
        await session.delete(entry)
    await session.flush()
    await session.execute(update(GroupMember).where(*theirs).values(sender_id=named(kept_id)))


async def _one_hand_each(
    session: AsyncSession, community_id: UUID, gone_id: UUID, kept_id: UUID
) -> None:
    """Where both raised a hand, keep the kept entry's; what was counted already stays counted."""
    raised = select(Hand.show_id).where(
        Hand.community_id == community_id, Hand.person_id == kept_id
    )
    open_ones = select(Show.id).where(Show.community_id == community_id, Show.closed_at.is_(None))
    twice = (
        Hand.community_id == community_id,
        Hand.person_id == gone_id,
        Hand.show_id.in_(raised),
    )
    await session.execute(delete(Hand).where(*twice, Hand.show_id.in_(open_ones)))
    await session.execute(update(Hand).where(*twice).values(person_id=None))
