"""How fast property companies answer what is asked in their groups."""

import re
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.core.spelling import spelling
from app.groups import queries
from app.groups.models import Group, GroupKind, GroupMessage, Question

WAITS = timedelta(hours=24)
"""What was asked longer ago is answered by a reply to it alone."""

_LONGEST = 200
"""A longer text is something passed on, not a question."""
_ADDRESS = re.compile(r"https?://\S+")
_NO_QUESTION = re.compile(
    r"没什么|什么都|没怎么|怎么都|无论如何|不管怎么|谁都|哪都|哪里都|不知道谁|多少有点|没有谁"
)
"""Words that ask nothing though a part of them would."""
_ASKED = re.compile(
    r"吗|什么|怎么|怎样|如何|咋|啥|几点|几时|何时|多久|多长时间|多少|为何|谁|哪|请问|求问|咨询"
    r"|能不能|可不可以|是不是|有没有|会不会|行不行|要不要|该不该|有人管|没人管|呢$"
)
_BROKEN = re.compile(
    r"坏了|漏水|渗水|进水|积水|停水|停电|没水|没电|堵了|堵住|堵塞|不亮|故障|失灵|打不开|关不上"
    r"|跳闸|卡住|被困|破损|断了|掉下来|松动|不制热|不制冷|不热|太臭|很臭|报修|投诉"
    r"|麻烦(?:物业|师傅|派|来|处理|看|尽快)|请(?:物业|派人|处理|尽快)"
)
_SETTLED = re.compile(r"好了|解决了|恢复了|正常了|处理完|来水了|来电了")
_TO_THE_BOT = ("#接龙", "/")


def asks(text: str) -> bool:
    """Whether a resident asks something here, or says what is out of order.

    When in doubt it does not: a company is not to be measured by what nobody asked of it.
    """
    said = "".join(_ADDRESS.sub("", text[: _LONGEST * 2]).translate(spelling).split())
    if not 1 < len(said) <= _LONGEST or said.startswith(_TO_THE_BOT):
        return False
    said = _NO_QUESTION.sub("", said)
    if said.strip("?!。,~") and ("?" in said or _ASKED.search(said)):
        return True
    return bool(_BROKEN.search(said)) and not _SETTLED.search(said)


async def heard(
    session: AsyncSession,
    group: Group,
    message: GroupMessage,
    *,
    by_company: bool,
    reply_to: str | None = None,
) -> None:
    """Open a question with a resident's message, or answer what is open with the company's.

    `reply_to` is the platform's id of the message that this one replies to. A reply to a question
    answers that one; any other word of the company answers all that was asked within 24 hours.
    Does nothing in groups that are not overseen.
    """
    if group.kind is not GroupKind.PROPERTY or group.organization_id is None:
        return
    if by_company or await queries.is_company(session, group, message.sender_id):
        await _answer(session, group, message, reply_to)
    elif message.kind == "text" and asks(message.text):
        await _open(session, group, message)


async def _open(session: AsyncSession, group: Group, message: GroupMessage) -> None:
    question = insert(Question).values(
        community_id=group.community_id,
        id=new_id(),
        group_id=group.id,
        message_id=message.id,
        asked_at=message.sent_at,
    )
    await session.execute(question.on_conflict_do_nothing())


async def _answer(
    session: AsyncSession, group: Group, message: GroupMessage, reply_to: str | None
) -> None:
    open_ones = (
        Question.community_id == group.community_id,
        Question.group_id == group.id,
        Question.answer_id.is_(None),
        Question.answered_at.is_(None),
        Question.asked_at <= message.sent_at,
    )
    meant = Question.asked_at >= message.sent_at - WAITS
    if reply_to:
        to = (
            select(Question.id)
            .join(
                GroupMessage,
                (GroupMessage.community_id == Question.community_id)
                & (GroupMessage.id == Question.message_id),
            )
            .where(
                Question.community_id == group.community_id,
                Question.group_id == group.id,
                GroupMessage.external_id == reply_to,
            )
        )
        if replied := await session.scalar(to):
            meant = Question.id == replied
    answered = {"answer_id": message.id, "answered_at": message.sent_at}
    await session.execute(update(Question).where(*open_ones, meant).values(answered))
