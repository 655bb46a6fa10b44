import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core.sending import Failed, Refused
from app.groups.platforms import Address, Opened, Words
from app.groups.platforms.dingtalk import signed
from app.groups.problems import HookUnreadable, NotFromPlatform
from tests.groups.platforms.calls import (
    KEYS,
    NOW,
    STAMP,
    b64mac,
    call,
    from_dingtalk,
    payload,
    platform,
)
from tests.groups.platforms.outside import Outside, http

DINGTALK = platform("dingtalk")
KEY = KEYS["dingtalk"]
# printf '1795426200000\nSEC8f1b2c' | openssl dgst -sha256 -hmac SEC8f1b2c -binary | base64
SIGN = "zeH+K4m8BXljFyg6sPXL8jL4tJLLJGVzN19qqJluwVA="


def opened(name: str) -> Opened:
    return DINGTALK.open(KEY, from_dingtalk(payload(name)))


def test_a_recorded_message_passes_by_the_signature_openssl_makes() -> None:
    headers = {"timestamp": f"{STAMP}000", "sign": SIGN}

    got = DINGTALK.open(KEY, call(payload("dingtalk_group.json"), headers))

    (heard,) = got.heard
    assert heard.message_id == "msgR2xhc3M4bW9vbg=="
    assert (heard.group_id, heard.group_name) == ("cidZmVzdGl2YWwrM2Jsb2Nr==", "3栋楼栋交流群")
    assert (heard.sender_id, heard.sender_name) == ("manager7702", "王秀英")
    assert (heard.text, heard.to_bot, heard.kind) == ("报修 电梯停了", True, "text")
    assert heard.sent_at == NOW
    webhook = "https://oapi.dingtalk.com/robot/sendBySession?session=3d1"
    assert got.context == {"session_webhook": webhook}


@pytest.mark.parametrize(
    ("name", "group", "kind", "text", "sender"),
    [
        ("dingtalk_private.json", None, "text", "帮助", "$:LWCP_v1:$Ff09GIxx"),
        (
            "dingtalk_rich.json",
            "cidZmVzdGl2YWwrM2Jsb2Nr==",
            "text",
            "报修 3栋门禁坏了",
            "$:LWCP_v1:$Ff09GIxx",
        ),
        (
            "dingtalk_picture.json",
            "cidZmVzdGl2YWwrM2Jsb2Nr==",
            "image",
            "",
            "$:LWCP_v1:$Ff09GIxx",
        ),
    ],
)
def test_other_recorded_messages_are_read(
    name: str, group: str | None, kind: str, text: str, sender: str
) -> None:
    (heard,) = opened(name).heard

    assert (heard.group_id, heard.kind, heard.text) == (group, kind, text)
    assert (heard.sender_id, heard.to_bot) == (sender, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"sign": ""},
        {"sign": SIGN[:-2]},
        {"sign": "zeH%2BK4m8BXljFyg6sPXL8jL4tJLLJGVzN19qqJluwVA%3D"},
        {"timestamp": f"{STAMP}001"},
        {"timestamp": STAMP},
        {"timestamp": ""},
        {"timestamp": "nan"},
        {"timestamp": f"+{STAMP}00"},
        {"timestamp": f"{STAMP}000\n"},
    ],
)
def test_a_wrong_signature_or_time_is_refused(headers: dict[str, str]) -> None:
    genuine = from_dingtalk(payload("dingtalk_group.json"))

    with pytest.raises(NotFromPlatform):
        DINGTALK.open(KEY, replace(genuine, headers={**genuine.headers, **headers}))


@pytest.mark.parametrize(("minutes", "fresh"), [(59, True), (-59, True), (61, False), (-61, False)])
def test_the_time_may_be_an_hour_off(minutes: int, fresh: bool) -> None:
    moved = replace(
        from_dingtalk(payload("dingtalk_group.json")), at=NOW + timedelta(minutes=minutes)
    )

    if fresh:
        assert DINGTALK.open(KEY, moved).heard
    else:
        with pytest.raises(NotFromPlatform):
            DINGTALK.open(KEY, moved)


def test_a_bot_without_a_secret_believes_nobody() -> None:
    stamp = f"{STAMP}000"
    headers = {"timestamp": stamp, "sign": b64mac(b"", f"{stamp}\n".encode())}

    with pytest.raises(NotFromPlatform):
        DINGTALK.open({"secret": ""}, call(payload("dingtalk_group.json"), headers))


@pytest.mark.parametrize("missing", ["msgId", "conversationId", "senderId", "createAt", "text"])
def test_a_genuine_message_that_lacks_something_is_unreadable(missing: str) -> None:
    body = json.loads(payload("dingtalk_group.json"))
    body.pop("senderStaffId")
    body.pop(missing)

    with pytest.raises(HookUnreadable):
        DINGTALK.open(KEY, from_dingtalk(json.dumps(body).encode()))


def test_the_answer_to_the_call_carries_the_words() -> None:
    got = opened("dingtalk_group.json")

    said = json.loads(DINGTALK.answer(KEY, got, "已登记").body)

    assert said == {"msgtype": "text", "text": {"content": "已登记"}}
    assert json.loads(DINGTALK.answer(KEY, got, None).body) == {"msgtype": "empty"}


def test_the_signature_stands_in_the_address_encoded_once() -> None:
    # The same recipe as above; `+` and `=` are what encoding twice or never would spoil.
    url = signed(
        "https://oapi.dingtalk.com/robot/send?access_token=T", KEY["secret"], 1795426200000
    )

    assert str(url) == (
        "https://oapi.dingtalk.com/robot/send?access_token=T&timestamp=1795426200000"
        "&sign=zeH%2BK4m8BXljFyg6sPXL8jL4tJLLJGVzN19qqJluwVA%3D"
    )


async def sent(outside: Outside, words: Words, secret: str | None = KEY["secret"]) -> Any:
    outside.answers = [http({"errcode": 0, "errmsg": "ok"})]
    to = Address(robot_url=f"{outside.url}/robot/send?access_token=T", robot_secret=secret)
    assert await DINGTALK.send(to, words) is None
    return outside.body


async def test_what_goes_over_the_wire_is_signed_and_encoded_once(outside: Outside) -> None:
    body = await sent(outside, Words(text="周六停水", title="通知", link="https://p.cn/1"))

    assert body == {"msgtype": "text", "text": {"content": "通知\n周六停水\nhttps://p.cn/1"}}
    target = outside.lines[0].split(" ")[1]
    query = {name: value for name, (value,) in parse_qs(urlsplit(target).query).items()}
    assert query["access_token"] == "T"
    message = f"{query['timestamp']}\nSEC8f1b2c".encode()
    assert query["sign"] == b64mac(b"SEC8f1b2c", message)
    assert len(query["timestamp"]) == 13
    assert "+" not in target
    assert "%25" not in target


async def test_a_robot_without_a_secret_is_not_signed(outside: Outside) -> None:
    await sent(outside, Words(text="周六停水"), secret=None)

    assert outside.lines == ["POST /robot/send?access_token=T HTTP/1.1"]


async def test_markdown_has_a_title_for_the_notification(outside: Outside) -> None:
    body = await sent(outside, Words(text="停水", markdown="**周六**停水", title="通知"))

    assert body["markdown"] == {"title": "通知", "text": "### 通知\n**周六**停水"}


@pytest.mark.parametrize("markdown", [None, "@所有人 @13800000000"])
async def test_words_that_look_like_mentions_are_none(
    outside: Outside, markdown: str | None
) -> None:
    words = Words(text="@所有人", markdown=markdown, title="@所有人", link="https://p.cn/@所有人")

    body = await sent(outside, words)

    # DingTalk mentions whom the member `at` names, and nobody else.
    assert body.keys() == {"msgtype", "markdown" if markdown else "text"}


async def test_a_body_stays_below_20000_bytes_however_it_is_quoted(outside: Outside) -> None:
    await sent(outside, Words(text='"\n' * 15_000))

    assert 17_000 < len(outside.bodies[0]) <= 20_000


@pytest.mark.parametrize(
    ("code", "error", "wait"),
    [
        (310000, Refused, None),
        (400102, Refused, None),
        (130101, Failed, timedelta(minutes=10)),
        (-1, Failed, None),
    ],
)
async def test_http_200_with_a_code_is_a_failure(
    outside: Outside, code: int, error: type[Failed | Refused], wait: timedelta | None
) -> None:
    outside.answers = [http({"errcode": code, "errmsg": "keywords not in content"})]

    with pytest.raises(error) as caught:
        await DINGTALK.send(Address(robot_url=f"{outside.url}/"), Words(text="停水"))

    assert str(caught.value) == str(code)
    if isinstance(caught.value, Failed):
        assert (caught.value.wait, caught.value.lane) == (wait, wait is not None)
