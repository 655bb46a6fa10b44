"""What WeCom, DingTalk and Feishu report, opened by the means of others or by hand."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from lxml import etree
from starlette.responses import JSONResponse, PlainTextResponse, Response
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.sandbox.hooks import AES_KEY, CORP_ID, SECRET, TOKEN, WANG, Chats, Hook, Report

ENCRYPT_KEY = "kEncrypt"


@pytest.fixture
def wecom(chats: Chats) -> str:
    chats.add_bot("palm", token=TOKEN, aes_key=AES_KEY, corp_id=CORP_ID, agent_id="1000007")
    chats.add_group("wrGroup", bot="palm", platform="wecom")
    return "wrGroup"


@pytest.fixture
def dingtalk(chats: Chats) -> str:
    chats.add_bot("dingrobot", secret=SECRET, corp_id="ding123")
    chats.add_group("cidGroup+==", bot="dingrobot", platform="dingtalk")
    return "cidGroup+=="


@pytest.fixture
def feishu(chats: Chats) -> str:
    chats.add_bot("cli_a1", token=TOKEN, encrypt_key=ENCRYPT_KEY, corp_id="tenant1")
    chats.add_group("oc_group", bot="cli_a1", platform="feishu")
    return "oc_group"


def fields_of(xml: str | bytes) -> dict[str, str]:
    root = etree.fromstring(xml.encode() if isinstance(xml, str) else xml)
    return {str(child.tag): child.text or "" for child in root}


def opened(report: Report) -> dict[str, str]:
    """A callback of WeCom as wechatpy opens it, signature and company checked."""
    crypto = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
    query = report.query
    signed = (query["msg_signature"], query["timestamp"], query["nonce"])
    return fields_of(crypto.decrypt_message(report.body.decode(), *signed))


def sealed(report: Report, inner: str) -> Response:
    crypto = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
    text = crypto.encrypt_message(inner, report.query["nonce"], report.query["timestamp"])
    return Response(text, media_type="text/xml")


def reply_to(to: str, text: str) -> str:
    return (
        f"<xml><ToUserName>{to}</ToUserName><FromUserName>{CORP_ID}</FromUserName>"
        "<CreateTime>1795444291</CreateTime><MsgType>text</MsgType>"
        f"<Content><![CDATA[{text}]]></Content></xml>"
    )


def test_wecom_tells_what_is_written_to_the_application(
    chats: Chats, hook: Hook, wecom: str
) -> None:
    hook.answers = [lambda report: sealed(report, reply_to(WANG, "已登记"))]

    chats.say("水管漏水", group=wecom)
    outcome = chats.say("报修 水管漏水", group=wecom, at_bot=True)

    (report,) = hook.reports
    fields = opened(report)
    assert fields | {"ToUserName": CORP_ID, "FromUserName": WANG, "MsgType": "text"} == fields
    assert (fields["Content"], fields["AgentID"]) == ("报修 水管漏水", "1000007")
    assert fields["MsgId"].isdecimal()
    assert fields_of(report.body)["ToUserName"] == CORP_ID
    assert outcome["outcome"] == "text"
    assert (outcome["reply"]["text"], outcome["reply"]["to"]) == ("已登记", WANG)


def test_wecom_tries_again_with_the_same_number(chats: Chats, hook: Hook, wecom: str) -> None:
    hook.answers = [lambda _: Response(status_code=500)] * 2

    outcome = chats.say("报修", group=wecom, at_bot=True)

    assert outcome["attempts"] == 3
    assert len({opened(report)["MsgId"] for report in hook.reports}) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: PlainTextResponse("hello"), "not XML"),
        (lambda r: sealed(r, reply_to("20002", "给别人")), "turned round"),
        (lambda r: sealed(r, reply_to(WANG, "长" * 700)), "2048 bytes"),
        (lambda _: Response(reply_to(WANG, "没有加密")), "MsgSignature"),
    ],
)
def test_wecom_shows_no_reply_that_it_cannot_open(
    chats: Chats, hook: Hook, wecom: str, answer: Any, reason: str
) -> None:
    hook.answers = [answer]

    outcome = chats.say("报修", group=wecom, at_bot=True)

    assert outcome["outcome"] == "broken"
    assert reason in outcome["reason"]


def test_wecom_greets_by_an_encrypted_echo(chats: Chats, hook: Hook, wecom: str) -> None:
    def echo(report: Report) -> Response:
        crypto, query = WeChatCrypto(TOKEN, AES_KEY, CORP_ID), report.query
        names = ("msg_signature", "timestamp", "nonce", "echostr")
        return PlainTextResponse(crypto.check_signature(*(query[name] for name in names)))

    hook.answers = [echo, lambda report: PlainTextResponse(report.query["echostr"])]
    path = "/bots/palm/verify"

    assert chats.box.post(path, {}, platform="wecom") == {"ok": True}
    assert chats.box.post(path, {}, platform="wecom") == {"ok": False}
    assert [report.method for report in hook.reports] == ["GET", "GET"]
    assert chats.box.http.post(path).status_code == 422
    assert chats.box.http.post("/bots/nobody/verify?platform=wecom").status_code == 404


def test_dingtalk_tells_only_what_mentions_the_robot(
    chats: Chats, hook: Hook, dingtalk: str
) -> None:
    answer = {"msgtype": "markdown", "markdown": {"title": "报修", "text": "### 已登记"}}
    hook.answers = [lambda _: JSONResponse(answer)]

    assert chats.say("随便说说", group=dingtalk)["outcome"] == "untold"
    outcome = chats.say("报修 灯坏了", group=dingtalk, at_bot=True)

    (report,) = hook.reports
    timestamp = report.headers["timestamp"]
    digest = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256)
    assert report.headers["sign"] == base64.b64encode(digest.digest()).decode()
    assert abs(int(timestamp) / 1000 - time.time()) < 60
    message = json.loads(report.body)
    assert (message["msgtype"], message["text"]["content"]) == ("text", " 报修 灯坏了")
    assert (message["conversationType"], message["conversationId"]) == ("2", dingtalk)
    assert (message["senderStaffId"], message["senderNick"]) == (WANG, "王秀英")
    assert message["isInAtList"] is True
    assert (outcome["reply"]["type"], outcome["reply"]["text"]) == ("markdown", "### 已登记")


def test_dingtalk_takes_an_answer_by_the_address_that_came_along(
    chats: Chats, hook: Hook, dingtalk: str
) -> None:
    chats.say("报修", group=dingtalk, at_bot=True)
    address = json.loads(hook.reports[0].body)["sessionWebhook"]
    body = {"msgtype": "text", "text": {"content": "已派单"}}

    assert chats.box.http.post(address, json=body).json() == {"errcode": 0, "errmsg": "ok"}
    assert chats.texts(dingtalk) == ["@小掌 报修", "已派单"]
    assert chats.box.http.post(f"{address}x", json=body).json()["errcode"] == 300005


def test_dingtalk_does_not_try_again(chats: Chats, hook: Hook, dingtalk: str) -> None:
    hook.answers = [lambda _: Response(status_code=500)]

    outcome = chats.say("报修", group=dingtalk, at_bot=True)

    assert (outcome["outcome"], len(hook.reports)) == ("rejected", 1)


@pytest.mark.parametrize("body", ["{", '{"msgtype": "text"}', '{"msgtype": "fly"}'])
def test_dingtalk_shows_no_answer_that_it_cannot_read(
    chats: Chats, hook: Hook, dingtalk: str, body: str
) -> None:
    hook.answers = [lambda _: Response(body)]

    assert chats.say("报修", group=dingtalk, at_bot=True)["outcome"] == "broken"


def unsealed(report: Report) -> dict[str, Any]:
    """An event of Feishu, opened by hand."""
    blob = base64.b64decode(json.loads(report.body)["encrypt"])
    key = hashlib.sha256(ENCRYPT_KEY.encode()).digest()
    decryptor = Cipher(algorithms.AES(key), modes.CBC(blob[:16])).decryptor()
    padded = decryptor.update(blob[16:]) + decryptor.finalize()
    event: dict[str, Any] = json.loads(padded[: -padded[-1]])
    return event


def test_feishu_tells_everything_encrypted_and_signed(
    chats: Chats, hook: Hook, feishu: str
) -> None:
    hook.answers = [lambda _: JSONResponse({"msg": "没人看的话"})]

    outcome = chats.say("报修 灯坏了", group=feishu, at_bot=True)

    (report,) = hook.reports
    headers = report.headers
    parts = headers["x-lark-request-timestamp"] + headers["x-lark-request-nonce"] + ENCRYPT_KEY
    assert headers["x-lark-signature"] == hashlib.sha256(parts.encode() + report.body).hexdigest()
    event = unsealed(report)
    assert event["schema"] == "2.0"
    assert event["header"]["event_type"] == "im.message.receive_v1"
    assert event["header"]["token"] == TOKEN
    message = event["event"]["message"]
    assert (message["chat_id"], message["chat_type"], message["message_type"]) == (
        feishu,
        "group",
        "text",
    )
    assert json.loads(message["content"]) == {"text": "@_user_1 报修 灯坏了"}
    assert message["mentions"][0]["name"] == "小掌"
    assert event["event"]["sender"]["sender_id"]["open_id"] == f"ou_{WANG}"
    assert outcome["outcome"] == "none"


def test_feishu_tells_again_under_the_same_event_id(chats: Chats, hook: Hook, feishu: str) -> None:
    chats.box.break_down(groups=[{"kind": "lost_reply"}, {"kind": "bad_signature"}])

    outcome = chats.say("您好", group=feishu)

    assert outcome["attempts"] == 2
    assert len({unsealed(report)["header"]["event_id"] for report in hook.reports}) == 1
    assert "mentions" not in unsealed(hook.reports[0])["event"]["message"]


def test_feishu_without_an_encrypt_key_speaks_in_the_clear(
    chats: Chats, hook: Hook, feishu: str
) -> None:
    chats.add_bot("cli_a1", token=TOKEN)

    first = chats.say("您好", group=feishu)
    chats.say("您也好", group=feishu, reply_to=first["message_id"])

    one, other = (json.loads(report.body)["event"]["message"] for report in hook.reports)
    assert json.loads(one["content"]) == {"text": "您好"}
    assert other["parent_id"] == one["message_id"]
    assert "x-lark-signature" not in hook.reports[0].headers


def test_feishu_greets_by_a_challenge(chats: Chats, hook: Hook, feishu: str) -> None:
    def right(report: Report) -> Response:
        asked = unsealed(report)
        assert (asked["type"], asked["token"]) == ("url_verification", TOKEN)
        return JSONResponse({"challenge": asked["challenge"]})

    hook.answers = [
        right,
        lambda _: JSONResponse({"challenge": "x"}),
        lambda _: PlainTextResponse("x"),
    ]
    path = "/bots/cli_a1/verify"

    answers = [chats.box.post(path, {}, platform="feishu")["ok"] for _ in range(4)]

    assert answers == [True, False, False, False]
