"""Answering later what could not be answered within WeChat's five seconds."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import dispatch
from app.chat.inbox import Arrival
from app.chat.models import Incoming
from app.chat.queries import speakers_of
from app.chat.saying import said_in
from app.core.i18n import speaking
from app.core.jobs import defer, job
from app.notices import service as notices
from app.wechat.edge import Form
from app.wechat.edge.message import message_of
from app.wechat.edge.reading import Body


async def promise(session: AsyncSession, arrival: Arrival) -> None:
    """Promise an answer to a message that is kept without one."""
    await session.execute(
        update(Incoming)
        .where(Incoming.account_id == arrival.account_id, Incoming.key == arrival.key)
        .values(late=True)
    )
    await defer(
        session,
        answer_late,
        community_id=str(arrival.community_id),
        account_id=str(arrival.account_id),
        key=arrival.key.hex(),
    )


@job("chat.answer_late")
async def answer_late(
    session: AsyncSession, *, community_id: str, account_id: str, key: str
) -> None:
    """Do what the message asks, and send the answer as a message of our own."""
    kept = await session.scalar(
        select(Incoming).where(
            Incoming.account_id == UUID(account_id), Incoming.key == bytes.fromhex(key)
        )
    )
    if kept is None or kept.reply is not None:
        return
    (speaker,) = await speakers_of(await session.connection(), [(kept.account_id, kept.openid)])
    if speaker is None:
        return
    message = message_of(Body(Form.XML, {**kept.fields}, ""))
    with speaking(speaker.locale):
        reply = await dispatch.answer(session, speaker, said_in(message))
    kept.reply = reply.text
    if reply.text:
        await notices.say(
            session,
            community_id=UUID(community_id),
            person_id=speaker.person_id,
            account_id=speaker.account_id,
            identity_id=speaker.identity_id,
            text=reply.text,
        )
