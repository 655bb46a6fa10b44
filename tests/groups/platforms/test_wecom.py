import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from app.core.sending import Failed, Refused
from app.groups.platforms import Address, Call, Opened, Words
from app.groups.problems import HookUnreadable, NotFromPlatform
from app.sandbox import crypto
from tests.groups.platforms.calls import CORP, KEYS, NOW, STAMP, call, from_wecom, payload, platform
from tests.groups.platforms.outside import Outside, http

WECOM = platform("wecom")
KEY = KEYS["wecom"]
# The example that WeCom's own libraries come with.
DOCUMENTED = {
    "token": "QDG6eK",
    "aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "corp_id": "wx5823bf96d3bd56c7",
}
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
SEALED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUp"
    "j911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue"
    "06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+"
    "3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH"
    "27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8"
    "R07+qN+E7Q=="
)


def documented_handshake(**changed: str) -> Call:
    query = {
        "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        "timestamp": "1409659589",
        "nonce": "263014780",
        "echostr": ECHO,
        **changed,
    }
    return call(query=query, method="GET", at=datetime.fromtimestamp(1409659589, UTC))


def opened(name: str) -> Opened:
    return WECOM.open(KEY, from_wecom(payload(name)))


def test_the_documented_handshake_is_answered_with_what_is_sealed_in_it() -> None:
    answer = WECOM.open(DOCUMENTED, documented_handshake()).answer

    assert answer is not None
    assert (answer.body, answer.media_type) == (b"1616140317555161061", "text/plain")


@pytest.mark.parametrize(
    "changed",
    [
        {"msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd4"},
        {"msg_signature": "\udcff"},
        {"timestamp": "140965958"},
        {"timestamp": "٢٤٠٩٦٥٩٥٨٩"},
        {"nonce": ""},
        {"echostr": ""},
        {"echostr": "\udcff"},
    ],
)
def test_a_handshake_that_is_not_wecoms_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(NotFromPlatform):
        WECOM.open(DOCUMENTED, documented_handshake(**changed))


def test_an_old_handshake_is_refused() -> None:
    late = replace(documented_handshake(), at=datetime.fromtimestamp(1409659589 + 301, UTC))

    with pytest.raises(NotFromPlatform):
        WECOM.open(DOCUMENTED, late)


def test_the_documented_message_opens() -> None:
    corp = DOCUMENTED["corp_id"]
    body = (
        f"<xml>\n<ToUserName><![CDATA[{corp}]]></ToUserName>"
        f"<Encrypt><![CDATA[{SEALED}]]></Encrypt>\n<AgentID><![CDATA[218]]></AgentID>\n</xml>\n"
    )
    query = {
        "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
        "timestamp": "1409659813",
        "nonce": "1372623149",
    }
    at = datetime.fromtimestamp(1409659813, UTC)

    (heard,) = WECOM.open(DOCUMENTED, call(body.encode(), query=query, at=at)).heard

    assert (heard.sender_id, heard.text) == ("mycreate", "hello")
    assert heard.message_id == "4561255354251345929"
    assert heard.sent_at == at


def test_a_recorded_message_is_to_the_bot_alone() -> None:
    (heard,) = opened("wecom_text.xml").heard

    assert (heard.sender_id, heard.group_id, heard.to_bot) == ("WangXiuYing", None, True)
    assert (heard.kind, heard.text, heard.sent_at) == ("text", "报修 水管漏水", NOW)


def test_a_picture_is_one_and_an_event_is_nothing() -> None:
    assert opened("wecom_image.xml").heard[0].kind == "image"
    event = opened("wecom_event.xml")
    assert not event.heard
    assert event.answer is not None
    assert (event.answer.status, event.answer.body) == (200, b"")


def test_the_reply_is_sealed_for_the_company_and_signed() -> None:
    got = opened("wecom_text.xml")

    answer = WECOM.answer(KEY, got, "已登记 ]]></Content><x>")

    assert answer.media_type in {"application/xml", "text/xml"}
    envelope = {part.tag: part.text or "" for part in etree.fromstring(answer.body)}
    parts = sorted([KEY["token"], envelope["TimeStamp"], envelope["Nonce"], envelope["Encrypt"]])
    signature = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324
    assert envelope["MsgSignature"] == signature
    plain = crypto.decrypt(envelope["Encrypt"], aes_key=KEY["aes_key"], app_id=CORP)
    reply = {part.tag: part.text for part in etree.fromstring(plain.encode())}
    assert reply == {
        "ToUserName": "WangXiuYing",
        "FromUserName": CORP,
        "CreateTime": STAMP,
        "MsgType": "text",
        "Content": "已登记 ]]></Content><x>",
    }
    assert WECOM.answer(KEY, got, None).body == b""


def test_a_message_for_another_company_is_refused() -> None:
    body = payload("wecom_text.xml").replace(CORP.encode(), b"ww0000000000000000")

    with pytest.raises(NotFromPlatform):
        WECOM.open(KEY, from_wecom(body))


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_from_another_time_is_refused(minutes: int) -> None:
    sent = from_wecom(payload("wecom_text.xml"))

    with pytest.raises(NotFromPlatform):
        WECOM.open(KEY, replace(sent, at=NOW + timedelta(minutes=minutes)))


@pytest.mark.parametrize("missing", ["token", "aes_key", "corp_id"])
def test_a_bot_that_lacks_a_secret_believes_nobody(missing: str) -> None:
    with pytest.raises(NotFromPlatform):
        WECOM.open({**KEY, missing: ""}, from_wecom(payload("wecom_text.xml")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<MsgId>4561255354251345929</MsgId>", b""),
        (b"<FromUserName><![CDATA[WangXiuYing]]></FromUserName>", b""),
        (b"1795426200", b"zzz"),
        (b"1795426200", b"0"),
        (b"</xml>", b"<Content>x</Content></xml>"),
        (b"<xml>", b"<!DOCTYPE x><xml>"),
        (b"</xml>", b""),
    ],
)
def test_a_genuine_message_that_makes_no_sense_is_unreadable(old: bytes, new: bytes) -> None:
    body = payload("wecom_text.xml")
    assert old in body

    with pytest.raises(HookUnreadable):
        WECOM.open(KEY, from_wecom(body.replace(old, new)))


def test_a_body_that_is_too_large_or_no_xml_is_unreadable() -> None:
    genuine = from_wecom(payload("wecom_text.xml"))

    for body in (b"<xml>" + b" " * 70_000 + b"</xml>", b'{"Encrypt":"x"}', b""):
        with pytest.raises((HookUnreadable, NotFromPlatform)):
            WECOM.open(KEY, replace(genuine, body=body))


async def sent(outside: Outside, words: Words) -> Any:
    outside.answers = [http({"errcode": 0, "errmsg": "ok"})]
    to = Address(robot_url=f"{outside.url}/cgi-bin/webhook/send?key=693a91f6-7xxx")
    assert await WECOM.send(to, words) is None
    assert outside.lines == ["POST /cgi-bin/webhook/send?key=693a91f6-7xxx HTTP/1.1"]
    return outside.body


async def test_a_long_text_is_cut_at_2048_bytes_and_keeps_its_link(outside: Outside) -> None:
    link = "https://palm.example.org/c/yiyi/n/1"
    body = await sent(outside, Words(text="停水" * 1000, title="停水通知", link=link))

    text = body["text"]["content"]
    assert body["msgtype"] == "text"
    assert text.startswith("停水通知\n停水停水")
    assert text.endswith((f"停…\n{link}", f"水…\n{link}"))
    assert 2040 < len(text.encode()) <= 2048


async def test_markdown_has_its_own_limit_and_ends_with_a_whole_line(outside: Outside) -> None:
    lines = "\n".join(f"- [第{n}条](https://palm.example.org/{n})" for n in range(200))
    body = await sent(outside, Words(text="x", markdown=lines, title="通知", link="https://p.cn/1"))

    text = body["markdown"]["content"]
    assert body["msgtype"] == "markdown"
    assert text.startswith("### 通知\n- [第0条](https://palm.example.org/0)\n")
    assert text.endswith(")\n…\n[查看详情](https://p.cn/1)")
    assert 4000 < len(text.encode()) <= 4096


@pytest.mark.parametrize("markdown", [None, "<@WangXiuYing> a<b"])
async def test_no_part_of_a_message_mentions_anybody(
    outside: Outside, markdown: str | None
) -> None:
    text, title, link = "<@WangXiuYing> a<b", "<@all>", "https://p.cn/<@all>"

    body = await sent(outside, Words(text=text, markdown=markdown, title=title, link=link))

    assert body.keys() == {"msgtype", body["msgtype"]}
    assert body[body["msgtype"]].keys() == {"content"}
    said = body[body["msgtype"]]["content"]
    assert said.count("＜@") == 3
    assert "<@" not in said
    assert "a<b" in said


@pytest.mark.parametrize(
    ("code", "error", "lane", "taken", "wait"),
    [
        (45009, Failed, True, False, timedelta(minutes=1)),
        (93000, Refused, False, False, None),
        (-1, Failed, False, True, timedelta(seconds=2)),
        (12345, Failed, False, True, None),
    ],
)
async def test_http_200_with_a_code_is_a_failure(
    outside: Outside,
    code: int,
    error: type[Failed | Refused],
    lane: bool,
    taken: bool,
    wait: timedelta | None,
) -> None:
    outside.answers = [http({"errcode": code, "errmsg": "…"})]

    with pytest.raises(error) as caught:
        await WECOM.send(Address(robot_url=f"{outside.url}/send?key=K"), Words(text="停水"))

    assert str(caught.value) == str(code)
    if isinstance(caught.value, Failed):
        assert (caught.value.lane, caught.value.sent) == (lane, taken)
        assert caught.value.wait == {45009: timedelta(minutes=1), -1: timedelta(seconds=2)}.get(
            code
        )
