"""The groups of a poll's place are told, and keep the heads of its chain."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.clock import now
from app.core.sending import Failed
from app.groups.models import Group
from app.polls import chain
from app.polls.events import PollAnnounced, PollCancelled, PollClosed, PollExtended, PollOpened
from app.polls.models import LinkKind, Poll, PollKind, PollState
from tests.chat.builders import Phone, Street
from tests.conftest import Worker
from tests.polls.telling.conftest import Loud
from tests.polls.telling.test_people import happened
from tests.polls.voting import a_draft, voting


async def a_link(session: AsyncSession, worker: Worker, poll: Poll, number: int) -> str:
    """One more link of the chain, and what follows from it; its head."""
    head = bytes([number]) * 32
    await chain.append(session, poll, LinkKind.BALLOTS, 10, {}, head)
    await session.commit()
    await worker.catch_up()
    return head.hex()


async def test_an_opening_is_said_with_the_page_and_the_head(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker, loud: Loud
) -> None:
    poll = await voting(session, street, resident)

    await happened(session, worker, poll, PollOpened(poll_id=poll.id, entries=1))

    [said] = loud.said
    assert said.startswith(f"开始投票：投票{poll.number}《{poll.title}》\n截止：")
    assert poll.head
    assert f"校验码：{poll.head.hex()}" in said
    assert said.endswith(f"/c/yiyi/polls/{poll.number}")
    assert "/v/" not in said


@pytest.mark.parametrize("path", ["/G1/7/", "/G1/"])
async def test_groups_outside_its_place_hear_nothing(
    session: AsyncSession,
    street: Street,
    resident: Phone,
    worker: Worker,
    group: Group,
    loud: Loud,
    path: str,
) -> None:
    poll = await voting(session, street, resident)
    elsewhere = {"place_id": street.places[path].id}
    await session.execute(update(Group).where(Group.id == group.id).values(elsewhere))

    await happened(session, worker, poll, PollOpened(poll_id=poll.id, entries=1))

    assert not loud.said


async def test_of_a_poll_that_is_not_public_groups_hear_nothing(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker, loud: Loud
) -> None:
    poll = await voting(session, street, resident, public=False)

    await happened(session, worker, poll, PollOpened(poll_id=poll.id, entries=1))
    await a_link(session, worker, poll, 1)

    assert not loud.said


async def test_a_head_is_said_once_an_hour_and_then_the_newest(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker, loud: Loud
) -> None:
    poll = await voting(session, street, resident)
    await worker.catch_up()

    heads = [await a_link(session, worker, poll, number) for number in (1, 2, 3)]
    assert loud.said == [f"投票{poll.number} 第1批 校验码 {heads[0]}"]

    await worker.catch_up(later=True)
    assert loud.said[1:] == [f"投票{poll.number} 第3批 校验码 {heads[2]}"]


async def test_extension_and_cancelling_are_said(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker, loud: Loud
) -> None:
    poll = await voting(session, street, resident)
    poll.closes_at = clock.now() + timedelta(days=30)
    await happened(session, worker, poll, PollExtended(poll_id=poll.id))
    poll.state, poll.reason = PollState.CANCELLED, "写错了"
    await happened(session, worker, poll, PollCancelled(poll_id=poll.id))

    assert "延长到" in loud.said[0]
    assert loud.said[1].endswith("取消了。\n原因：写错了")


async def test_an_announcement_says_when_it_opens(
    session: AsyncSession, street: Street, worker: Worker, loud: Loud
) -> None:
    opens = now() + timedelta(days=1)
    poll = await a_draft(
        session, street, state=PollState.ANNOUNCED, opens_at=opens, announced_at=now()
    )

    await happened(session, worker, poll, PollAnnounced(poll_id=poll.id))

    assert loud.said[0].startswith("预告：投票")
    assert "开始：" in loud.said[0]


@pytest.mark.parametrize("kind", [PollKind.MEETING, PollKind.POLL])
async def test_a_close_is_said_where_the_result_is_published_later(
    session: AsyncSession,
    street: Street,
    resident: Phone,
    worker: Worker,
    loud: Loud,
    kind: PollKind,
) -> None:
    poll = await voting(session, street, resident, kind=kind)
    poll.state, poll.closed_at = PollState.CLOSED, now()
    if kind is PollKind.MEETING:
        poll.publish_by = now() + timedelta(days=3)
    else:
        await session.flush()
        poll.state, poll.published_at = PollState.PUBLISHED, now()

    await happened(session, worker, poll, PollClosed(poll_id=poll.id, ballots=7))

    if kind is PollKind.POLL:
        assert not loud.said
    else:
        assert "已截止，共 7 票。\n结果最迟" in loud.said[0]


async def test_what_the_platform_may_have_is_not_said_again(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker, loud: Loud
) -> None:
    poll = await voting(session, street, resident)
    await worker.catch_up()
    loud.failures = [Failed("timeout")]

    await happened(session, worker, poll, PollOpened(poll_id=poll.id, entries=1))
    await worker.catch_up(later=True)

    assert len(loud.said) == 1


async def test_what_the_platform_cannot_have_is_said_again(
    session: AsyncSession, street: Street, resident: Phone, worker: Worker, loud: Loud
) -> None:
    poll = await voting(session, street, resident)
    await worker.catch_up()
    loud.failures = [Failed("no_connection", sent=False)]

    await happened(session, worker, poll, PollOpened(poll_id=poll.id, entries=1))
    await worker.catch_up(later=True)

    assert len(loud.said) == 2
