"""Weibo: what a status looks like, and what each answer means."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.settings import settings
from app.notices import content, outlets
from app.notices.channels import Content, Refused
from app.notices.channels.weibo import LONGEST, halves, status_of
from app.notices.models import Lane, State
from app.sandbox.weibo import SHARE, length
from tests.conftest import Worker
from tests.notices.channels.conftest import Publishes, Repeats, by
from tests.sandbox.rig import Box
from tests.service_requests.builders import Town
from tests.webhooks.receiver import Receiver, answer


@pytest.fixture(autouse=True)
async def account(session: AsyncSession, town: Town) -> None:
    """The community's account, whose token the sandbox knows."""
    keys = {"access_token": "W1"}
    await outlets.add(session, channel="weibo", name="微博", keys=keys, by=by(town))
    await session.commit()


def test_a_status_is_cut_as_weibo_counts_and_keeps_its_link_whole() -> None:
    link = "https://palm.example/c/yiyi/notices/01a20a68-b1f9-79b1-8247-fed6f6bf459b"
    status = status_of(Content(purpose="x", title="停水通知", text="水" * 300, link=link))

    assert status.startswith("【停水通知】")
    assert status.endswith(link)
    assert LONGEST - 1 <= halves(status) / 2 <= LONGEST
    assert length(status) <= LONGEST
    assert halves("水a") == 3


def test_a_hash_sign_makes_no_topic() -> None:
    said = Content(purpose="x", title="#停水#", text="3#楼", link="https://palm.example/#n")

    assert status_of(said) == "【＃停水＃】\n3＃楼\nhttps://palm.example/#n"


def test_what_has_no_page_to_link_to_is_refused() -> None:
    with pytest.raises(Refused, match="no_link"):
        status_of(Content(purpose="x", title="停水", text="停水"))


async def test_a_notice_is_posted_once_with_its_link(
    session: AsyncSession, weibo: Box, publishes: Publishes
) -> None:
    delivery = (await publishes("weibo"))["weibo"]

    (status,) = weibo.get("/weibo/statuses")["statuses"]
    assert delivery.state is State.SENT
    assert delivery.receipt == status["id"]
    assert status["text"].endswith(str((await content.of(session, delivery)).link))


async def test_what_was_taken_although_the_answer_was_lost_is_not_posted_again(
    weibo: Box, publishes: Publishes, repeats: Repeats
) -> None:
    delivery = (await publishes("weibo"))["weibo"]
    await repeats(delivery)

    assert (delivery.state, delivery.attempts) == (State.SENT, 2)
    assert len(weibo.get("/weibo/statuses")["statuses"]) == 1


async def test_too_many_posts_stop_the_account_and_count_against_no_notice(
    session: AsyncSession, weibo: Box, publishes: Publishes, worker: Worker
) -> None:
    weibo.break_down(robots=[{"path": SHARE, "kind": "rate_limit"}])
    delivery = (await publishes("weibo"))["weibo"]

    assert (delivery.state, delivery.attempts) == (State.PENDING, 0)
    lane = (await session.scalars(select(Lane))).one()
    assert (lane.lane, lane.stopped_by) == (delivery.lane, "10023")
    await session.rollback()
    await worker.catch_up(later=True)
    await session.refresh(delivery)
    assert (delivery.state, delivery.attempts) == (State.SENT, 1)


@pytest.mark.parametrize(
    ("status", "body", "state", "code"),
    [
        ("400 Bad Request", {"error_code": 21332}, State.REFUSED, "21332"),
        ("400 Bad Request", {"error_code": 21327}, State.REFUSED, "21327"),
        ("400 Bad Request", {"error_code": 20012}, State.REFUSED, "20012"),
        ("200 OK", {"error_code": 20018, "error": "x"}, State.REFUSED, "20018"),
        ("200 OK", {"error_code": 10001, "error": "x"}, State.PENDING, "10001"),
        ("200 OK", {}, State.PENDING, "no_id"),
        ("200 OK", "<html>", State.PENDING, "http_200"),
        ("200 OK", [1], State.PENDING, "http_200"),
        ("502 Bad Gateway", {"id": 5}, State.PENDING, "http_502"),
        ("200 OK", {"error_code": 20019}, State.SENT, "sent"),
        ("200 OK", {"idstr": "5"}, State.SENT, "sent"),
    ],
)
async def test_what_each_answer_means(
    receiver: Receiver,
    publishes: Publishes,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    body: object,
    state: State,
    code: str,
) -> None:
    monkeypatch.setenv("PALM_WEIBO_API", f"http://127.0.0.1:{receiver.port}")
    settings.cache_clear()
    told = body if isinstance(body, str) else json.dumps(body)
    receiver.usual = answer(status, body=told.encode())
    delivery = (await publishes("weibo"))["weibo"]

    assert (delivery.state, delivery.answer) == (state, code)


async def test_an_account_nobody_answers_for_is_tried_again(
    publishes: Publishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALM_WEIBO_API", "http://127.0.0.1:9")
    settings.cache_clear()
    delivery = (await publishes("weibo"))["weibo"]

    assert (delivery.state, delivery.answer) == (State.PENDING, "unreachable")
