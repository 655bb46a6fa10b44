import asyncio
import time
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response

from tests.sandbox.rig import (
    APP_ID,
    OPENID,
    ORIGINAL_ID,
    TOKEN,
    Arrival,
    Box,
    Clock,
    Desk,
    Server,
    boxed,
    until,
)

OUT_OF_ORDER = "该公众号提供的服务出现故障，请稍后再试"


async def never(_: Arrival) -> Response:
    await asyncio.sleep(60)
    return PlainTextResponse("success")


def failing(_: Arrival) -> Response:
    return PlainTextResponse("no", 500)


def moved(_: Arrival) -> Response:
    return PlainTextResponse("", 302, headers={"Location": "http://127.0.0.1:9/"})


def test_a_text_arrives_as_it_was_typed_and_the_reply_comes_back(box: Box, desk: Desk) -> None:
    typed = "  报修：水管漏水 <b>&amp; ]]> 😀\n三楼  "
    outcome = box.say(typed)

    fields = desk.messages[0]
    assert fields["Content"].strip() == typed.strip()
    assert (fields["ToUserName"], fields["FromUserName"]) == (ORIGINAL_ID, OPENID)
    assert (outcome["attempts"], outcome["msg_id"]) == (1, fields["MsgId"])
    assert outcome["reply"]["text"].startswith("听到：")
    assert [bubble["direction"] for bubble in box.phone()] == ["out", "in"]


@pytest.mark.parametrize("first", [failing, moved])
def test_an_unanswered_message_comes_again_with_the_same_body(
    box: Box, desk: Desk, first: Any
) -> None:
    desk.answers = [first, first]

    outcome = box.say("水管漏水")

    one, two, three = desk.arrivals
    assert one.body == two.body == three.body
    assert len({arrival.query["nonce"] for arrival in desk.arrivals}) == 3
    assert len({arrival.fields["MsgId"] for arrival in desk.arrivals}) == 1
    assert {arrival.query["openid"] for arrival in desk.arrivals} == {OPENID}
    assert (outcome["attempts"], outcome["reply"]["text"]) == (3, "听到：水管漏水")


def test_an_answer_that_does_not_come_in_time_counts_as_none(
    platform_server: Server, clock: Clock, desk: Desk, callback_url: str
) -> None:
    desk.answers = [never]
    with boxed(platform_server, clock, patience=1) as box:
        box.open_account(callback_url)
        box.add()
        assert box.say("水管漏水")["reply"]["text"] == "听到：水管漏水"
        attempts = box.get("/log")["callbacks"][0]["attempts"]

    assert [attempt["error"] for attempt in attempts] == ["timeout", None]
    assert 900 <= attempts[0]["latency_ms"] < 5000
    assert desk.arrivals[0].body == desk.arrivals[1].body


def test_attempts_begin_as_far_apart_as_they_should(box: Box, desk: Desk) -> None:
    desk.answers = [failing, failing]
    began = time.monotonic()

    box.say("水管漏水")

    assert time.monotonic() - began >= 0.4


def test_after_three_attempts_the_phone_says_that_the_service_is_out_of_order(
    box: Box, desk: Desk
) -> None:
    desk.answers = [failing] * 4

    outcome = box.say("水管漏水")

    assert len(desk.arrivals) == 3
    assert (outcome["outcome"], outcome["reply"]) == ("unreachable", None)
    assert [bubble["text"] for bubble in box.phone()] == ["水管漏水", OUT_OF_ORDER]


def test_nobody_at_the_other_end_is_tried_three_times(box: Box, callback_url: str) -> None:
    box.open_account("http://127.0.0.1:1/wechat/a")

    assert box.say("水管漏水")["attempts"] == 3
    assert box.get("/log")["callbacks"][-1]["attempts"][0]["error"] == "ConnectError"
    box.open_account("http://a b/wechat/a")
    assert box.say("水管漏水")["outcome"] == "unreachable"
    box.open_account(callback_url)
    assert box.say("水管漏水")["attempts"] == 1


def test_what_the_owner_did_not_do_is_no_fault_on_the_phone(box: Box, desk: Desk) -> None:
    desk.answers = [failing] * 3

    box.template()

    until(lambda: box.get("/log")["callbacks"])
    assert [bubble["type"] for bubble in box.phone()] == ["template"]


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_each_mode_and_format_is_understood_by_a_stranger(
    box: Box, desk: Desk, callback_url: str, mode: str, format_: str
) -> None:
    desk.mode, desk.format = mode, format_
    box.open_account(callback_url, mode=mode, format=format_)

    outcome = box.say("水管漏水")

    arrival = desk.arrivals[0]
    assert arrival.fields["Content"] == "水管漏水"
    assert outcome["reply"]["text"] == "听到：水管漏水"
    assert ("encrypt_type" in arrival.query) == (mode != "plain")
    assert ("Content" in arrival.body.decode()) == (mode != "safe")
    assert ("Encrypt" in arrival.body.decode()) == (mode != "plain")


def test_every_kind_of_message_has_its_fields(box: Box, desk: Desk) -> None:
    box.act(type="location", latitude=31.2304, longitude=121.4737, label="3栋")
    box.act(type="link", title="停水", url="http://127.0.0.1:9/n")
    box.act(type="event", event="LOCATION", latitude=31.2, longitude=121.4)
    box.act(type="event", event="CLICK", key="report")
    box.act(type="event", event="debug_demo", fields={"List": {"PopupScene": 0, "Of": ["a", "b"]}})
    box.act(type="event", event="unsubscribe")

    location, link, position, click, odd, gone = desk.messages
    assert (location["Location_X"], location["Location_Y"]) == ("31.2304", "121.4737")
    assert (location["Label"], link["Title"]) == ("3栋", "停水")
    assert (position["Latitude"], position["Precision"]) == ("31.2", "40.0")
    assert (click["EventKey"], gone["Event"]) == ("report", "unsubscribe")
    assert odd["List"] == {"PopupScene": "0", "Of": ["a", "b"]}
    assert all("MsgId" not in event for event in (position, click, odd, gone))


def test_the_handshake_shows_whether_the_callback_knows_the_token(
    box: Box, callback_url: str
) -> None:
    verify = f"/accounts/{APP_ID}/verify"

    assert box.post(verify, {}) == {"ok": True}
    box.open_account(callback_url, token=f"not {TOKEN}")
    assert box.post(verify, {}) == {"ok": False}
    assert box.http.post("/accounts/wx-nobody/verify").status_code == 404


def test_a_lost_reply_makes_the_message_come_again(box: Box, desk: Desk) -> None:
    box.break_down(callback={"kind": "lost_reply", "times": 2})

    outcome = box.say("水管漏水")

    assert (outcome["attempts"], len(desk.arrivals)) == (3, 3)
    assert outcome["reply"]["text"] == "听到：水管漏水"
    assert box.say("还在漏")["attempts"] == 1


def test_the_log_shows_what_was_delivered(box: Box, desk: Desk, clock: Clock) -> None:
    desk.answers = [failing]
    box.say("水管漏水")

    log = box.get("/log")
    (row,) = log["callbacks"]
    assert (row["msg_type"], row["openid"], row["reply"]) == ("text", OPENID, "text")
    assert [attempt["status"] for attempt in row["attempts"]] == [500, 200]
    assert all(attempt["latency_ms"] > 0 for attempt in row["attempts"])
    counts = log["counts"]
    assert (counts["callbacks"], counts["attempts"], counts["replies"]) == (1, 2, {"text": 1})
