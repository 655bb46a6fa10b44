"""What is promised to be told is told: tried until taken, refused or dead, and once."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.jobs import ATTEMPTS
from app.notices import channels as package
from app.notices import service as notices
from app.notices.channels import channels
from app.notices.models import Attempt, Delivery, State
from tests.conftest import Worker
from tests.notices.conftest import Reader
from tests.wechat.builders import Platform

SEND = "/cgi-bin/message/template/send"
SAY = "/cgi-bin/message/custom/send"


async def promise(session: AsyncSession, reader: Reader, **changed: Any) -> None:
    told: dict[str, Any] = {
        "community_id": reader.account.community_id,
        "person_id": reader.person.id,
        "purpose": "test.progress",
        "title": "您反映的事项有新进展",
        "lines": [("进度", "一" * 30), ("时间", "今天")],
        "link": "http://palm.test/1",
    }
    await notices.tell(session, **(told | changed))


async def deliveries(sessions: Sessions) -> list[Delivery]:
    async with sessions() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.id)))


async def attempts(sessions: Sessions) -> list[str | None]:
    async with sessions() as session:
        return list(await session.scalars(select(Attempt.outcome).order_by(Attempt.id)))


async def test_a_template_message_is_sent_under_the_deliverys_own_id(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    await promise(session, reader)
    await session.commit()
    await worker.catch_up()

    (delivery,) = await deliveries(sessions)
    (call,) = platform.asked(SEND)
    assert (delivery.state, delivery.receipt) == (State.SENT, "4711")
    assert call.json["client_msg_id"] == delivery.id.hex
    assert call.json["touser"] == reader.identity.openid
    assert call.json["data"]["first"] == {"value": "您反映的事项有新进展"}
    assert call.json["data"]["thing1"] == {"value": "一" * 19 + "…"}, "a thing holds 20 characters"
    assert await attempts(sessions) == ["sent"]


async def test_a_purpose_without_a_template_goes_as_a_plain_message(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    platform.answers = [{"errcode": 0, "errmsg": "ok"}]
    await promise(session, reader, purpose="test.other")
    await session.commit()
    await worker.catch_up()

    (call,) = platform.asked(SAY)
    assert call.json["text"]["content"].startswith("您反映的事项有新进展\n进度：")


async def test_what_is_rolled_back_is_not_told(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    await promise(session, reader)
    await session.rollback()
    await worker.catch_up()

    assert platform.calls == []
    assert await deliveries(sessions) == []


async def test_the_same_news_is_told_once(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    for _ in range(2):
        await promise(session, reader, once="leak:completed")
        await session.commit()
    await worker.catch_up()

    assert len(platform.asked(SEND)) == 1

    drop = "ALTER TABLE deliveries DROP CONSTRAINT "
    name = "SELECT conname FROM pg_constraint WHERE conname LIKE 'deliveries%once%key'"
    await session.execute(text(drop + str(await session.scalar(text(name)))))
    await promise(session, reader, once="leak:completed")
    await session.commit()
    await worker.catch_up()
    assert len(platform.asked(SEND)) == 2, "it is the constraint that keeps the promise"


async def test_whoever_left_is_not_written_to(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    reader.identity.subscribed = False
    await promise(session, reader)
    await session.commit()
    await worker.catch_up()

    assert platform.calls == []


async def test_a_passing_failure_is_tried_again_under_the_same_id(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    platform.answers = [{"errcode": -1}, {"errcode": 0, "msgid": 1}]
    await promise(session, reader)
    await session.commit()
    await worker.catch_up(later=True)

    ids = {call.json["client_msg_id"] for call in platform.asked(SEND)}
    assert len(platform.asked(SEND)) == 2
    assert len(ids) == 1
    assert await attempts(sessions) == ["-1", "sent"]


async def test_a_refusal_for_good_is_not_tried_again(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    platform.answers = [{"errcode": 43004}]
    await promise(session, reader)
    await session.commit()
    await worker.catch_up(later=True)

    (delivery,) = await deliveries(sessions)
    assert (delivery.state, delivery.answer) == (State.REFUSED, "43004")
    assert len(platform.asked(SEND)) == 1


async def test_what_keeps_failing_is_dead_after_so_many_attempts(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    platform.answers = [{"errcode": -1}]
    await promise(session, reader)
    await session.commit()
    await worker.catch_up(later=True)

    (delivery,) = await deliveries(sessions)
    assert (delivery.state, delivery.answer) == (State.DEAD, "-1")
    assert await attempts(sessions) == ["-1"] * ATTEMPTS


async def test_a_send_that_a_killed_worker_had_finished_is_not_sent_again(
    session: AsyncSession, sessions: Sessions, worker: Worker, platform: Platform, reader: Reader
) -> None:
    await promise(session, reader)
    await session.commit()
    await worker.catch_up()
    again = "UPDATE procrastinate_jobs SET status = 'todo' WHERE task_name = 'notices.pump'"
    await session.execute(text(again))
    await session.commit()
    await worker.catch_up()

    assert len(platform.asked(SEND)) == 1


@pytest.mark.parametrize(
    ("status", "state"), [("success", State.SENT), ("failed:user block", State.REFUSED)]
)
async def test_what_wechat_reports_later_is_noted(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    platform: Platform,
    reader: Reader,
    status: str,
    state: State,
) -> None:
    await promise(session, reader)
    await session.commit()
    await worker.catch_up()
    community_id = reader.account.community_id
    await notices.acknowledge(session, community_id=community_id, receipt="4711", outcome=status)
    await session.commit()

    (delivery,) = await deliveries(sessions)
    assert (delivery.state, delivery.answer) == (state, status)


FILE = '''
"""A board at the gate that shows the last line."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.notices.audiences import Audience
from app.notices.channels import Content, Limits, Where, channels
from app.notices.models import Delivery, Notice

shown: list[str] = []


class Gate:
    async def send(self, delivery: Delivery, content: Content) -> str | None:
        shown.append(content.title)
        return "shown"


class Board:
    limits = Limits()
    dedupes = False

    async def addresses(
        self, session: AsyncSession, community_id: UUID, person_id: UUID
    ) -> Sequence[Where]:
        return [Where(person_id, "board:gate")]

    def recipients(self, notice: Notice, audience: Audience) -> Select[Any, Any, Any] | None:
        return None

    @asynccontextmanager
    async def lane(self, sessions: Sessions, lane: str) -> AsyncIterator[Gate]:
        yield Gate()


channels.add("board", Board())
'''


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file dropped among the channels."""
    (tmp_path / "board.py").write_text(FILE)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    channels.load()
    yield
    channels.remove("board")
    del sys.modules["app.notices.channels.board"]


async def test_a_new_channel_is_one_file(
    board: None,
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    platform: Platform,
    reader: Reader,
) -> None:
    await promise(session, reader)
    await session.commit()
    await worker.catch_up()

    assert sys.modules["app.notices.channels.board"].shown == ["您反映的事项有新进展"]
    assert {one.channel: one.state for one in await deliveries(sessions)} == {
        "wechat": State.SENT,
        "board": State.SENT,
    }
