from typing import Any

import pytest

from tests.sandbox.rig import OPENID, Box, Clock, Desk

HOURS = 3600


def codes(box: Box, times: int) -> list[int]:
    return [box.customer()["errcode"] for _ in range(times)]


def test_five_messages_may_follow_what_somebody_wrote(box: Box) -> None:
    box.say("水管漏水")

    assert codes(box, 6) == [0, 0, 0, 0, 0, 45047]
    box.say("还在漏")
    assert codes(box, 1) == [0]


def test_after_forty_eight_hours_the_window_is_shut(box: Box, clock: Clock) -> None:
    assert codes(box, 1) == [45015]
    box.say("水管漏水")
    clock.ahead = 47.9 * HOURS
    assert codes(box, 1) == [0]
    clock.ahead = 48.1 * HOURS
    assert codes(box, 1) == [45015]


@pytest.mark.parametrize("event", ["CLICK", "SCAN", "subscribe"])
def test_three_messages_may_follow_a_click_a_scan_or_a_follow_for_a_minute(
    box: Box, clock: Clock, event: str
) -> None:
    box.act(type="event", event=event, key="report")

    assert codes(box, 4) == [0, 0, 0, 45047]
    box.act(type="event", event=event, key="report")
    clock.ahead = 61
    assert codes(box, 1) == [45015]


def test_opening_a_page_from_the_menu_opens_no_window(box: Box) -> None:
    box.act(type="event", event="VIEW", key="http://127.0.0.1:9/")

    assert codes(box, 1) == [45015]


def test_a_click_adds_to_what_writing_left(box: Box) -> None:
    box.say("水管漏水")
    box.act(type="event", event="CLICK", key="report")

    assert codes(box, 9) == [0] * 8 + [45047]


def test_who_left_gets_nothing_even_in_the_window(box: Box) -> None:
    box.say("水管漏水")
    box.act(type="event", event="unsubscribe")

    assert codes(box, 1) == [45015]
    box.act(type="event", event="subscribe")
    assert codes(box, 4) == [0, 0, 0, 45047]
    box.say("水管漏水")
    box.add(subscribed=False)
    assert codes(box, 1) == [45015]


def test_a_text_of_more_than_2048_bytes_is_refused(box: Box) -> None:
    box.say("水管漏水")

    assert box.customer("水" * 682 + "ab")["errcode"] == 0
    assert box.customer("水" * 683)["errcode"] == 45002
    assert box.customer("")["errcode"] == 44004


def send(box: Box, kind: str, part: Any) -> int:
    body = {"touser": OPENID, "msgtype": kind, kind: part}
    return int(box.call("/cgi-bin/message/custom/send", body)["errcode"])


def test_each_kind_of_message_is_shown(box: Box) -> None:
    box.say("水管漏水")
    menu = {"head_content": "满意吗？", "list": [{"id": "5", "content": "满意"}]}
    article = {"title": "停水通知", "description": "明天", "url": "http://127.0.0.1:9/n"}

    assert send(box, "msgmenu", menu) == 0
    assert send(box, "news", {"articles": [article]}) == 0

    *_, choice, news = box.phone()
    assert (choice["head"], choice["items"]) == ("满意吗？", [{"id": "5", "content": "满意"}])
    assert choice["text"] == "满意吗？\n满意"
    assert news["articles"] == [{**article, "picurl": ""}]


@pytest.mark.parametrize(
    ("kind", "part", "code"),
    [
        ("hologram", {}, 40008),
        ("text", "水", 47001),
        ("image", {"media_id": "none"}, 40007),
        ("news", {"articles": []}, 45008),
        ("msgmenu", {"list": "满意"}, 47001),
    ],
)
def test_a_message_that_makes_no_sense_uses_nothing_up(
    box: Box, kind: str, part: Any, code: int
) -> None:
    box.say("水管漏水")

    assert send(box, kind, part) == code
    assert codes(box, 6) == [0] * 5 + [45047]


def test_a_tapped_choice_says_which_one_it_was(box: Box, desk: Desk) -> None:
    box.act(type="text", text="满意", menu_id="5")

    assert desk.messages[0]["Content"] == "满意"
    assert desk.messages[0]["bizmsgmenuid"] == "5"
