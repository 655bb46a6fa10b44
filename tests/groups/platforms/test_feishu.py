import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.clock import now
from app.core.sending import Failed, Refused
from app.groups.platforms import Address, Call, Opened, SayInstead, Words
from app.groups.platforms.feishu import signature
from app.groups.problems import HookUnreadable, NotFromPlatform
from tests.groups.platforms.calls import (
    KEYS,
    NOW,
    STAMP,
    b64mac,
    call,
    feishu_sealed,
    feishu_signed,
    from_feishu,
    payload,
    platform,
)
from tests.groups.platforms.outside import Outside, http

FEISHU = platform("feishu")
KEY = KEYS["feishu"]


def opened(name: str) -> Opened:
    return FEISHU.open(KEY, from_feishu(payload(name)))


def test_the_documented_encryption_opens() -> None:
    # Feishu's example: "hello world" under "test key". It is no JSON, and read as far as that.
    sealed = b'{"encrypt":"P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="}'
    keys = {**KEY, "encrypt_key": "test key"}
    # printf '1795426200n0nce7test key{"encrypt":…}' | sha256sum
    digest = "7bf0aaef6ccb93aca91e8d0fab698edbd177efb0640af82ccc48c35552df4f1a"
    headers = {
        "x-lark-request-timestamp": STAMP,
        "x-lark-request-nonce": "n0nce7",
        "x-lark-signature": digest,
    }

    with pytest.raises(HookUnreadable):
        FEISHU.open(keys, call(sealed, headers))
    with pytest.raises(NotFromPlatform):
        FEISHU.open(KEY, call(sealed, headers))


def test_a_recorded_message_is_read() -> None:
    (heard,) = opened("feishu_text.json").heard

    assert heard.message_id == "om_5ce6d572455d361153b7cb51da133945"
    assert heard.group_id == "oc_5ce6d572455d361153b7xx51da133945"
    assert heard.sender_id == "ou_84aad35d084aa403a838cf73ee18467"
    assert heard.sent_at == NOW
    assert heard.text == "报修 请 @李华  看看 @all"
    assert (heard.kind, heard.to_bot) == ("text", True)
    assert heard.reply_to == "om_5ce6d572455d361153b7cb5111111111"


def test_the_bot_is_known_by_its_name_until_its_id_is() -> None:
    nameless = {**KEY, "self_id": ""}

    (heard,) = FEISHU.open(nameless, from_feishu(payload("feishu_text.json"))).heard

    assert heard.to_bot
    assert "小掌" not in heard.text


def test_a_post_is_read_paragraph_by_paragraph() -> None:
    (heard,) = opened("feishu_post.json").heard

    assert heard.text == "报修\n水管漏水\n@李华"
    assert (heard.kind, heard.group_id, heard.to_bot) == ("text", None, True)


def test_a_picture_is_one() -> None:
    (heard,) = opened("feishu_image.json").heard

    assert (heard.kind, heard.text, heard.to_bot) == ("image", "", False)


@pytest.mark.parametrize("is_signed", [True, False])
def test_the_challenge_is_answered_whether_it_is_signed_or_not(is_signed: bool) -> None:
    sealed = feishu_sealed(payload("feishu_challenge.json"))

    answer = FEISHU.open(KEY, feishu_signed(sealed) if is_signed else call(sealed)).answer

    assert answer is not None
    assert json.loads(answer.body) == {"challenge": "ajls384kdjx98XX"}


def tampered(body: bytes) -> Call:
    return replace(from_feishu(payload("feishu_text.json")), body=body)


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(call(payload("feishu_challenge.json")), id="a challenge in plain"),
        pytest.param(call(feishu_sealed(payload("feishu_text.json"))), id="unsigned"),
        pytest.param(
            call(feishu_sealed(b'{"type":"url_verification","token":"no","challenge":"x"}')),
            id="a challenge under another token",
        ),
        pytest.param(call(feishu_sealed(b"no json")), id="unsigned and unreadable"),
        pytest.param(call(b'{"encrypt":"AAAA"}'), id="unsigned and too short"),
        pytest.param(call(b'{"encrypt":"!"}'), id="unsigned and no base64"),
        pytest.param(call(b'{"encrypt":"\\ud800"}'), id="unsigned surrogate"),
        pytest.param(call(b'{"encrypt":7}'), id="unsigned number"),
        pytest.param(call(b"[]"), id="unsigned list"),
        pytest.param(tampered(feishu_sealed(payload("feishu_text.json"))), id="another body"),
        pytest.param(feishu_signed(payload("feishu_text.json")), id="signed in plain"),
        pytest.param(
            from_feishu(payload("feishu_text.json").replace(b"Hc7Tt", b"Hc7Tu")), id="wrong token"
        ),
        pytest.param(from_feishu(b"{}"), id="no token"),
        pytest.param(from_feishu(b'{"token":["Hc7"]}'), id="a token that is none"),
    ],
)
def test_what_is_not_proven_is_refused(spoilt: Call) -> None:
    with pytest.raises(NotFromPlatform):
        FEISHU.open(KEY, spoilt)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_from_another_time_is_refused(minutes: int) -> None:
    sent = from_feishu(payload("feishu_text.json"))

    with pytest.raises(NotFromPlatform):
        FEISHU.open(KEY, replace(sent, at=NOW + timedelta(minutes=minutes)))


@pytest.mark.parametrize("missing", ["encrypt_key", "verification_token"])
def test_a_bot_that_lacks_a_secret_believes_nobody(missing: str) -> None:
    with pytest.raises(NotFromPlatform):
        FEISHU.open({**KEY, missing: ""}, from_feishu(payload("feishu_text.json")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"message_id":"om_5ce', b'"x":"om_5ce'),
        (b'"chat_id":"oc_', b'"x":"oc_'),
        (b'"open_id":"ou_84', b'"x":"ou_84'),
        (b'"create_time":"1795426200123"', b'"create_time":"x"'),
        (b'"content":"{', b'"content":"'),
        (b'"event":{', b'"event":[],"x":{'),
    ],
)
def test_a_genuine_message_that_makes_no_sense_is_unreadable(old: bytes, new: bytes) -> None:
    body = payload("feishu_text.json").replace(b'"union_id":"on_8ed6aa67",', b"")
    assert old in body

    with pytest.raises(HookUnreadable):
        FEISHU.open(KEY, from_feishu(body.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"im.message.receive_v1", b"im.chat.updated_v1"),
        (b'"sender_type":"user"', b'"sender_type":"app"'),
    ],
)
def test_other_events_and_other_bots_are_answered_and_not_heard(old: bytes, new: bytes) -> None:
    got = FEISHU.open(KEY, from_feishu(payload("feishu_text.json").replace(old, new)))

    assert not got.heard
    assert got.answer is not None
    assert (got.answer.status, got.answer.body) == (200, b"{}")


def test_words_are_to_be_sent_for_no_answer_carries_them() -> None:
    got = opened("feishu_text.json")

    assert FEISHU.answer(KEY, got, None).body == b"{}"
    with pytest.raises(SayInstead):
        FEISHU.answer(KEY, got, "已登记")


def test_the_documented_signature_is_ours() -> None:
    sign = "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="

    assert signature("demo", 1599360473) == {"timestamp": "1599360473", "sign": sign}
    assert signature(None, 1599360473) == {}


async def test_words_go_to_the_robot_signed_and_mention_nobody(outside: Outside) -> None:
    outside.answers = [http({"code": 0, "msg": "success", "data": {}})]
    to = Address(robot_url=f"{outside.url}/open-apis/bot/v2/hook/T", robot_secret="demo")

    await FEISHU.send(to, Words(text='停水 <at user_id="all">所有人</at> a<b', title="通知"))

    body = outside.body
    assert outside.lines == ["POST /open-apis/bot/v2/hook/T HTTP/1.1"]
    assert body["msg_type"] == "text"
    text = '通知\n停水 ＜at user_id="all">所有人＜/at> a<b'
    assert body["content"] == {"text": text}
    assert abs(int(body["timestamp"]) - now().timestamp()) < 60
    assert body["sign"] == b64mac(f"{body['timestamp']}\ndemo".encode(), b"")


@pytest.mark.parametrize(
    "words",
    [
        Words(text="停水", title='<at user_id="all">所有人</at>'),
        Words(text="停水", link='https://p.cn/<AT user_id="all"></AT>'),
        Words(text='<\x01at user_id="all"><\ufffe/at>'),
    ],
    ids=["title", "link", "parted by what is left out"],
)
async def test_no_part_of_a_message_mentions_anybody(outside: Outside, words: Words) -> None:
    outside.answers = [http({"code": 0})]

    await FEISHU.send(Address(robot_url=outside.url), words)

    text = outside.body["content"]["text"].lower()
    assert "＜at user_id" in text
    assert "<" not in text


async def test_a_body_stays_below_20_kilobytes_however_it_is_quoted(outside: Outside) -> None:
    outside.answers = [http({"code": 0}), http({"code": 0})]
    to = Address(robot_url=outside.url, robot_secret="demo")

    for text in ("停水" * 9000, '\\"\n' * 9000):
        await FEISHU.send(to, Words(text=text, link="https://p.cn/1"))

        assert 18_000 < len(outside.bodies[-1]) <= 20 * 1024
        assert outside.body["content"]["text"].endswith("…\nhttps://p.cn/1")


async def test_a_number_for_two_things_is_told_apart_by_its_sentence(outside: Outside) -> None:
    outside.answers = [http({"code": 9499, "msg": "too many request", "data": {}})]

    with pytest.raises(Failed) as caught:
        await FEISHU.send(Address(robot_url=outside.url), Words(text="停水"))

    assert (caught.value.lane, caught.value.sent) == (True, False)


@pytest.mark.parametrize(
    ("code", "error", "lane"),
    [
        (19021, Refused, False),
        (19022, Refused, False),
        (19024, Refused, False),
        (9499, Refused, False),
        (11232, Failed, True),
        (77777, Failed, False),
    ],
)
async def test_http_200_with_a_code_is_a_failure(
    outside: Outside, code: int, error: type[Failed | Refused], lane: bool
) -> None:
    outside.answers = [http({"code": code, "msg": "sign match fail"})]

    with pytest.raises(error) as caught:
        await FEISHU.send(Address(robot_url=outside.url), Words(text="停水"))

    assert str(caught.value) == str(code)
    if isinstance(caught.value, Failed):
        assert (caught.value.lane, caught.value.sent) == (lane, not lane)
