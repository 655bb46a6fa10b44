"""Answering what was said in a group, in the message's own transaction."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.groups import pace
from app.chat.groups.hearing import Chosen, choose
from app.chat.groups.inviting import invitation
from app.chat.groups.spoken import SILENCE, Reply, Spoken
from app.core import problems
from app.core.i18n import _, speaking
from app.core.problems import Problem
from app.groups import oversight
from app.groups.models import (
    MANAGERS,
    Binding,
    Bot,
    Group,
    GroupMember,
    GroupMessage,
    Title,
)
from app.notices import service as notices
from app.people import access
from app.people.models import Identity, Person

_SERVER_ERROR = 500


async def answer(
    session: AsyncSession, message: GroupMessage, *, asked: bool, reply_to: str | None
) -> str:
    """What to say to a message that is kept; empty for nothing. It is noted with the message.

    Groups are spoken to in Chinese. What is refused leaves no trace and is said in a sentence.
    """
    with speaking("zh"):
        bot = await session.get_one(Bot, (message.community_id, message.bot_id))
        if message.group_id is None:
            text = await _alone(session, bot, message)
        else:
            group = await session.get_one(Group, (message.community_id, message.group_id))
            text = await _in_group(session, bot, group, message, asked=asked, reply_to=reply_to)
    message.reply = text or None
    return text


async def _in_group(
    session: AsyncSession,
    bot: Bot,
    group: Group,
    message: GroupMessage,
    *,
    asked: bool,
    reply_to: str | None,
) -> str:
    member = await _member(session, group, message)
    by_company = member.title is Title.COMPANY
    if by_company or not asked:
        # What is said to the bot is nothing that the company has to answer.
        await oversight.heard(session, group, message, by_company=by_company, reply_to=reply_to)
    chosen = choose(message.kind, message.text, asked=asked)
    if chosen is None:
        return ""
    if not (chosen.unbidden or await pace.may_ask(session, f"{bot.id} {message.sender_id}")):
        return ""
    spoken = await _spoken(session, bot, group, member, message, asked=asked)
    reply = await _run(session, chosen, spoken)
    if reply.private and spoken.identity:
        await _whisper(session, spoken.identity, reply.private)
    return await pace.fitting(session, reply.text, group=str(group.id))


async def _member(session: AsyncSession, group: Group, message: GroupMessage) -> GroupMember:
    entry = select(GroupMember).where(
        GroupMember.community_id == group.community_id,
        GroupMember.group_id == group.id,
        GroupMember.sender_id == message.sender_id,
    )
    return (await session.scalars(entry)).one()


async def _spoken(
    session: AsyncSession,
    bot: Bot,
    group: Group,
    member: GroupMember,
    message: GroupMessage,
    *,
    asked: bool,
) -> Spoken:
    person_id = await _person(session, bot, member.sender_id, member.person_id)
    person = person_id and await access.person(session, bot.community_id, person_id)
    return Spoken(
        community_id=bot.community_id,
        bot=bot,
        group=group,
        member=member,
        text=message.text,
        kind=message.kind,
        person=person or None,
        identity=await _identity(session, bot.community_id, person_id) if person_id else None,
        message_id=message.id,
        asked=asked,
        sent_at=message.sent_at,
        manages=person_id is not None and await _manages(session, group, person_id),
    )


async def _manages(session: AsyncSession, group: Group, person_id: UUID) -> bool:
    """Whether the person runs the group, as its owner or as somebody named by hand."""
    if person_id == group.owner_id:
        return True
    named = select(GroupMember.id).where(
        GroupMember.community_id == group.community_id,
        GroupMember.group_id == group.id,
        GroupMember.person_id == person_id,
        GroupMember.title.in_(MANAGERS),
        GroupMember.left_at.is_(None),
    )
    return await session.scalar(named.limit(1)) is not None


async def _person(
    session: AsyncSession, bot: Bot, sender_id: str, entered: UUID | None = None
) -> UUID | None:
    """Who the sender is, once bound; of two entries that turned out to be one, the one that stays.

    `entered` is who they are in the list of the group.
    """
    bound = select(Binding.person_id).where(
        Binding.community_id == bot.community_id,
        Binding.bot_id == bot.id,
        Binding.sender_id == sender_id,
    )
    known = await session.scalar(bound) or entered
    kept = select(func.coalesce(Person.merged_into_id, Person.id)).where(
        Person.community_id == bot.community_id, Person.id == known
    )
    return await session.scalar(kept) if known else None


async def _identity(session: AsyncSession, community_id: UUID, person_id: UUID) -> Identity | None:
    """Where the person can be told something: the account they follow, the last of several."""
    followed = select(Identity).where(
        Identity.community_id == community_id,
        Identity.person_id == person_id,
        Identity.subscribed,
    )
    return await session.scalar(followed.order_by(Identity.id.desc()).limit(1))


async def _run(session: AsyncSession, chosen: Chosen, spoken: Spoken) -> Reply:
    try:
        async with session.begin_nested():
            await session.connection()
            reply: Reply = await chosen.command.run(session, spoken, chosen.rest)
            await session.flush()
    except (Problem, DBAPIError) as error:
        problem = problems.of(error)
        if problem.status >= _SERVER_ERROR:
            raise
        return SILENCE if chosen.unbidden else Reply(_refusal(problem))
    return reply


def _refusal(problem: Problem) -> str:
    """The problem's own sentence where it has a Chinese one."""
    title = problem.title()
    said = _(title)
    return _("这件事现在办不了，没有改动任何内容。") if said == title else said


async def _whisper(session: AsyncSession, identity: Identity, text: str) -> None:
    await notices.say(
        session,
        community_id=identity.community_id,
        person_id=identity.person_id,
        account_id=identity.account_id,
        identity_id=identity.id,
        text=text,
    )


async def _alone(session: AsyncSession, bot: Bot, message: GroupMessage) -> str:
    """What is said to the bot alone belongs to the service account, where people are known."""
    if not await pace.may_ask(session, f"{bot.id} {message.sender_id}"):
        return ""
    if await _person(session, bot, message.sender_id):
        return _("我在群里听大家说话。有自己的事要办，请到服务号里说。")
    return await invitation(session, bot, message.sender_id, message.sender_name, None)
