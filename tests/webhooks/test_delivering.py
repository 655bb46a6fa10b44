"""Messages reach other software as Standard Webhooks 1.0 says, or are seen not to."""

import asyncio
import gzip
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import record
from app.core.ids import new_id
from app.people.access import Actor
from app.webhooks import delivering, jobs
from app.webhooks.delivering import LEASE, SCHEDULE
from app.webhooks.models import MessageState, SubscriptionState, WebhookAttempt
from tests.people.builders import facts
from tests.webhooks.conftest import Course, Rings, Subscribes
from tests.webhooks.facts import BellRung, LampLit
from tests.webhooks.receiver import Receiver, answer

DEAD, DELIVERED, PENDING = MessageState.DEAD, MessageState.DELIVERED, MessageState.PENDING


async def test_a_fact_arrives_signed_as_the_specification_says(
    session: AsyncSession,
    receiver: Receiver,
    subscribes: Subscribes,
    course: Course,
    by: Actor,
) -> None:
    subscription = await subscribes()
    lamp = LampLit(lamp_id=new_id(), bright=True, reason="怕黑", was={"phone": "1"}, changed=["a"])
    await record(session, lamp, by=by)
    await session.commit()
    await course.run()

    (arrived,) = receiver.arrived
    told = arrived.verified(subscription.secret)
    assert told["type"] == "test_hook.lamp.lit"
    assert told["data"] == {
        "community_id": str(by.community_id),
        "actor": "system",
        "lamp_id": str(lamp.lamp_id),
        "bright": True,
        "changed": ["a"],
    }, "what somebody wrote stays in the house"
    assert list(told) == ["type", "timestamp", "data"]
    assert arrived.headers["content-type"] == "application/json"
    assert subscription.secret.startswith("whsec_")
    (message,) = await course.messages()
    assert (str(message.id), message.state) == (arrived.id, DELIVERED)
    assert (message.attempts, message.status) == (1, 204)


async def test_a_subscription_hears_of_the_kinds_it_named_and_no_others(
    session: AsyncSession,
    receivers: list[Receiver],
    subscribes: Subscribes,
    course: Course,
    by: Actor,
) -> None:
    await subscribes("test_hook.bell.*")
    await subscribes("test_hook.lamp.lit", url=receivers[1].url)
    lamp = LampLit(lamp_id=new_id(), bright=True, reason="", was={}, changed=[])
    for event in (BellRung(bell_id=new_id()), lamp):
        await record(session, event, by=by)
    await session.commit()
    await course.run()

    assert receivers[0].types == ["test_hook.bell.rung"]
    assert receivers[1].types == ["test_hook.lamp.lit"]


async def test_a_fact_that_did_not_happen_is_not_told(
    session: AsyncSession, receiver: Receiver, subscribes: Subscribes, course: Course, by: Actor
) -> None:
    await subscribes()
    await record(session, BellRung(bell_id=new_id()), by=by)
    await session.rollback()
    await course.run()

    assert not await course.messages()
    assert receiver.connections == 0


async def test_what_fails_is_tried_again_at_the_pauses_of_the_specification(
    receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course
) -> None:
    await subscribes()
    receiver.usual = answer("500 Internal Server Error")
    await rings()
    await course.run()

    for number, pause in enumerate(SCHEDULE[:-1], start=1):
        (message,) = await course.messages()
        assert (message.attempts, message.state, message.answer) == (number, PENDING, "http_500")
        assert timedelta() < message.due_at - now() <= pause * 1.1
        await course.later(seconds=pause.total_seconds() * 0.9)
        assert len(receiver.arrived) == number, "not before its time"
        await course.later(seconds=pause.total_seconds() * 0.2 + 1)
        assert len(receiver.arrived) == number + 1

    assert len({arrived.id for arrived in receiver.arrived}) == 1
    assert sum(SCHEDULE, timedelta()) > timedelta(days=3)


async def test_an_answer_of_client_error_is_tried_again_too(
    receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course
) -> None:
    await subscribes()
    receiver.answers = [answer("400 Bad Request")]
    await rings()
    await course.run()
    await course.later(seconds=6)

    assert [message.state for message in await course.messages()] == [DELIVERED]


async def test_the_first_retry_is_promised_to_the_worker_with_the_failure(
    session: AsyncSession, receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course
) -> None:
    await subscribes()
    receiver.answers = [answer("500 Internal Server Error")]
    await rings()
    await course.run()

    waits = (
        "SELECT scheduled_at > now() + interval '3 s' FROM procrastinate_jobs"
        " WHERE status = 'todo' AND task_name = 'core.rouse'"
    )
    assert (await session.scalars(text(waits))).all() == [True]


async def test_an_endpoint_that_is_gone_is_disabled_and_its_messages_are_dead(
    session: AsyncSession, receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course
) -> None:
    subscription = await subscribes()
    receiver.usual = answer("410 Gone")
    await rings()
    await course.run()
    await rings()
    await course.run()

    assert len(receiver.arrived) == 1
    (message,) = await course.messages()
    assert (message.state, message.answer) == (DEAD, "gone")
    found = await course.subscription()
    assert (found.state, found.reason) == (SubscriptionState.DISABLED, "gone")
    assert await facts(session, "webhook.disabled") == [
        {"subscription_id": str(subscription.id), "owner_id": None, "reason": "gone"}
    ]


async def test_an_endpoint_that_fails_for_three_days_is_disabled(
    session: AsyncSession, receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course
) -> None:
    await subscribes()
    receiver.usual = answer("500 Internal Server Error")
    await rings()
    await course.run()
    await course.later(hours=71)
    assert (await course.subscription()).state is SubscriptionState.ACTIVE
    await rings()
    await course.later(hours=1.1)

    assert (await course.subscription()).reason == "failing"
    assert {message.state for message in await course.messages()} == {DEAD}
    assert len(await facts(session, "webhook.disabled")) == 1


async def test_one_success_lets_an_endpoint_be_well_again(
    receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course
) -> None:
    await subscribes()
    receiver.answers = [answer("500 Internal Server Error")]
    await rings()
    await course.run()
    assert (await course.subscription()).failing_since
    await course.later(hours=71)
    assert (await course.subscription()).failing_since is None


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_an_endpoint_that_asks_for_time_is_given_it(
    receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course, status: str
) -> None:
    await subscribes()
    receiver.answers = [answer(status, "Retry-After: 120\r\n")]
    await rings()
    await course.run()
    await rings()
    await course.later(seconds=110)
    assert len(receiver.arrived) == 1, "neither the one nor the other was sent again"

    await course.later(seconds=15)
    assert {message.state for message in await course.messages()} == {DELIVERED}


async def test_a_redirect_is_a_failure_and_not_followed(
    receivers: list[Receiver], subscribes: Subscribes, rings: Rings, course: Course
) -> None:
    await subscribes()
    receivers[0].answers = [answer("307 Temporary Redirect", f"Location: {receivers[1].url}\r\n")]
    await rings()
    await course.run()

    assert receivers[1].connections == 0
    (message,) = await course.messages()
    assert (message.state, message.status, message.answer) == (PENDING, 307, "redirect")


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        await writer.drain()


async def _silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


_BOMB = gzip.compress(bytes(1 << 26))


async def _bomb(writer: asyncio.StreamWriter) -> None:
    writer.write(answer("200 OK", "Content-Encoding: gzip\r\n", _BOMB))


@pytest.mark.parametrize(
    ("behaves", "word"),
    [(_endless, "answer_too_large"), (_bomb, "answer_too_large"), (_silent, "timeout")],
)
async def test_an_answer_without_end_is_cut(
    receiver: Receiver,
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    behaves: object,
    word: str,
) -> None:
    monkeypatch.setattr("app.core.http.transport.TOTAL", 0.5)
    await subscribes()
    receiver.answers = [behaves]  # type: ignore[list-item]
    await rings()
    await course.run()

    (message,) = await course.messages()
    assert (message.state, message.answer) == (PENDING, word)


async def test_an_endpoint_that_does_not_answer_costs_one_call_and_delays_nobody(
    receivers: list[Receiver],
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.core.http.transport.TOTAL", 0.5)
    await subscribes()
    await subscribes(url=receivers[1].url)
    receivers[0].usual = _silent
    for _ in range(3):
        await rings()
        await course.run()

    assert len(receivers[0].arrived) == 1, "the others wait until it can be reached"
    assert len(receivers[1].arrived) == 3
    receivers[0].usual = answer()
    await course.later(seconds=6)
    assert {message.state for message in await course.messages()} == {DELIVERED}


async def test_a_worker_that_dies_between_attempt_and_outcome_leaves_the_message_to_be_repeated(
    session: AsyncSession,
    sessions: Sessions,
    receiver: Receiver,
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await subscribes()
    await rings()

    async def died(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(delivering, "settle", died)
        await course.run()
    assert len(receiver.arrived) == 1
    await course.later(seconds=LEASE.total_seconds() - 5)
    assert len(receiver.arrived) == 1, "it may still be under way"
    await course.later(seconds=6)

    assert len(receiver.arrived) == 2
    assert receiver.arrived[0].id == receiver.arrived[1].id
    assert receiver.arrived[0].body == receiver.arrived[1].body
    attempts = (await session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.id))).all()
    assert [attempt.outcome for attempt in attempts] == [None, "delivered"]


async def test_two_pumps_of_one_endpoint_never_send_the_same_message(
    sessions: Sessions, receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course
) -> None:
    subscription = await subscribes()
    for _ in range(20):
        await rings()
    where = subscription.community_id, subscription.id

    async def drain() -> None:
        while await jobs._send_some(sessions, *where):
            pass

    await asyncio.gather(drain(), drain(), drain())

    assert len(receiver.arrived) == len({arrived.id for arrived in receiver.arrived}) == 20


async def test_a_message_written_while_its_pump_waits_or_runs_is_not_forgotten(
    sessions: Sessions,
    receiver: Receiver,
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
    by: Actor,
) -> None:
    subscription = await subscribes()
    await rings()
    async with sessions() as late:
        await record(late, BellRung(bell_id=new_id()), by=by)
        running = asyncio.create_task(course.pump(subscription))
        async with asyncio.timeout(30):
            await receiver.came.wait()
        await asyncio.wait([running], timeout=1.5)  # one that would not wait ends meanwhile
        await late.commit()
        await running

    assert len(receiver.arrived) == 2
