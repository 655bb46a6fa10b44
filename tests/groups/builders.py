"""Chat groups of the town, their bots, who is in them, and what was said."""

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.groups.masking import masked
from app.groups.models import (
    Binding,
    Bot,
    Group,
    GroupKind,
    GroupMember,
    GroupMessage,
    GroupState,
    Question,
    Title,
)
from app.groups.search import grams
from app.people.models import Person
from tests.service_requests.builders import Town, a_person

_numbers = count(1)


async def a_bot(
    session: AsyncSession,
    town: Town,
    slug: str | None = None,
    *,
    platform: str = "onebot11",
    keys: Mapping[str, str] | None = None,
    name: str = "小掌",
    self_id: str | None = "10000",
    address: str | None = None,
    active: bool = True,
) -> Bot:
    """A bot that listens for the community."""
    bot = Bot(
        community_id=town.community.id,
        id=new_id(),
        slug=slug or f"bot-{next(_numbers)}",
        name=name,
        platform=platform,
        address=address,
        keys=json.dumps(dict(keys or {})),
        self_id=self_id,
        active=active,
    )
    session.add(bot)
    await session.flush()
    return bot


async def a_group(
    session: AsyncSession,
    town: Town,
    bot: Bot | None = None,
    *,
    name: str = "3栋楼栋交流群",
    kind: GroupKind = GroupKind.BUILDING,
    at: str = "/A1/G1/3/",
    state: GroupState = GroupState.OPEN,
    owner: Person | None = None,
    external_id: str | None = None,
    organization_id: UUID | None = None,
    platform: str | None = None,
    robot: Mapping[str, str] | None = None,
    proposed_by: Person | None = None,
) -> Group:
    """A group at a place, heard by the bot if one is given."""
    if owner is None and state is GroupState.OPEN:
        owner = await a_person(session, town, "群主")
    heard = external_id or f"group-{next(_numbers)}"
    group = Group(
        community_id=town.community.id,
        id=new_id(),
        kind=kind,
        name=name,
        place_id=town.places[at].id,
        state=state,
        owner_id=owner and owner.id,
        organization_id=organization_id,
        platform=platform or (bot.platform if bot else "wecom"),
        bot_id=bot and bot.id,
        external_id=heard if bot else None,
        robot=json.dumps(dict(robot)) if robot else None,
        proposed_by_id=proposed_by and proposed_by.id,
    )
    session.add(group)
    await session.flush()
    return group


async def a_member(
    session: AsyncSession,
    group: Group,
    sender_id: str | None = None,
    name: str = "王秀英",
    *,
    person: Person | None = None,
    title: Title = Title.MEMBER,
) -> GroupMember:
    """Somebody who was heard in a group; with a person, who is bound."""
    member = GroupMember(
        community_id=group.community_id,
        id=new_id(),
        group_id=group.id,
        sender_id=sender_id or str(20000 + next(_numbers)),
        name=name,
        person_id=person and person.id,
        title=title,
    )
    session.add(member)
    await session.flush()
    return member


async def a_binding(
    session: AsyncSession, bot: Bot, person: Person, sender_id: str = "20001"
) -> Binding:
    """A person as the bot's platform knows them."""
    binding = Binding(
        community_id=bot.community_id,
        id=new_id(),
        bot_id=bot.id,
        sender_id=sender_id,
        person_id=person.id,
    )
    session.add(binding)
    await session.flush()
    return binding


async def a_message(
    session: AsyncSession,
    group: Group,
    text: str = "大家好",
    *,
    by: GroupMember | None = None,
    at: datetime | None = None,
    external_id: str | None = None,
    kind: str = "text",
) -> GroupMessage:
    """Something that was said in a group that a bot hears, as it is kept."""
    message = GroupMessage(
        community_id=group.community_id,
        id=new_id(),
        bot_id=group.bot_id,
        group_id=group.id,
        sender_id=by.sender_id if by else "20000",
        sender_name=by.name if by else "李桂兰",
        external_id=external_id or f"message-{next(_numbers)}",
        kind=kind,
        text=masked(text),
        grams=grams(masked(text)),
        sent_at=at or now(),
        received_at=at or now(),
    )
    session.add(message)
    await session.flush()
    return message


async def a_question(
    session: AsyncSession,
    message: GroupMessage,
    *,
    answer: GroupMessage | None = None,
) -> Question:
    """Something that was asked in a property group, answered by the other message if given."""
    question = Question(
        community_id=message.community_id,
        id=new_id(),
        group_id=message.group_id,
        message_id=message.id,
        asked_at=message.sent_at,
        answer_id=answer and answer.id,
        answered_at=answer and answer.sent_at,
    )
    session.add(question)
    await session.flush()
    return question
