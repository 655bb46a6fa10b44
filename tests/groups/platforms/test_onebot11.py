import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.sending import Failed, Refused
from app.groups.platforms import Address, Opened, Words
from app.groups.problems import HookUnreadable, NotFromPlatform
from tests.groups.platforms.calls import KEYS, NOW, call, from_onebot11, payload, platform
from tests.groups.platforms.outside import Outside, http

ONEBOT = platform("onebot11")
KEY = KEYS["onebot11"]


def opened(name: str) -> Opened:
    return ONEBOT.open(KEY, from_onebot11(payload(name)))


def test_a_recorded_report_passes_by_the_signature_openssl_makes() -> None:
    # openssl dgst -sha1 -hmac sesame-opens-3 onebot11_group.json
    signature = "sha1=34675f37e4b2a0b5e59a2a804b57df91d70072bc"
    headers = {"x-signature": signature, "x-self-id": "10001000"}

    (heard,) = ONEBOT.open(KEY, call(payload("onebot11_group.json"), headers)).heard

    assert heard.message_id == "-1829478613"
    assert (heard.group_id, heard.group_name) == ("640312", "3栋楼栋交流群")
    assert (heard.sender_id, heard.sender_name) == ("20001", "王秀英 3-502")
    assert heard.sent_at == NOW
    assert heard.text == "报修 楼道灯不亮，@物业 看一下 @李桂兰"
    assert (heard.kind, heard.to_bot, heard.reply_to) == ("text", True, "-77120")


def test_codes_in_a_text_are_read_as_segments_are() -> None:
    (heard,) = opened("onebot11_codes.json").heard

    assert heard.text == "投票 [停车] A&B\n第二行"
    assert (heard.to_bot, heard.sender_name, heard.kind) == (True, "秀英", "text")


def test_a_private_picture_is_to_the_bot_and_in_no_group() -> None:
    (heard,) = opened("onebot11_private.json").heard

    assert (heard.group_id, heard.to_bot) == (None, True)
    assert (heard.kind, heard.text) == ("image", "")


def test_a_mention_of_somebody_else_is_not_to_the_bot() -> None:
    report = json.loads(payload("onebot11_group.json"))
    report["message"] = [{"type": "at", "data": {"qq": "all"}}]

    (heard,) = ONEBOT.open(KEY, from_onebot11(json.dumps(report).encode())).heard

    assert (heard.to_bot, heard.text) == (False, "@all")


@pytest.mark.parametrize("name", ["onebot11_notice.json", "onebot11_own.json"])
def test_what_nobody_said_to_us_is_answered_with_nothing(name: str) -> None:
    got = opened(name)

    assert not got.heard
    assert got.answer is not None
    assert (got.answer.status, got.answer.body) == (204, b"")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-signature": ""},
        {"x-signature": "sha1="},
        {"x-signature": "34675f37e4b2a0b5e59a2a804b57df91d70072bc"},
        {"x-signature": "sha1=34675F37E4B2A0B5E59A2A804B57DF91D70072BC"},
        {"x-signature": "sha1=\udcff中"},
        {"x-self-id": "10001001"},
    ],
)
def test_a_wrong_signature_or_another_bot_is_refused(headers: dict[str, str]) -> None:
    genuine = from_onebot11(payload("onebot11_group.json"))
    spoilt = {**genuine.headers, **headers} if headers else {}

    with pytest.raises(NotFromPlatform):
        ONEBOT.open(KEY, replace(genuine, headers=spoilt))


def test_a_bot_without_a_secret_believes_nobody() -> None:
    with pytest.raises(NotFromPlatform):
        ONEBOT.open({**KEY, "secret": ""}, from_onebot11(payload("onebot11_group.json")))


def test_a_report_about_another_bot_under_the_same_secret_is_refused() -> None:
    body = payload("onebot11_group.json").replace(b'"self_id":10001000', b'"self_id":10001009')

    with pytest.raises(NotFromPlatform):
        ONEBOT.open(KEY, from_onebot11(body))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"message_id":-1829478613', b'"message_id":null'),
        (b'"message_id":-1829478613', b'"message_id":true'),
        (b'"user_id":20001,"anon', b'"user_id":[],"anon'),
        (b'"group_id":640312', b'"group_id":""'),
        (b'"group_id":640312', b'"group_id":99999999999999999999999'),
        (b'"time":1795426200', b'"time":"soon"'),
        (b'"time":1795426200', b'"time":1e400'),
        (b'"time":1795426200', b'"time":NaN'),
        (b'"time":1795426200', b'"time":-5'),
        (b'"message":[', b'"message":7,"x":['),
        (b'"font":14', b'"font":14,"font":15'),
        (b'"qq":"10001000"', b'"qq":"a\\u0000b"'),
    ],
)
def test_a_genuine_report_that_makes_no_sense_is_unreadable(old: bytes, new: bytes) -> None:
    body = payload("onebot11_group.json")
    assert old in body

    with pytest.raises(HookUnreadable):
        ONEBOT.open(KEY, from_onebot11(body.replace(old, new)))


def test_what_a_resident_typed_cannot_become_a_code_in_a_quick_reply() -> None:
    got = opened("onebot11_group.json")

    answer = ONEBOT.answer(KEY, got, "收到：[CQ:at,qq=all]")

    said = json.loads(answer.body)
    assert said == {"reply": "收到：[CQ:at,qq=all]", "auto_escape": True, "at_sender": False}
    assert ONEBOT.answer(KEY, got, None).status == 204


async def test_words_go_to_the_implementation_with_the_token(outside: Outside) -> None:
    outside.answers = [http({"status": "ok", "retcode": 0, "data": {"message_id": -44}})]
    to = Address(group_id="640312", api=f"{outside.url}/api/", keys=KEY)

    code = "[CQ:at,qq=all]"
    words = Words(text=f"周六停水 {code}", title=f"通知{code}", link=f"https://p.cn/{code}")

    receipt = await ONEBOT.send(to, words)

    assert receipt == "-44"
    assert outside.lines == ["POST /api/send_group_msg HTTP/1.1"]
    assert outside.headers[0]["authorization"] == "Bearer t0ken-11"
    text = f"通知{code}\n周六停水 {code}\nhttps://p.cn/{code}"
    # Codes are read in a message that is a string, and never in a segment of text.
    message = [{"type": "text", "data": {"text": text}}]
    assert outside.body == {"group_id": 640312, "message": message}


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        ({"status": "failed", "retcode": 1403, "data": None}, Refused, "1403"),
        ({"status": "failed", "retcode": 100, "data": None}, Refused, "100"),
        ({"status": "failed", "retcode": 1200, "data": None}, Failed, "1200"),
        ({"status": "failed", "retcode": 0, "data": None}, Failed, "0"),
        ({"status": "ok", "retcode": 5}, Failed, "5"),
        ({"status": "ok", "retcode": "0"}, Failed, "unreadable"),
        ({"status": "ok"}, Failed, "unreadable"),
    ],
)
async def test_http_200_that_says_failed_is_a_failure(
    outside: Outside, answer: dict[str, object], error: type[Failed | Refused], code: str
) -> None:
    outside.answers = [http(answer)]
    to = Address(group_id="640312", api=outside.url, keys=KEY)

    with pytest.raises(error) as caught:
        await ONEBOT.send(to, Words(text="周六停水"))

    assert str(caught.value) == code
    assert not isinstance(caught.value, Failed) or caught.value.sent


async def test_a_message_that_is_taken_for_later_is_taken(outside: Outside) -> None:
    outside.answers = [http({"status": "async", "retcode": 1, "data": None})]

    to = Address(group_id="640312", api=outside.url, keys=KEY)
    assert await ONEBOT.send(to, Words(text="周六停水")) is None


async def test_a_group_without_an_address_is_refused_at_once() -> None:
    for to in (Address(group_id="1"), Address(api="http://127.0.0.1:9")):
        with pytest.raises(Refused):
            await ONEBOT.send(to, Words(text="周六停水"))


def test_reports_of_any_age_are_read_for_they_carry_no_signed_time() -> None:
    late = replace(from_onebot11(payload("onebot11_group.json")), at=NOW + timedelta(days=2))

    assert ONEBOT.open(KEY, late).heard
