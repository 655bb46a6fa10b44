import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from app.core.clock import now
from app.core.sending import Failed, Refused
from app.groups.platforms import Address, Opened, Words
from app.groups.problems import HookUnreadable, NotFromPlatform
from tests.groups.platforms.calls import KEYS, NOW, STAMP, call, from_signed, payload, platform
from tests.groups.platforms.outside import Outside, http

SIGNED = platform("signed")
KEY = KEYS["signed"]
OTHER = "whsec_" + base64.b64encode(b"another-key-of-24-bytes!").decode()
# { printf 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W.1795426200.'; cat signed_group.json; } |
#   openssl dgst -sha256 -hmac 'palm-community-test-key!' -binary | base64
SIGNATURE = "v1,SzRpzhbosuAhPfwgeycW+xfLAaNFoewUjGbH/kvswkU="
HEADERS = {
    "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
    "webhook-timestamp": STAMP,
    "webhook-signature": SIGNATURE,
}


def opened(**changed: str) -> Opened:
    return SIGNED.open(KEY, call(payload("signed_group.json"), {**HEADERS, **changed}))


def test_a_recorded_message_passes_by_the_signature_openssl_makes() -> None:
    (heard,) = opened().heard

    assert (heard.message_id, heard.group_id, heard.group_name) == (
        "m-9f2",
        "building-3",
        "3栋楼栋交流群",
    )
    assert (heard.sender_id, heard.sender_name) == ("u-20001", "王秀英")
    assert heard.text == "接龙 周六打疫苗\n1. 王秀英 3-502"
    assert (heard.sent_at, heard.to_bot, heard.reply_to) == (NOW, False, "m-9f1")


def test_what_a_stranger_to_our_code_signed_passes() -> None:
    body = payload("signed_private.json").decode()
    signature = Webhook(KEY["secret"]).sign("msg_7", datetime.fromtimestamp(int(STAMP), UTC), body)
    headers = {**HEADERS, "webhook-id": "msg_7", "webhook-signature": signature}

    (heard,) = SIGNED.open(KEY, call(body.encode(), headers)).heard

    assert (heard.message_id, heard.sent_at) == ("msg_7", NOW)
    assert (heard.group_id, heard.to_bot, heard.text) == (None, True, "帮助")


@pytest.mark.parametrize(
    "signatures",
    [
        f"v1,AAAA {SIGNATURE}",
        f"{SIGNATURE} v1,AAAA",
        f"v1a,zzz v2,{SIGNATURE[3:]} {SIGNATURE}",
    ],
)
def test_one_good_signature_of_several_is_enough(signatures: str) -> None:
    assert opened(**{"webhook-signature": signatures}).heard


def test_the_secret_before_is_believed_while_it_is_kept() -> None:
    sent = call(payload("signed_group.json"), HEADERS)

    assert SIGNED.open({"secret": OTHER, "previous_secret": KEY["secret"]}, sent).heard
    with pytest.raises(NotFromPlatform):
        SIGNED.open({"secret": OTHER}, sent)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,a"},
        {"webhook-signature": "v1"},
        {"webhook-signature": SIGNATURE[3:]},
        {"webhook-signature": "v2," + SIGNATURE[3:]},
        {"webhook-signature": SIGNATURE.replace("=", "")},
        {"webhook-signature": "v1,\udcff中"},
        {"webhook-signature": " ".join(["v1,AAAA"] * 10 + [SIGNATURE])},
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-id": "中"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "inf"},
        {"webhook-timestamp": f"{STAMP}.0"},
        {"webhook-timestamp": f" {STAMP}"},
        {"webhook-timestamp": ""},
    ],
)
def test_what_is_not_signed_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(NotFromPlatform):
        opened(**changed)


def test_a_body_that_is_not_the_signed_one_is_refused_unread() -> None:
    for body in (payload("signed_group.json")[:-2], b"", b"\xff\xfe"):
        with pytest.raises(NotFromPlatform):
            SIGNED.open(KEY, call(body, HEADERS))


def test_an_id_with_a_dot_is_unreadable() -> None:
    with pytest.raises(HookUnreadable):
        opened(**{"webhook-id": "msg.1"})


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_from_another_time_is_refused(minutes: int) -> None:
    sent = call(payload("signed_group.json"), HEADERS, at=NOW + timedelta(minutes=minutes))

    with pytest.raises(NotFromPlatform):
        SIGNED.open(KEY, sent)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "not base64!"])
def test_a_bot_without_a_real_secret_believes_nobody(secret: str) -> None:
    with pytest.raises(NotFromPlatform):
        SIGNED.open({"secret": secret}, call(payload("signed_group.json"), HEADERS))


@pytest.mark.parametrize(
    "changed",
    [
        {"sender": None},
        {"sender": {"name": "王秀英"}},
        {"sender": {"id": "a\u0000b"}},
        {"sender": {"id": "\ud800"}},
        {"text": None},
        {"text": ["a"]},
        {"group": {"id": "x"}},
        {"id": "x" * 201},
        {"at": "yesterday"},
        {"at": "2026-11-23T17:30:00"},
        {"at": "0001-01-01T00:00:00+08:00"},
        {"at": 1795426200},
        {"reply_to": 1.5},
    ],
)
def test_a_genuine_message_that_makes_no_sense_is_unreadable(changed: dict[str, object]) -> None:
    body = {**json.loads(payload("signed_group.json")), **changed}

    with pytest.raises(HookUnreadable):
        SIGNED.open(KEY, from_signed(json.dumps(body).encode()))


def test_what_cannot_be_kept_is_taken_out_of_the_words_and_they_are_heard() -> None:
    body = json.loads(payload("signed_group.json"))
    body["text"] = "水\x00管\ud800漏\U0001f600水"

    (heard,) = SIGNED.open(KEY, from_signed(json.dumps(body).encode())).heard

    assert heard.text == "水管漏\U0001f600水"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 60_000,
        b'\\"' * 100_000,
        b'{"text":"' + b"\\" * 200_001,
        b'{"text":"a","text":"b"}',
        b'{"text":' + b"9" * 100_000 + b"}",
        b"\xef\xbb\xbf{}",
        b"null",
        b"",
    ],
)
def test_hostile_json_is_unreadable_at_once(body: bytes) -> None:
    began = datetime.now(UTC)

    with pytest.raises(HookUnreadable):
        SIGNED.open(KEY, from_signed(body))

    assert datetime.now(UTC) - began < timedelta(seconds=0.5)


def test_the_answer_is_a_reply_or_null() -> None:
    got = opened()

    assert json.loads(SIGNED.answer(KEY, got, "已登记").body) == {"reply": "已登记"}
    assert json.loads(SIGNED.answer(KEY, got, None).body) == {"reply": None}


async def test_what_we_send_can_be_checked_by_anybody_with_the_secret(outside: Outside) -> None:
    outside.answers = [http({"id": "b-1"}), http(b"", "204 No Content")]
    to = Address(group_id="building-3", api=f"{outside.url}/palm", keys={**KEY, "junk": "x"})
    words = Words(
        text="停水", title="通知", markdown="**停水**", link="https://p.cn/1", dedupe="d.1"
    )

    assert await SIGNED.send(to, words) == "b-1"
    assert await SIGNED.send(to, words) is None

    said = Webhook(KEY["secret"]).verify(outside.bodies[0], outside.headers[0])
    assert said == {
        "group": "building-3",
        "title": "通知",
        "text": "停水",
        "markdown": "**停水**",
        "link": "https://p.cn/1",
    }
    first, second = (headers["webhook-id"] for headers in outside.headers)
    assert first == second
    assert "." not in first
    assert abs(int(outside.headers[0]["webhook-timestamp"]) - now().timestamp()) < 60


async def test_while_a_secret_is_changed_both_sign(outside: Outside) -> None:
    outside.answers = [http({})]
    keys = {"secret": OTHER, "previous_secret": KEY["secret"]}

    await SIGNED.send(Address(group_id="g", api=outside.url, keys=keys), Words(text="停水"))

    for secret in keys.values():
        Webhook(secret).verify(outside.bodies[0], outside.headers[0])


async def test_messages_without_a_name_of_their_own_have_different_ids(outside: Outside) -> None:
    outside.answers = [http({}), http({})]
    to = Address(group_id="g", api=outside.url, keys=KEY)

    await SIGNED.send(to, Words(text="停水"))
    await SIGNED.send(to, Words(text="停水"))

    assert len({headers["webhook-id"] for headers in outside.headers}) == 2


async def test_an_error_in_the_answer_is_a_failure_and_gone_is_final(outside: Outside) -> None:
    outside.answers = [http({"error": "no such group"}), http(b"", "410 Gone")]
    to = Address(group_id="g", api=outside.url, keys=KEY)

    with pytest.raises(Failed):
        await SIGNED.send(to, Words(text="停水"))
    with pytest.raises(Refused) as caught:
        await SIGNED.send(to, Words(text="停水"))
    assert caught.value.code == "http_410"
    with pytest.raises(Refused):
        await SIGNED.send(replace(to, keys={}), Words(text="停水"))
