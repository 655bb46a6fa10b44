from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.notices.models import Delivery, Notice, NoticeKind, NoticeState, Reading, State
from tests.chat.builders import Phone, Street


async def told(
    session: AsyncSession,
    street: Street,
    phone: Phone,
    title: str,
    *,
    state: NoticeState = NoticeState.SENT,
    delivered: State = State.SENT,
) -> Notice:
    """A notice that was sent to somebody."""
    notice = Notice(
        community_id=street.community.id,
        id=new_id(),
        kind=NoticeKind.NOTICE,
        title=title,
        body="明天停水",
        place_id=street.places["/"].id,
        channels=["wechat"],
        state=state,
        published_at=now(),
    )
    session.add(notice)
    await session.flush()
    delivery = Delivery(
        community_id=street.community.id,
        person_id=phone.person_id,
        notice_id=notice.id,
        channel="wechat",
        address_id=new_id(),
        lane="wechat",
        purpose="notice.notice",
        state=delivered,
        sent_at=now(),
    )
    session.add(delivery)
    await session.commit()
    return notice


async def test_one_word_says_that_the_last_notice_was_read(
    resident: Phone, worker_phone: Phone, street: Street, session: AsyncSession
) -> None:
    await told(session, street, resident, "旧通知")
    last = await told(session, street, resident, "停水通知")
    await told(session, street, resident, "撤回了", state=NoticeState.WITHDRAWN)
    await told(session, street, resident, "没发出", delivered=State.PENDING)
    await told(session, street, worker_phone, "别人的")

    for word in ("收到", "已读", "收到！"):
        assert "停水通知" in await resident.says(word)

    [reading] = await session.scalars(select(Reading))
    assert (reading.notice_id, reading.person_id) == (last.id, resident.person_id)
    assert reading.way == "word"


async def test_who_was_sent_nothing_has_read_nothing(
    newcomer: Phone, session: AsyncSession
) -> None:
    assert "没有发给您的通知" in await newcomer.says("收到")
    assert not (await session.scalars(select(Reading))).all()
