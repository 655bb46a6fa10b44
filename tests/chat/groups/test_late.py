"""What cannot be answered in the platform's time: kept, promised, and answered once afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import hooks
from app.chat.commands import aloud, alouds
from app.chat.groups.spoken import Reply, Spoken
from app.core.database import Sessions
from app.core.ids import new_id
from app.core.sending import Failed, Refused
from app.groups.models import Binding, Bot, GroupKind, GroupMessage, Question
from app.organizations.models import Organization, OrganizationKind
from app.service_requests.models import ServiceRequest
from tests.chat.builders import Phone, Street
from tests.chat.groups.builders import Chat, Loopback, a_bot, a_group, heard
from tests.conftest import Client, Worker

CROWD = 2000


@pytest.fixture
def slow() -> Iterator[asyncio.Event]:
    """A command that answers when the event is set."""
    let_go = asyncio.Event()

    @aloud("慢慢来")
    async def _slow(_session: AsyncSession, _spoken: Spoken, _rest: str) -> Reply:
        await let_go.wait()
        return Reply("来了")

    yield let_go
    alouds.remove("慢慢来")


async def kept(sessions: Sessions) -> list[GroupMessage]:
    async with sessions() as session:
        return list(await session.scalars(select(GroupMessage).order_by(GroupMessage.id)))


async def test_a_slow_answer_is_given_later_and_once(
    client: Client, loopback: Loopback, worker: Worker, sessions: Sessions, slow: asyncio.Event
) -> None:
    loopback.waits(1.5)
    said = [heard("慢慢来", to_bot=True)]
    started = time.monotonic()
    answers = [await client.post("/hooks/echo", json=said) for _ in range(2)]
    took = time.monotonic() - started

    (message,) = await kept(sessions)
    assert [each.json() for each in answers] == [{"reply": None}] * 2
    assert took < 2 * loopback.limits.patience + 1.0
    assert (message.late, message.reply) == (True, None)

    slow.set()
    await worker.catch_up()

    assert [each.text for each in loopback.sent] == ["来了"]
    again = await client.post("/hooks/echo", json=said)
    await worker.catch_up()
    assert again.json() == {"reply": None}
    assert [each.reply for each in await kept(sessions)] == ["来了"]
    assert len(loopback.sent) == 1


async def test_a_slow_message_stops_nobody_else(
    client: Client, loopback: Loopback, slow: asyncio.Event
) -> None:
    loopback.waits(5.0)
    crowd = [[heard("慢慢来", to_bot=True, sender_id=str(n))] for n in range(40)]
    waiting = [asyncio.create_task(client.post("/hooks/echo", json=each)) for each in crowd]
    await asyncio.sleep(0)
    started = time.monotonic()
    await client.post("/hooks/echo", json=[heard("大家好")])

    assert time.monotonic() - started < loopback.limits.patience
    assert {each.status_code for each in await asyncio.gather(*waiting)} == {200}


async def test_a_report_that_came_too_late_is_filed_all_the_same(
    client: Client,
    loopback: Loopback,
    worker: Worker,
    sessions: Sessions,
    session: AsyncSession,
    resident: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bot = (await session.scalars(select(Bot))).one()
    session.add(
        Binding(
            community_id=bot.community_id,
            id=new_id(),
            bot_id=bot.id,
            sender_id="20001",
            person_id=resident.person_id,
        )
    )
    await session.commit()
    monkeypatch.setattr(hooks, "SHARE", 0.0)

    answer = await client.post("/hooks/echo", json=[heard("报修 厨房水管漏水", to_bot=True)])
    await worker.catch_up()

    async with sessions() as fresh:
        assert len((await fresh.scalars(select(ServiceRequest))).all()) == 1
    assert answer.json() == {"reply": None}
    assert "编号" in loopback.sent[0].text


async def test_where_the_answer_carries_no_words_they_are_sent(
    client: Client, loopback: Loopback, worker: Worker, sessions: Sessions
) -> None:
    loopback.carries = False
    said = [heard("帮助", to_bot=True)]
    answers = [await client.post("/hooks/echo", json=said) for _ in range(3)]
    await worker.catch_up()

    assert [each.json() for each in answers] == [{"reply": None}] * 3
    (words,) = loopback.sent
    (message,) = await kept(sessions)
    assert "报修" in words.text
    assert words.dedupe == str(message.id)


async def test_words_that_the_platform_will_never_take_are_let_go(
    client: Client,
    loopback: Loopback,
    worker: Worker,
    session: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loopback.carries = False
    errors: list[Exception] = [Failed("busy"), Refused("thrown_out")]

    async def send(*_: object) -> None:
        raise errors.pop(0)

    monkeypatch.setattr(loopback, "send", send, raising=False)
    await client.post("/hooks/echo", json=[heard("帮助", to_bot=True)])
    await worker.catch_up(later=True)

    assert errors == []
    states = await session.scalars(text("SELECT DISTINCT status FROM procrastinate_jobs"))
    assert list(states) == ["succeeded"]


@asynccontextmanager
async def locked(sessions: Sessions, table: str) -> AsyncIterator[None]:
    """Nobody writes this table while the block runs."""
    async with sessions.begin() as session:
        await session.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        yield


async def test_what_cannot_be_kept_in_time_is_kept_as_soon_as_it_can(
    client: Client, loopback: Loopback, sessions: Sessions
) -> None:
    loopback.waits(1.0)
    async with locked(sessions, "group_messages"):
        started = time.monotonic()
        first = asyncio.create_task(client.post("/hooks/echo", json=[heard("大家好")]))
        await asyncio.sleep(0.2)
        said = [heard("我排在后面")]
        refused = [await client.post("/hooks/echo", json=said), await first]
        took = time.monotonic() - started
    for _ in range(200):
        if len(await kept(sessions)) == len(refused):
            break
        await asyncio.sleep(0.05)
    assert len(await kept(sessions)) == len(refused)
    loopback.waits(60.0)
    taken = await client.post("/hooks/echo", json=said)

    assert [each.status_code for each in refused] == [503, 503]
    assert took < 3.0
    assert taken.status_code == 200
    assert len(await kept(sessions)) == 2


async def test_a_crowd_at_once_is_kept_to_the_last_message(
    client: Client, loopback: Loopback, worker: Worker, sessions: Sessions
) -> None:
    crowd = [heard(f"第{n}句", sender_id=str(n % 300)) for n in range(CROWD)]
    wishes = [heard("帮助", to_bot=True, sender_id=str(n)) for n in range(20)]

    answers = await asyncio.gather(
        *(client.post("/hooks/echo", json=[each]) for each in [*crowd, *wishes])
    )

    assert {each.status_code for each in answers} == {200}
    async with sessions() as session:
        assert await session.scalar(select(func.count(GroupMessage.id))) == CROWD + 20
        assert await session.scalar(text("SELECT count(*) FROM group_members")) == 300


async def test_under_a_heavy_load_nothing_is_lost_and_nobody_waits_too_long(
    client: Client,
    loopback: Loopback,
    worker: Worker,
    sessions: Sessions,
    slow: asyncio.Event,
) -> None:
    loopback.waits(6.0)
    crowd = [heard("慢慢来", to_bot=True, sender_id=str(n)) for n in range(200)]
    times: list[float] = []

    async def post(each: dict[str, object]) -> int:
        started = time.monotonic()
        answer = await client.post("/hooks/echo", json=[each])
        times.append(time.monotonic() - started)
        return answer.status_code

    assert set(await asyncio.gather(*map(post, crowd))) == {200}
    assert max(times) < loopback.limits.patience
    assert len(await kept(sessions)) == len(crowd)
    slow.set()
    await worker.catch_up()
    said = [words.text for words in loopback.sent]
    assert said.count("来了") == len(
        [each for each in await kept(sessions) if each.reply == "来了"]
    )
    assert 12 <= said.count("来了") < 40


@pytest.fixture
async def company(session: AsyncSession, street: Street) -> Organization:
    made = Organization(
        community_id=street.community.id,
        id=new_id(),
        code="wy",
        kind=OrganizationKind.PROPERTY,
        name="伊伊物业",
        place_id=street.places["/"].id,
        handles="物业维修",
    )
    session.add(made)
    await session.commit()
    return made


@pytest.mark.parametrize("share", [0.6, 0.0])
async def test_a_question_to_the_property_company_is_counted_however_late(
    client: Client,
    loopback: Loopback,
    worker: Worker,
    session: AsyncSession,
    street: Street,
    company: Organization,
    monkeypatch: pytest.MonkeyPatch,
    share: float,
) -> None:
    bot = await a_bot(session, street, "wuye", "loopback")
    await a_group(session, street, bot, kind=GroupKind.PROPERTY, organization_id=company.id)
    monkeypatch.setattr(hooks, "SHARE", share)

    said = heard("请问什么时候来水？")
    for _ in range(2):
        answer = await client.post("/hooks/wuye", json=[said])
    await worker.catch_up()

    assert answer.json() == {"reply": None}
    (question,) = await session.scalars(select(Question))
    (message,) = await session.scalars(select(GroupMessage))
    assert (question.message_id, message.text) == (message.id, "请问什么时候来水？")
    assert message.late is (share == 0)


async def test_the_bot_says_so_once_when_it_has_said_enough(chat: Chat) -> None:
    answers = [await chat.asks("帮助", by=str(n)) for n in range(20)]

    assert all("报修" in each for each in answers[:12])
    assert answers[12].startswith("说得太多了")
    assert set(answers[15:]) == {""}


async def test_what_was_asked_for_is_done_though_nothing_is_said(
    chat: Chat, sessions: Sessions, bound: Phone
) -> None:
    for n in range(14):
        await chat.asks("帮助", by=str(n))
    assert await chat.asks("报修 厨房水管漏水") == ""

    async with sessions() as session:
        assert len((await session.scalars(select(ServiceRequest))).all()) == 1


async def test_one_sender_cannot_ask_for_everything(
    chat: Chat, sessions: Sessions, bound: Phone
) -> None:
    for n in range(15):
        await chat.asks(f"报修 厨房水管漏水{n}")

    async with sessions() as session:
        assert len((await session.scalars(select(ServiceRequest))).all()) <= 12
