"""Reading groups, bots and what was said: every list begins at what one may see."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.groups.models import (
    MANAGERS,
    Bot,
    Group,
    GroupMember,
    GroupMessage,
    GroupState,
    Question,
    Title,
)
from app.groups.permissions import BOTS, SEE
from app.people.access import Actor
from app.places.models import ROOT


def _is_in(me: Actor) -> ColumnElement[bool]:
    """Whether the actor is known to be in the group now; a program is in none."""
    if me.kind != "person":
        return false()
    here = select(GroupMember.id).where(
        GroupMember.community_id == Group.community_id,
        GroupMember.group_id == Group.id,
        GroupMember.person_id == me.id,
        GroupMember.left_at.is_(None),
    )
    return and_(Group.state == GroupState.OPEN, here.exists())


def visible_to(me: Actor) -> Select[Group]:
    """The groups of one's places, those one is in, and those one proposed; with their places."""
    proposed = Group.proposed_by_id == me.id if me.kind == "person" else false()
    return (
        select(Group)
        .join(Group.place)
        .where(
            Group.community_id == me.community_id,
            or_(SEE.places(me), _is_in(me), proposed),
        )
        .options(contains_eager(Group.place))
    )


def bots_visible_to(me: Actor) -> Select[Bot]:
    """The bots of the community, for who may set them up."""
    allowed = true() if BOTS.allows(me, at=ROOT) else false()
    return select(Bot).where(Bot.community_id == me.community_id, allowed)


async def bot_of(session: AsyncSession, slug: str) -> Bot | None:
    """The bot of this name in the address of its hook, unless it is silent."""
    return await session.scalar(select(Bot).where(Bot.slug == slug, Bot.active))


async def group_of(session: AsyncSession, bot: Bot, external_id: str) -> Group | None:
    """The open group that this bot's platform calls so."""
    here = select(Group).where(
        Group.community_id == bot.community_id,
        Group.bot_id == bot.id,
        Group.external_id == external_id,
        Group.state == GroupState.OPEN,
    )
    return await session.scalar(here)


def named(person_id: UUID) -> str:
    """Whose entry in a group is a person's own, apart from the accounts they speak by."""
    return f"person:{person_id}"


def members_of(community_id: UUID, group_id: UUID, *, left: bool = False) -> Select[GroupMember]:
    """Who is known to be in a group, with who they are where that is known.

    Somebody we know has an entry for each account they speak by, and one that says what they are.
    """
    members = (
        select(GroupMember)
        .where(GroupMember.community_id == community_id, GroupMember.group_id == group_id)
        .options(joinedload(GroupMember.person))
    )
    return members if left else members.where(GroupMember.left_at.is_(None))


async def managers_of(session: AsyncSession, group: Group) -> Sequence[GroupMember]:
    """Who runs a group, in the order they were named; with the people, where known."""
    owner = GroupMember.sender_id == named(group.owner_id) if group.owner_id else false()
    running = members_of(group.community_id, group.id).where(
        or_(GroupMember.title.in_(MANAGERS), owner)
    )
    return list(await session.scalars(running.order_by(GroupMember.id)))


def _as_person(group: Group, sender_id: str) -> Select[GroupMember]:
    """The entries of whoever speaks by this id of the platform: this one and their others."""
    speaker = aliased(GroupMember)
    person = select(speaker.person_id).where(
        speaker.community_id == group.community_id,
        speaker.group_id == group.id,
        speaker.sender_id == sender_id,
    )
    same = GroupMember.person_id == person.scalar_subquery()
    return select(GroupMember).where(
        GroupMember.community_id == group.community_id,
        GroupMember.group_id == group.id,
        GroupMember.left_at.is_(None),
        or_(GroupMember.sender_id == sender_id, same),
    )


async def runs(session: AsyncSession, group: Group, sender_id: str) -> bool:
    """Whether whoever speaks by this id of the platform runs the group."""
    owner = GroupMember.person_id == group.owner_id
    rows = _as_person(group, sender_id).where(or_(GroupMember.title.in_(MANAGERS), owner))
    return await session.scalar(rows.limit(1)) is not None


async def is_company(session: AsyncSession, group: Group, sender_id: str) -> bool:
    """Whether whoever speaks by this id of the platform answers for the property company."""
    rows = _as_person(group, sender_id).where(GroupMember.title == Title.COMPANY)
    return await session.scalar(rows.limit(1)) is not None


def messages_of(community_id: UUID, group_id: UUID) -> Select[GroupMessage]:
    """What was said in a group and is still kept."""
    return select(GroupMessage).where(
        GroupMessage.community_id == community_id, GroupMessage.group_id == group_id
    )


def questions_of(community_id: UUID, group_id: UUID) -> Select[Question]:
    """What was asked of the property company in a group, without what was no question."""
    return select(Question).where(
        Question.community_id == community_id,
        Question.group_id == group_id,
        Question.dropped_by_id.is_(None),
    )


async def with_words(
    session: AsyncSession, group: Group, questions: Sequence[Question]
) -> list[dict[str, object]]:
    """Questions with what was asked and what was answered, as far as it is still kept."""
    ids = {one for each in questions for one in (each.message_id, each.answer_id) if one}
    kept = messages_of(group.community_id, group.id).where(GroupMessage.id.in_(ids))
    words: dict[UUID | None, GroupMessage] = {each.id: each for each in await session.scalars(kept)}
    return [
        {
            "id": each.id,
            "asked_at": each.asked_at,
            "answered_at": each.answered_at,
            "question": words.get(each.message_id),
            "answer": words.get(each.answer_id),
        }
        for each in questions
    ]
