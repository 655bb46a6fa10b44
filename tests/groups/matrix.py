"""The group that the matrix of permissions asks about."""

import json

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.groups.models import (
    Bot,
    Group,
    GroupKind,
    GroupMember,
    GroupMessage,
    GroupState,
    Question,
)
from app.people.models import Person
from app.places.models import Place


async def a_group_of(session: AsyncSession, grid: Place, resident: Person) -> dict[str, str]:
    """A group of the grid that a bot hears, in which its resident asked something."""
    here = {"community_id": grid.community_id}
    bot = Bot(
        **here,
        id=new_id(),
        slug="zhang",
        name="小掌",
        platform="signed",
        keys=json.dumps({"secret": "x"}),
    )
    group = Group(
        **here,
        id=new_id(),
        kind=GroupKind.BUILDING,
        name="楼栋交流群",
        place_id=grid.id,
        state=GroupState.OPEN,
        owner_id=resident.id,
        platform="signed",
        bot_id=bot.id,
        external_id="1",
    )
    member = GroupMember(
        **here,
        id=new_id(),
        group_id=group.id,
        sender_id="20001",
        name="桂兰",
        person_id=resident.id,
    )
    message = GroupMessage(
        **here,
        id=new_id(),
        bot_id=bot.id,
        group_id=group.id,
        sender_id="20001",
        sender_name="桂兰",
        external_id="1",
        kind="text",
        text="电梯坏了",
        sent_at=now(),
    )
    question = Question(
        **here, id=new_id(), group_id=group.id, message_id=message.id, asked_at=now()
    )
    for row in (bot, group, member, message, question):
        session.add(row)
        await session.flush()
    return {
        "bot_id": str(bot.id),
        "group_id": str(group.id),
        "group_member_id": str(member.id),
        "question_id": str(question.id),
    }
